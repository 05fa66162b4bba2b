#include "api/clickstream/user.h"

#include "api/clickstream/measure.h"
#include "json/lenient.h"

#include <optional>
#include <string>
#include <utility>

namespace api::clickstream {
namespace {

using event::PropertyChange;
using event::PropertyOp;

// A user attribute is {"value": ..., "set_timestamp": ms}; the vendor's job also takes a bare
// value.
bool is_wrapped(json::Value attribute) {
  return attribute.is_object() && static_cast<bool>(attribute["value"]);
}

json::Value value_of(json::Value attribute) {
  return is_wrapped(attribute) ? attribute["value"] : attribute;
}

PropertyChange read_attribute(const json::Member& attribute, std::int64_t event_time_ms) {
  PropertyChange change;
  change.key = std::string(attribute.key);
  change.set_time_ms = event_time_ms;
  if (is_wrapped(attribute.value)) {
    const json::Value set_timestamp = attribute.value["set_timestamp"];
    if (const std::optional<std::int64_t> set_time_us = read_time_us(set_timestamp)) {
      change.set_time_ms = *set_time_us / 1000;
    }
  }
  const json::Value value = value_of(attribute.value);
  if (value.is_null()) {
    change.op = PropertyOp::kDelete;
  } else {
    change.value_json = json::write(value);
  }
  return change;
}

std::string text_of(json::Value value) { return json::read_text(value).value_or(std::string()); }

}  // namespace

bool names_somebody(json::Value unit) {
  return !text_of(unit["unique_id"]).empty() || !text_of(unit["user_pseudo_id"]).empty() ||
         !text_of(value_of(unit["user"]["_user_id"])).empty();
}

void read_user(json::Value user, Marks& marks, event::Event& out) {
  const std::int64_t time_us = out.event_timestamp.value_or(0);
  event::ProfileChange& person = out.person;
  person.app_id = out.app_id;
  person.api = out.api;
  person.time_us = time_us;
  if (user && !user.is_null() && !user.is_object()) {
    marks.add("member user is not an object");
  }
  marks.check_count("user attributes", user.is_object() ? user.size() : 0, kUserAttributeCountMax);
  for (const json::Member attribute : user.members()) {
    marks.check_name("user attribute", attribute.key);
    marks.check_value("user attribute", attribute.key, value_of(attribute.value),
                      kUserAttributeValueCharactersMax);
    person.properties.push_back(read_attribute(attribute, time_us / 1000));
  }
  out.user_id = text_of(value_of(user["_user_id"]));
  if (const json::Value first = value_of(user["_user_first_touch_timestamp"])) {
    out.user_first_touch = read_time_us(first);
  }
  if (!out.user_pseudo_id.empty()) {
    person.identities.push_back({"device", out.user_pseudo_id});
  }
  if (!out.user_id.empty()) {
    out.user_id_kind = "user";
    person.identities.push_back({out.user_id_kind, out.user_id});
  }
}

}  // namespace api::clickstream
