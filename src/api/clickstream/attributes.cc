#include "api/clickstream/attributes.h"

#include "api/clickstream/measure.h"
#include "json/lenient.h"
#include "json/writer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace api::clickstream {
namespace {

using event::Event;

using Field = std::variant<std::string Event::*, event::Int Event::*, event::Double Event::*>;

struct Column {
  std::string_view key;
  Field field;
  bool is_time = false;  ///< Milliseconds on the wire, microseconds in the column.
};

// By length, for find_column(). `event_value_in_usd` and `currency` are the names up to
// version 1.1.5.
constexpr std::array kMembers = std::to_array<Column>({
    {"make", &Event::make},
    {"brand", &Event::brand},
    {"model", &Event::model},
    {"locale", &Event::locale},
    {"carrier", &Event::carrier},
    {"currency", &Event::currency},
    {"platform", &Event::platform},
    {"sdk_name", &Event::sdk_name},
    {"app_title", &Event::app_title},
    {"device_id", &Event::device_id},
    {"host_name", &Event::page_host},
    {"unique_id", &Event::user_pseudo_id},
    {"os_version", &Event::os_version},
    {"app_version", &Event::app_version},
    {"event_value", &Event::event_value},
    {"sdk_version", &Event::sdk_version},
    {"zone_offset", &Event::zone_offset_ms},
    {"country_code", &Event::country_code},
    {"network_type", &Event::network_type},
    {"screen_width", &Event::screen_width},
    {"screen_height", &Event::screen_height},
    {"user_pseudo_id", &Event::user_pseudo_id},
    {"viewport_width", &Event::viewport_width},
    {"system_language", &Event::language},
    {"viewport_height", &Event::viewport_height},
    {"app_package_name", &Event::app_package_name},
    {"event_value_in_usd", &Event::event_value},
    {"event_value_currency", &Event::currency},
});

// By length; each stays in the properties as well.
constexpr std::array kAttributes = std::to_array<Column>({
    {"_page_url", &Event::page_url},
    {"_page_title", &Event::page_title},
    {"_session_id", &Event::session_id},
    {"_page_referrer", &Event::page_referrer},
    {"_session_number", &Event::session_number},
    {"_latest_referrer", &Event::latest_referrer},
    {"_session_duration", &Event::session_duration_ms},
    {"_traffic_source_clid", &Event::traffic_source_clid},
    {"_traffic_source_term", &Event::traffic_source_term},
    {"_latest_referrer_host", &Event::latest_referrer_host},
    {"_traffic_source_medium", &Event::traffic_source_medium},
    {"_traffic_source_source", &Event::traffic_source_source},
    {"_traffic_source_content", &Event::traffic_source_content},
    {"_session_start_time_msec", &Event::session_start, true},
    {"_session_start_timestamp", &Event::session_start, true},
    {"_traffic_source_campaign", &Event::traffic_source_campaign},
    {"_traffic_source_category", &Event::traffic_source_category},
    {"_traffic_source_campaign_id", &Event::traffic_source_campaign_id},
    {"_traffic_source_channel_group", &Event::traffic_source_channel_group},
    {"_traffic_source_clid_platform", &Event::traffic_source_clid_platform},
});

/// Most names are told apart by their length.
constexpr auto kByLength = [](const Column& left, const Column& right) {
  return left.key.size() < right.key.size();
};
static_assert(std::is_sorted(kMembers.begin(), kMembers.end(), kByLength));
static_assert(std::is_sorted(kAttributes.begin(), kAttributes.end(), kByLength));

/// Where the names of each length begin in an array that is sorted by it.
constexpr std::size_t kLengths = 32;
template <std::size_t kSize>
constexpr std::array<std::uint8_t, kLengths + 1> starts_of(
    const std::array<Column, kSize>& columns) {
  std::array<std::uint8_t, kLengths + 1> starts{};
  for (std::size_t length = 0; length <= kLengths; ++length) {
    while (starts[length] < kSize && columns[starts[length]].key.size() < length) {
      ++starts[length];
    }
  }
  return starts;
}
constexpr auto kMemberStarts = starts_of(kMembers);
constexpr auto kAttributeStarts = starts_of(kAttributes);
static_assert(kMembers.back().key.size() < kLengths && kAttributes.back().key.size() < kLengths);

const Column* find_column(std::span<const Column> columns,
                          const std::array<std::uint8_t, kLengths + 1>& starts,
                          std::string_view key) {
  if (key.size() >= kLengths) {
    return nullptr;
  }
  for (std::size_t at = starts[key.size()]; at < starts[key.size() + 1]; ++at) {
    if (std::memcmp(columns[at].key.data(), key.data(), key.size()) == 0) {
      return &columns[at];
    }
  }
  return nullptr;
}

enum class Shown : std::uint8_t {
  kYes,
  kNot,        ///< The column is taken, or an empty text, which a column cannot tell from nothing.
  kWrongType,  ///< The column stays NULL.
};

/// Writes a value into one column.
struct Assign {
  Event& out;
  json::Value value;
  bool is_time;

  Shown operator()(std::string Event::* field) const {
    if (!value.is_string() && !value.is_number() && !value.is_bool()) {
      return Shown::kWrongType;
    }
    if (!(out.*field).empty() || value.string() == "") {
      return Shown::kNot;
    }
    if (const auto text = value.string()) {
      out.*field = *text;
    } else {
      out.*field = json::to_text(value);
    }
    return Shown::kYes;
  }
  Shown operator()(event::Int Event::* field) const {
    const event::Int number = is_time ? read_time_us(value) : json::read_integer(value);
    return assign(field, number);
  }
  Shown operator()(event::Double Event::* field) const {
    return assign(field, json::read_double(value));
  }

 private:
  template <class Number>
  Shown assign(Number Event::* field, const Number& number) const {
    if (!number) {
      return Shown::kWrongType;
    }
    if (out.*field) {
      return Shown::kNot;
    }
    out.*field = number;
    return Shown::kYes;
  }
};

std::string_view wanted_type(const Column& column) {
  if (column.is_time) {
    return "a time in milliseconds";
  }
  constexpr std::array<std::string_view, 3> kNames = {"a text", "a whole number", "a number"};
  return kNames.at(column.field.index());
}

Shown show(const Column& column, std::string_view what, json::Value value, Marks& marks,
           Event& out) {
  const Shown shown = std::visit(Assign{out, value, column.is_time}, column.field);
  if (shown == Shown::kWrongType) {
    marks.add(std::string(what) + " " + std::string(column.key) + " is not " +
              std::string(wanted_type(column)));
  }
  return shown;
}

// The event's own members that are read elsewhere.
bool is_required_member(std::string_view key) {
  return key == "event_type" || key == "event_id" || key == "timestamp" || key == "app_id";
}

// Whether the member `key` of the event goes into the properties; shows it in its column.
bool is_property(const json::Member& member, Keep keep, Marks& marks, Event& out) {
  if (is_required_member(member.key) || member.value.is_null()) {
    return false;
  }
  if (member.key == "attributes") {
    return !member.value.is_object();
  }
  if (member.key == "user") {
    return keep.user;
  }
  if (member.key == "items") {
    return keep.items;
  }
  const Column* const column = find_column(kMembers, kMemberStarts, member.key);
  return column == nullptr || show(*column, "member", member.value, marks, out) != Shown::kYes;
}

void read_attribute(const json::Member& attribute, Marks& marks, Event& out) {
  marks.check_name("attribute", attribute.key);
  // Names with an underscore are the SDKs' own; a page URL or a stack may be long.
  if (!attribute.key.starts_with('_')) {
    marks.check_value("attribute", attribute.key, attribute.value, kAttributeValueCharactersMax);
    return;
  }
  const Column* const column = find_column(kAttributes, kAttributeStarts, attribute.key);
  if (column != nullptr && !attribute.value.is_null()) {
    show(*column, "attribute", attribute.value, marks, out);
  }
}

// Names that stand for _traffic_source_... in events that do not have that one.
constexpr std::array kOtherSourceNames = std::to_array<std::pair<std::string_view, Column>>({
    {"_utm_campaign", {"_traffic_source_campaign", &Event::traffic_source_campaign}},
    {"_utm_content", {"_traffic_source_content", &Event::traffic_source_content}},
    {"_utm_id", {"_traffic_source_campaign_id", &Event::traffic_source_campaign_id}},
    {"_utm_medium", {"_traffic_source_medium", &Event::traffic_source_medium}},
    {"_utm_source", {"_traffic_source_source", &Event::traffic_source_source}},
    {"_utm_source_platform",
     {"_traffic_source_clid_platform", &Event::traffic_source_clid_platform}},
    {"_utm_term", {"_traffic_source_term", &Event::traffic_source_term}},
});

bool names_source(std::string_view key) {
  return key.starts_with("_traffic_source_") || key.starts_with("_utm_") || key == "_gclid";
}

bool has(json::Value attributes, std::string_view key) {
  const json::Value value = attributes[key];
  return value && !value.is_null();
}

void read_other_source_names(json::Value attributes, Marks& marks, Event& out) {
  for (const auto& [name, column] : kOtherSourceNames) {
    if (has(attributes, name) && !has(attributes, column.key)) {
      show({name, column.field}, "attribute", attributes[name], marks, out);
    }
  }
  const std::optional<std::string> gclid = json::read_text(attributes["_gclid"]);
  if (gclid && !has(attributes, "_traffic_source_clid")) {
    json::Writer clid;
    clid.begin_object().key("type").string("gclid").key("value").string(*gclid).end_object();
    out.traffic_source_clid = std::move(clid).text();
  }
}

// The vendor takes the client's traffic source as a whole or not at all: without a source the rest
// is worked out from the page, and a medium of the client's would be mixed with another's campaign.
void settle_traffic_source(json::Value attributes, Marks& marks, Event& out) {
  read_other_source_names(attributes, marks, out);
  out.traffic_source_told =
      !out.traffic_source_source.empty() || attributes["_traffic_source_source"].string() == "" ||
      (!has(attributes, "_traffic_source_source") && attributes["_utm_source"].string() == "");
  if (out.traffic_source_told) {
    return;
  }
  out.traffic_source_medium.clear();
  out.traffic_source_campaign.clear();
  out.traffic_source_campaign_id.clear();
  out.traffic_source_term.clear();
  out.traffic_source_content.clear();
  out.traffic_source_clid.clear();
  out.traffic_source_clid_platform.clear();
  out.traffic_source_channel_group.clear();
  out.traffic_source_category.clear();
}

}  // namespace

void read_members(json::Value unit, Keep keep, Marks& marks, Event& out) {
  json::Writer properties;
  const json::Value attributes = unit["attributes"];
  properties.reserve(attributes).begin_object();
  if (attributes && !attributes.is_null() && !attributes.is_object()) {
    marks.add("member attributes is not an object");
  }
  marks.check_count("attributes", attributes.is_object() ? attributes.size() : 0,
                    kAttributeCountMax);
  bool has_source = false;
  properties.members(attributes);
  for (const json::Member attribute : attributes.members()) {
    read_attribute(attribute, marks, out);
    has_source |= names_source(attribute.key);
  }
  for (const json::Member member : unit.members()) {
    // An attribute of the same name wins, as in the vendor's job.
    if (is_property(member, keep, marks, out) && !attributes[member.key]) {
      properties.member(member);
    }
  }
  properties.end_object();
  out.properties = std::move(properties).text();
  if (has_source) {
    settle_traffic_source(attributes, marks, out);
  }
  if (out.event_value && out.currency.empty()) {
    out.currency = "USD";
  }
}

}  // namespace api::clickstream
