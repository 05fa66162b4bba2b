#include "api/segmentstream/columns.h"

#include "json/lenient.h"
#include "json/writer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace api::segmentstream {
namespace {

using event::Event;

/// Where a column is looked for: up to three keys deep from the top of the hit.
struct Source {
  std::array<std::string_view, 3> path;
  std::variant<std::string Event::*, event::Int Event::*, event::Double Event::*> field;
};

constexpr std::array kSources = std::to_array<Source>({
    {{"event", "name"}, &Event::event_name},
    {{"event", "value"}, &Event::event_value},
    {{"event", "transaction", "total"}, &Event::event_value},
    {{"event", "currency"}, &Event::currency},
    {{"event", "transaction", "currency"}, &Event::currency},
    {{"event", "website", "currency"}, &Event::currency},
    {{"website", "currency"}, &Event::currency},
    {{"context", "userAgent"}, &Event::user_agent},
    {{"context", "page", "url"}, &Event::page_url},
    {{"event", "page", "url"}, &Event::page_url},
    {{"context", "page", "title"}, &Event::page_title},
    {{"event", "page", "title"}, &Event::page_title},
    {{"context", "page", "referrer"}, &Event::page_referrer},
    {{"event", "page", "referrer"}, &Event::page_referrer},
    {{"context", "campaign", "source"}, &Event::traffic_source_source},
    {{"context", "campaign", "medium"}, &Event::traffic_source_medium},
    {{"context", "campaign", "name"}, &Event::traffic_source_campaign},
    {{"context", "campaign", "id"}, &Event::traffic_source_campaign_id},
    {{"context", "campaign", "term"}, &Event::traffic_source_term},
    {{"context", "campaign", "content"}, &Event::traffic_source_content},
    {{"context", "device", "type"}, &Event::ua_device_category},
    {{"context", "device", "vendor"}, &Event::make},
    {{"context", "device", "model"}, &Event::model},
    {{"context", "os", "name"}, &Event::ua_os},
    {{"context", "os", "version"}, &Event::ua_os_version},
    {{"context", "os", "version"}, &Event::os_version},
    {{"context", "browser", "name"}, &Event::ua_browser},
    {{"context", "browser", "version"}, &Event::ua_browser_version},
    {{"context", "location", "country"}, &Event::geo_country},
    {{"context", "location", "region"}, &Event::geo_region},
    {{"context", "location", "city"}, &Event::geo_city},
    {{"context", "screenWidth"}, &Event::screen_width},
    {{"context", "screenHeight"}, &Event::screen_height},
    {{"context", "locale"}, &Event::locale},
    {{"context", "language"}, &Event::language},
    {{"context", "browser", "language"}, &Event::language},
    {{"event", "website", "language"}, &Event::language},
    {{"website", "language"}, &Event::language},
    {{"context", "library", "name"}, &Event::sdk_name},
    {{"context", "library", "version"}, &Event::sdk_version},
});

/// Follows paths; neighbours in the list mostly begin with the same keys.
class Finder {
 public:
  explicit Finder(json::Value root) : root_(root) {}

  json::Value find(const std::array<std::string_view, 3>& path) {
    if (path[0] != keys_[0]) {
      keys_ = {path[0], {}};
      values_[0] = root_[path[0]];
    }
    if (path[2].empty()) {
      return path[1].empty() ? values_[0] : values_[0][path[1]];
    }
    if (path[1] != keys_[1]) {
      keys_[1] = path[1];
      values_[1] = values_[0][path[1]];
    }
    return values_[1][path[2]];
  }

 private:
  json::Value root_;
  std::array<std::string_view, 2> keys_;
  std::array<json::Value, 2> values_;
};

/// Writes a value into a column that has none yet.
struct Assign {
  Event& out;
  json::Value value;

  void operator()(std::string Event::* field) const {
    if ((out.*field).empty()) {
      out.*field = json::read_text(value).value_or(std::string());
    }
  }
  void operator()(event::Int Event::* field) const {
    if (!(out.*field)) {
      out.*field = json::read_integer(value);
    }
  }
  void operator()(event::Double Event::* field) const {
    if (!(out.*field)) {
      out.*field = json::read_double(value);
    }
  }
};

// Click ids stand under the name of the parameter they came in.
void read_click_id(json::Value campaign, Event& out) {
  for (const std::string_view name : {"gclid", "yclid", "ymclid", "fbclid"}) {
    std::optional<std::string> id = json::read_text(campaign[name]);
    if (id && !id->empty()) {
      out.traffic_source_clid = *std::move(id);
      out.traffic_source_clid_platform = std::string(name);
      return;
    }
  }
}

// The SDK sends the parts of the URL percent-decoded, so the URL itself is the better source.
void read_page_parts(json::Value page, Event& out) {
  if (!out.page_url.empty()) {
    return;
  }
  out.page_path = json::read_text(page["path"]).value_or(std::string());
  const std::string search = json::read_text(page["search"]).value_or(std::string());
  out.page_query = search.starts_with('?') ? search.substr(1) : search;
}

// Whether a top-level member has a column or a table of its own.
bool is_envelope(std::string_view key) {
  constexpr std::array<std::string_view, 7> kKeys = {
      "event", "user", "sentAt", "userId", "anonymousId", "emailHash", "projectId"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

std::string write_object(json::Value value) {
  return value.is_object() ? json::write(value) : std::string();
}

// Whether a top-level member goes into the properties.
bool is_property(const json::Member& member, event::Marks& marks) {
  if (is_envelope(member.key) || member.value.is_null()) {
    return false;
  }
  const bool is_object_column = member.key == "context" || member.key == "integrations";
  if (is_object_column && !member.value.is_object()) {
    marks.add("member " + std::string(member.key) + " is not an object");
    return true;
  }
  if (member.key == "hitId") {
    const bool is_id = json::read_text(member.value).has_value();
    if (!is_id) {
      marks.add("member hitId is not a text");
    }
    return !is_id;
  }
  return !is_object_column;
}

}  // namespace

void read_columns(json::Value root, Event& out) {
  Finder finder(root);
  for (const Source& source : kSources) {
    const json::Value value = finder.find(source.path);
    if (value) {
      std::visit(Assign{out, value}, source.field);
    }
  }
  const json::Value context = root["context"];
  read_click_id(context["campaign"], out);
  read_page_parts(context["page"], out);
  if (!out.event_value) {
    out.currency.clear();
  }
}

void read_objects(json::Value root, event::Marks& marks, Event& out) {
  const json::Value event = root["event"];
  json::Writer properties;
  properties.reserve(event).begin_object().members(event);
  for (const json::Member member : root.members()) {
    if (is_property(member, marks) && !event[member.key]) {
      properties.member(member);
    }
  }
  properties.end_object();
  out.properties = std::move(properties).text();
  out.context = write_object(root["context"]);
  out.integrations = write_object(root["integrations"]);
}

}  // namespace api::segmentstream
