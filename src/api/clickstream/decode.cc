#include "api/clickstream/decode.h"

#include "api/clickstream/attributes.h"
#include "api/clickstream/batch.h"
#include "api/clickstream/forwarded.h"
#include "api/clickstream/glance.h"
#include "api/clickstream/items.h"
#include "api/clickstream/limits.h"
#include "api/clickstream/measure.h"
#include "api/clickstream/user.h"
#include "codec/text.h"
#include "event/imported.h"
#include "json/lenient.h"
#include "json/writer.h"

#include <optional>
#include <utility>

namespace api::clickstream {
namespace {

/// What every event of a request shares.
struct RequestFacts {
  std::string platform;
  std::string user_agent;
  std::string ip;
  event::Int event_bundle_sequence_id;
  event::Int upload_timestamp;
  bool quarantine = false;
  bool own_app = false;
  std::set<std::string, std::less<>> unknown_apps;
  std::string_view registered_apps;
};

RequestFacts read_facts(const event::Record& record) {
  RequestFacts facts;
  for (auto& [name, value] : codec::parse_query(record.query())) {
    if (name == "platform") {
      facts.platform = json::make_utf8(value);
    } else if (name == "event_bundle_sequence_id") {
      facts.event_bundle_sequence_id = json::parse_integer(value);
    } else if (name == "upload_timestamp") {
      const std::optional<std::int64_t> time_ms = json::parse_integer(value);
      facts.upload_timestamp = time_ms ? to_time_us(*time_ms) : std::nullopt;
    }
  }
  std::string_view address;
  if (record.note("trust_forwarded_for") != "0") {
    address = leftmost_address(record.header("x-forwarded-for"));
  }
  facts.user_agent = json::make_utf8(record.user_agent);
  facts.ip = address.empty() ? record.peer_ip : address;
  facts.quarantine = record.note("limits") == "quarantine";
  facts.own_app = record.note(event::kOwnAppNote).has_value();
  facts.registered_apps = record.note("registered_apps").value_or("none");
  if (const auto unknown = record.note("unknown_apps")) {
    const base::Result<json::Document> list = json::Document::parse(*unknown);
    if (list) {
      for (const json::Value app_id : list->root().elements()) {
        facts.unknown_apps.insert(json::to_text(app_id));
      }
    }
  }
  return facts;
}

event::Rejection reject(json::Value unit, std::uint32_t index, Problem problem) {
  event::Rejection rejection;
  rejection.index = index;
  rejection.code = std::string(problem.code);
  rejection.reason = std::move(problem.reason);
  rejection.record = json::write(unit);
  return rejection;
}

event::Rejection reject_body(const event::Record& record, std::string_view text,
                             std::string_view code, std::string_view reason) {
  event::Rejection rejection;
  rejection.app_id = std::string(record.app_id);
  rejection.code = std::string(code);
  rejection.reason = json::make_utf8(reason);
  rejection.record = json::make_utf8(text);
  return rejection;
}

void fill_from_request(const event::Record& record, const RequestFacts& facts, event::Event& out) {
  out.received_at = base::to_us(record.received_at);
  if (out.platform.empty()) {
    out.platform = facts.platform;
  }
  out.ip = facts.ip;
  out.peer_ip = std::string(record.peer_ip);
  out.user_agent = facts.user_agent;
  out.event_bundle_sequence_id = facts.event_bundle_sequence_id;
  out.upload_timestamp = facts.upload_timestamp;
}

/// An event and what is remarkable about it.
struct Marked {
  event::Event& event;
  Marks& marks;
};

void fill_event(const event::Record& record, const RequestFacts& facts, json::Value unit,
                const Required& required, Marked marked) {
  auto& [out, marks] = marked;
  out.api = event::Api::kClickstream;
  out.app_id = std::string(facts.own_app ? record.app_id : required.app_id);
  out.event_id = std::string(required.event_id);
  out.event_name = std::string(required.event_type);
  out.event_timestamp = required.timestamp_us;
  marks.check_name("event", required.event_type);
  const json::Value user = unit["user"];
  Keep keep;
  keep.items = !read_items(unit["items"], marks, out.items);
  keep.user = !user.is_object() || !names_somebody(unit);
  read_members(unit, keep, marks, out);
  read_user(user, marks, out);
  fill_from_request(record, facts, out);
  marks.add_repairs(unit.repairs());
  out.limit_errors = marks.to_json();
}

void decode_unit(const event::Record& record, const RequestFacts& facts, json::Value unit,
                 std::uint32_t index, event::Decoded& decoded) {
  Required required;
  std::optional<Problem> problem = read_required(unit, required);
  const bool unknown = facts.unknown_apps.contains(required.app_id);
  if (!problem && unknown) {
    problem = Problem{"unknown_app", "app_id " + json::quote_short(required.app_id) +
                                         " is not a registered application; registered are: " +
                                         std::string(facts.registered_apps)};
  }
  Marks marks;
  if (!problem) {
    fill_event(record, facts, unit, required, {decoded.events.emplace_back(), marks});
    if (!facts.quarantine || marks.empty()) {
      return;
    }
    decoded.events.pop_back();
    problem = Problem{"limit_exceeded", marks.first()};
  }
  event::Rejection rejection = reject(unit, index, *std::move(problem));
  // What names no registered app is booked to the app of the query.
  rejection.app_id = std::string(
      required.app_id.empty() || unknown || facts.own_app ? record.app_id : required.app_id);
  decoded.rejections.push_back(std::move(rejection));
}

}  // namespace

event::Decoded decode(const event::Record& record) {
  event::Decoded decoded;
  const Batch batch = read_batch(record);
  if (record.kind == event::RecordKind::kRefused) {
    decoded.rejections.push_back(reject_body(record, batch.text(record),
                                             record.note("code").value_or("refused"),
                                             record.note("reason").value_or("refused")));
    return decoded;
  }
  if (batch.failure) {
    decoded.rejections.push_back(
        reject_body(record, batch.text(record), batch.failure->code, batch.failure->reason));
    return decoded;
  }
  const RequestFacts facts = read_facts(record);
  decoded.events.reserve(batch.units.size());
  std::uint32_t index = 0;
  for (const json::Value unit : batch.units) {
    decode_unit(record, facts, unit, index++, decoded);
  }
  return decoded;
}

Review review(const event::Record& record,
              const std::function<bool(std::string_view app_id)>& is_registered) {
  Review review;
  Batch batch = open_batch(record);
  if (batch.body) {
    if (const auto units = glance(record, batch.body->text(), is_registered)) {
      return Review{*units, 0, {}, {}};
    }
  }
  read_units(record, batch);
  if (batch.failure) {
    return Review{1, 1, batch.failure->reason, {}};
  }
  std::string_view known_app;
  const auto check = [&](const Required& required) -> std::optional<Problem> {
    if (required.app_id == known_app) {
      return std::nullopt;
    }
    if (!review.unknown_apps.contains(required.app_id)) {
      if (is_registered(required.app_id)) {
        known_app = required.app_id;
        return std::nullopt;
      }
      review.unknown_apps.emplace(required.app_id);
    }
    return Problem{"unknown_app", "app_id " + json::quote_short(required.app_id) +
                                      " is not a registered application"};
  };
  for (const json::Value unit : batch.units) {
    Required required;
    std::optional<Problem> problem = read_required(unit, required);
    if (!required.app_id.empty()) {
      const std::optional<Problem> app_problem = check(required);
      problem = problem ? problem : app_problem;
    }
    if (problem) {
      if (review.rejected == 0) {
        review.first_reason = "event " + std::to_string(review.units) + ": " + problem->reason;
      }
      ++review.rejected;
    }
    ++review.units;
  }
  return review;
}

}  // namespace api::clickstream
