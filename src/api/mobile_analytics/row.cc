#include "api/mobile_analytics/row.h"

#include "api/mobile_analytics/decode.h"
#include "base/time_text.h"
#include "json/writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

namespace api::mobile_analytics {
namespace {

constexpr std::string_view kPurchase = "_monetization.purchase";
/// What the Pinpoint SDK for Android writes where it has no session.
constexpr std::string_view kNoSessionId = "00000000-00000000";
/// Of what a fingerprint holds beside attributes and metrics, about.
constexpr std::size_t kIdsBytes = 256;
constexpr std::int64_t kYearMicros = std::int64_t{365} * 24 * 3600 * 1'000'000;

event::Int read_time(json::Value value) {
  const std::optional<base::Time> time = base::parse_iso8601(value.string().value_or(""));
  return time ? event::Int(base::to_us(*time)) : std::nullopt;
}

event::Int read_milliseconds(json::Value value) {
  const std::optional<double> number = value.number();
  constexpr double kMillisecondsMax = 1e15;  // 31,000 years
  if (!number || *number < 0 || *number > kMillisecondsMax) {
    return std::nullopt;
  }
  return std::llround(*number);
}

/// True when the columns show all that `session` says; otherwise it is kept in `properties` too.
bool read_session(json::Value session, event::Event& out) {
  const std::string_view id = session["id"].string().value_or("");
  const event::Int start = read_time(session["startTimestamp"]);
  const bool starts_in_1970 = start && *start >= 0 && *start < kYearMicros;
  if (id.empty() || id == kNoSessionId || starts_in_1970) {
    return session.size() == 0;
  }
  out.session_id = id;
  out.session_start = start;
  const json::Value stop = session["stopTimestamp"];
  out.session_stop = read_time(stop);
  const json::Value duration = session["duration"];
  out.session_duration_ms = read_milliseconds(duration);
  bool complete = (start || !session["startTimestamp"]) && (out.session_stop || !stop) &&
                  (out.session_duration_ms || !duration || duration.is_null());
  for (const auto [key, value] : session.members()) {
    complete = complete && (key == "id" || key == "startTimestamp" || key == "stopTimestamp" ||
                            key == "duration");
  }
  // JavaScript sends "duration": null with every _session.stop.
  if (!out.session_duration_ms && start && out.session_stop && *out.session_stop >= *start) {
    out.session_duration_ms = (*out.session_stop - *start) / 1000;
  }
  return complete;
}

/// What `properties` holds of the top level, beside attributes and metrics.
bool is_property(std::string_view key, bool keep_session) {
  return key == "session" ? keep_session
                          : key != "eventType" && key != "timestamp" && key != "version" &&
                                key != "attributes" && key != "metrics";
}

bool has_name_twice(json::Value source) {
  const json::Value attributes = source["attributes"];
  const json::Value metrics = source["metrics"];
  for (const auto [key, value] : metrics.members()) {
    if (attributes[key]) {
      return true;
    }
  }
  for (const auto [key, value] : source.members()) {
    if (attributes[key] || metrics[key]) {
      return true;
    }
  }
  return false;
}

/// Attributes under their names, metrics where no attribute has the name, then whatever else the
/// client sent. A name that is taken gets the name of its place in front; `attributes` and
/// `metrics` hold both in any case.
class Properties {
 public:
  Properties(json::Value source, bool names_repeat) : names_repeat_(names_repeat) {
    writer_.reserve(source).begin_object();
  }

  void add(std::string_view key, json::Value value, std::string_view place) {
    if (!names_repeat_) {
      writer_.member({key, value});
      return;
    }
    std::string name(key);
    while (!used_.insert(name).second) {
      name.insert(0, 1, '.').insert(0, place);
    }
    writer_.key(name).value(value);
  }

  void add_all(json::Value object, std::string_view place) {
    if (!names_repeat_) {
      writer_.members(object);
      return;
    }
    for (const auto [key, value] : object.members()) {
      add(key, value, place);
    }
  }

  std::string text() && {
    writer_.end_object();
    return std::move(writer_).text();
  }

 private:
  const bool names_repeat_;
  json::Writer writer_;
  std::set<std::string, std::less<>> used_;
};

std::string make_properties(json::Value source, bool keep_session) {
  Properties properties(source, has_name_twice(source));
  properties.add_all(source["attributes"], "attribute");
  properties.add_all(source["metrics"], "metric");
  for (const auto [key, value] : source.members()) {
    if (is_property(key, keep_session)) {
      properties.add(key, value, "event");
    }
  }
  return std::move(properties).text();
}

event::Double read_decimal(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(number)
             ? event::Double(number)
             : std::nullopt;
}

/// The price of one unit, as the vendor's revenue report sums it: not times _quantity. A purchase
/// with only a formatted price ("¥128.00", from Google Play) has no value.
void read_purchase(json::Value source, event::Event& out) {
  out.event_value = source["metrics"]["_item_price"].number();
  if (!out.event_value) {
    out.event_value = read_decimal(source["attributes"]["_item_price"].string().value_or(""));
  }
  out.currency = json::to_text(source["attributes"]["_currency"]);
}

/// As JSON: strings and values end by themselves, so no two lists of parts read alike.
void append_sorted(json::Value object, std::string& out) {
  std::vector<json::Member> members;
  members.reserve(object.size());
  for (const json::Member member : object.members()) {
    members.push_back(member);
  }
  std::sort(
      members.begin(), members.end(),
      [](const json::Member& left, const json::Member& right) { return left.key < right.key; });
  out += '{';
  for (const json::Member& member : members) {
    json::write_key(member, out);
    json::write(member.value, out);
  }
  out += '}';
}

}  // namespace

event::Event common_columns(const event::Record& record, const Context& context) {
  event::Event out;
  out.app_id = record.app_id;
  out.api = event::Api::kMobileAnalytics;
  out.received_at = base::to_us(record.received_at);
  out.user_pseudo_id = context.client_id;
  out.platform = context.platform;
  out.os_version = context.platform_version;
  out.make = context.make;
  out.model = context.model;
  out.carrier = context.carrier;
  out.network_type = context.network_type;
  out.locale = context.locale;
  out.language = context.language;
  out.country_code = context.country;
  out.sdk_name = context.sdk_name;
  out.sdk_version = context.sdk_version;
  out.app_version = context.app_version_name;
  out.app_version_code = context.app_version_code;
  out.app_package_name = context.app_package_name;
  out.app_title = context.app_title;
  out.ip = record.peer_ip;
  out.peer_ip = record.peer_ip;
  out.user_agent = json::make_utf8(record.user_agent);
  out.access_key_id = json::make_utf8(record.note(kAccessKeyNote).value_or(""));
  out.context = context.json;
  out.person.app_id = record.app_id;
  out.person.api = event::Api::kMobileAnalytics;
  out.person.identities = {{"device", context.client_id}};
  return out;
}

void fill_row(json::Value source, const event::Marks& marks, event::Event& out) {
  out.event_name = source["eventType"].string().value_or("");
  out.event_timestamp = read_time(source["timestamp"]);
  out.person.time_us = out.event_timestamp.value_or(0);
  const bool session_shown = read_session(source["session"], out);
  if (out.event_name == kPurchase) {
    read_purchase(source, out);
  }
  const auto object_text = [](json::Value value) {
    return value.is_object() ? json::write(value) : std::string("{}");
  };
  out.attributes = object_text(source["attributes"]);
  out.metrics = object_text(source["metrics"]);
  out.properties = make_properties(source, !session_shown);
  out.limit_errors = marks.to_json();
}

std::string fingerprint(const event::Event& row, json::Value source) {
  std::string out;
  out.reserve(row.attributes.size() + row.metrics.size() + kIdsBytes);
  for (const std::string_view text :
       {std::string_view(row.app_id), std::string_view(row.user_pseudo_id),
        std::string_view(row.event_name), source["session"]["id"].string().value_or("")}) {
    json::write_string(text, out);
  }
  out += std::to_string(row.event_timestamp.value_or(0));
  append_sorted(source["attributes"], out);
  append_sorted(source["metrics"], out);
  return out;
}

}  // namespace api::mobile_analytics
