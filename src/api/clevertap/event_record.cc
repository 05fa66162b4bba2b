#include "api/clevertap/event_record.h"

#include "api/clevertap/items.h"
#include "api/clevertap/limits.h"
#include "json/lenient.h"
#include "json/writer.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace api::clevertap {
namespace {

/// The vendor's system events, compared without case and blanks.
constexpr std::array<std::string_view, 17> kRestrictedNames = {
    "notificationsent",    "notificationviewed",
    "notificationclicked", "notificationdelivered",
    "notificationreplied", "utmvisited",
    "applaunched",         "appuninstalled",
    "appversionchanged",   "stayed",
    "replysent",           "experimentrendered",
    "reachableby",         "identityreset",
    "identityset",         "identityerror",
    "webpageviewed",  // in no list, but the service was seen to answer 513
};

constexpr std::array<std::string_view, 8> kRecordKeys = {
    "type", "evtName", "evtData", "ts", "identity", "FBID", "GPID", "objectId"};

std::optional<Problem> check_name(json::Value name, const RequestFacts& facts) {
  const std::string_view text = name.string().value_or("");
  const std::string normalized = normalized_name(text);
  if (normalized.empty()) {
    return event_name_problem(kEventNameMissing, "Event name is mandatory");
  }
  if (!facts.imported &&
      std::ranges::find(kRestrictedNames, normalized) != kRestrictedNames.end()) {
    return event_name_problem(kRestrictedEvent, "Trying to raise a restricted system event");
  }
  return std::nullopt;
}

LimitCheck check_limits(std::string_view name, json::Value data, const RequestFacts& facts) {
  LimitCheck check;
  check.check_key("evtName", name);
  check.check_count(data.size());
  check.check_members(data);
  if (facts.refused_types.contains(name)) {
    check.add(kBadStructure, "event type " + json::quote_short(name) + " would be number " +
                                 std::to_string(kEventTypesMax + 1) + ", at most " +
                                 std::to_string(kEventTypesMax) + " are allowed");
  }
  return check;
}

/// evtData as sent, and behind it what else the record holds ("source" of Segment), under a longer
/// name where evtData has that key itself.
std::string write_properties(json::Value record, json::Value data) {
  json::Writer writer;
  writer.reserve(data).begin_object().members(data);
  for (const json::Member member : record.members()) {
    if (std::ranges::find(kRecordKeys, member.key) != kRecordKeys.end()) {
      continue;
    }
    std::string key(member.key);
    while (data[key]) {
      key.insert(0, "record.");
    }
    writer.key(key).value(member.value);
  }
  writer.end_object();
  return std::move(writer).text();
}

void fill_identity(const Envelope& envelope, event::Event& out) {
  for (const event::Identity& identity : envelope.identities) {
    if (identity.kind == "objectid") {
      out.user_pseudo_id = identity.value;
    } else if (out.user_id.empty()) {
      out.user_id = identity.value;
      out.user_id_kind = identity.kind;
    }
  }
  if (out.user_id.empty()) {
    out.user_id_kind = "objectid";
  }
}

void fill_purchase(json::Value data, event::Event& out) {
  out.event_value = json::read_double(data["Amount"]);
  out.currency = json::to_text(data["Currency"]);
  out.items = read_items(data["Items"]);
}

}  // namespace

bool is_free_name(std::string_view name) {
  const std::string normalized = normalized_name(name);
  return !normalized.empty() &&
         std::ranges::find(kRestrictedNames, normalized) == kRestrictedNames.end();
}

std::optional<Problem> read_event(json::Value record, const RequestFacts& facts,
                                  const Envelope& envelope, event::Event& out) {
  if (std::optional<Problem> problem = check_name(record["evtName"], facts)) {
    return problem;
  }
  const std::string_view name = *record["evtName"].string();
  const json::Value data = record["evtData"];
  if (!data.is_object()) {
    return event_problem(kBadStructure, "evtData must be an object");
  }
  const LimitCheck limits = check_limits(name, data, facts);
  if (!facts.lenient && !limits.found().empty()) {
    const Excess& first = limits.found().front();
    return event_problem(first.code, first.detail);
  }
  out.app_id = std::string(facts.app_id);
  out.api = event::Api::kClevertap;
  out.event_name = std::string(name);
  out.event_timestamp = envelope.time_us;
  out.received_at = facts.received_us;
  out.peer_ip = std::string(facts.peer_ip);
  out.user_agent = facts.user_agent;
  fill_identity(envelope, out);
  out.properties = write_properties(record, data);
  out.limit_errors = limit_errors(limits.found(), record.repairs());
  if (normalized_name(name) == "charged") {
    fill_purchase(data, out);
  }
  out.person = make_person(facts, envelope);
  return std::nullopt;
}

}  // namespace api::clevertap
