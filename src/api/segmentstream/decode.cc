#include "api/segmentstream/decode.h"

#include "api/segmentstream/columns.h"
#include "api/segmentstream/glance.h"
#include "api/segmentstream/items.h"
#include "base/time_text.h"
#include "codec/hash.h"
#include "event/marks.h"
#include "json/lenient.h"
#include "json/writer.h"

#include <utility>

namespace api::segmentstream {
namespace {

// A hit without a hitId is stored each time it is sent; its id is the same whenever its journal
// record is decoded again.
std::string make_event_id(const event::Record& record) {
  std::string seed(record.request_id);
  seed += '\n';
  seed += std::to_string(base::to_us(record.received_at));
  seed += '\n';
  seed += record.peer_ip;
  seed += '\n';
  seed += record.body;
  return codec::to_hex(codec::hash128(seed));
}

void add_properties(json::Value user, std::int64_t time_ms, event::ProfileChange& person) {
  for (const json::Member member : user.members()) {
    if (member.key == "userId" || member.key == "anonymousId" || member.value.is_null()) {
      continue;
    }
    event::PropertyChange change;
    change.key = std::string(member.key);
    change.value_json = json::write(member.value);
    change.set_time_ms = time_ms;
    person.properties.push_back(std::move(change));
  }
}

void read_person(json::Value root, event::Event& out) {
  Ids ids = read_ids(root);
  out.user_pseudo_id = std::move(ids.anonymous_id);
  out.user_id = std::move(ids.user_id);
  event::ProfileChange& person = out.person;
  person.app_id = out.app_id;
  person.api = out.api;
  person.time_us = out.event_timestamp.value_or(0);
  if (!out.user_pseudo_id.empty()) {
    person.identities.push_back({"device", out.user_pseudo_id});
  }
  if (!out.user_id.empty()) {
    out.user_id_kind = "user";
    person.identities.push_back({out.user_id_kind, out.user_id});
  }
  const std::int64_t time_ms = base::to_ms(base::from_us(person.time_us));
  add_properties(root["user"], time_ms, person);
  add_properties(root["event"]["user"], time_ms, person);
  const json::Value email_hash = root["emailHash"];
  if (email_hash && !email_hash.is_null()) {
    person.properties.push_back(
        {"emailHash", event::PropertyOp::kSet, json::write(email_hash), time_ms});
  }
}

std::string address_of(const event::Record& record, json::Value root) {
  const bool is_believed = record.note("surface") != "collect";
  const std::string given = json::read_text(root["context"]["ip"]).value_or(std::string());
  return is_believed && !given.empty() ? given : std::string(record.peer_ip);
}

void fill_event(const event::Record& record, json::Value root, event::Event& out) {
  out.app_id = std::string(record.app_id);
  out.api = event::Api::kSegmentstream;
  out.received_at = base::to_us(record.received_at);
  const std::optional<std::string_view> sent_at = root["sentAt"].string();
  const std::optional<base::Time> time = sent_at ? base::parse_iso8601(*sent_at) : std::nullopt;
  out.event_timestamp = base::to_us(time.value_or(record.received_at));
  out.event_id = json::read_text(root["hitId"]).value_or(std::string());
  if (out.event_id.empty()) {
    out.event_id = make_event_id(record);
  }
  read_person(root, out);
  read_columns(root, out);
  event::Marks marks;
  read_objects(root, marks, out);
  out.items = read_items(root["event"]);
  out.ip = address_of(record, root);
  out.peer_ip = std::string(record.peer_ip);
  if (out.user_agent.empty()) {
    out.user_agent = json::make_utf8(record.user_agent);
  }
  marks.add_repairs(root.repairs());
  out.limit_errors = marks.to_json();
}

event::Decoded reject(const event::Record& record, std::string_view text, std::string_view code,
                      std::string_view reason) {
  event::Rejection rejection;
  rejection.app_id = std::string(record.app_id);
  rejection.code = std::string(code);
  rejection.reason = json::make_utf8(reason);
  rejection.record = json::make_utf8(text);
  event::Decoded decoded;
  decoded.rejections.push_back(std::move(rejection));
  return decoded;
}

}  // namespace

event::Decoded decode(const event::Record& record) {
  const Hit hit = read_hit(record);
  if (record.kind == event::RecordKind::kRefused) {
    return reject(record, hit.text(record), record.note("code").value_or("refused"),
                  record.note("reason").value_or("refused"));
  }
  const std::optional<Problem> problem = hit.problem ? hit.problem : check_hit(hit.root());
  if (problem) {
    return reject(record, hit.text(record), problem->code, problem->reason);
  }
  event::Decoded decoded;
  fill_event(record, hit.root(), decoded.events.emplace_back());
  return decoded;
}

std::optional<Problem> check(const event::Record& record) {
  if (is_plainly_good(record)) {
    return std::nullopt;
  }
  const Hit hit = read_hit(record);
  return hit.problem ? hit.problem : check_hit(hit.root());
}

}  // namespace api::segmentstream
