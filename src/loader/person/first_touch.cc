#include "loader/person/first_touch.h"

#include "json/value.h"
#include "json/writer.h"

#include <string_view>
#include <utility>

namespace loader::person {
namespace {

constexpr std::string_view kClickstreamVisits[] = {"_first_open", "_first_visit", "_session_start",
                                                   "_screen_view"};
/// The names its SDKs have used for the same attribute.
constexpr std::string_view kInstallSources[] = {"_app_install_channel", "_app_install_source",
                                                "_install_channel", "_channel"};

bool is_visit(const event::Event& event) {
  if (event.api != event::Api::kClickstream) {
    return true;
  }
  for (const std::string_view name : kClickstreamVisits) {
    if (event.event_name == name) {
      return true;
    }
  }
  return false;
}

/// Without reading it as JSON: our own writer escapes none of the letters.
bool may_name_install_source(std::string_view properties) {
  return properties.find("_channel\"") != std::string_view::npos ||
         properties.find("_install_source\"") != std::string_view::npos;
}

std::string install_source(const event::Event& event) {
  if (!may_name_install_source(event.properties)) {
    return {};
  }
  auto document = json::Document::parse(event.properties);
  if (!document) {
    return {};
  }
  for (const std::string_view name : kInstallSources) {
    if (const json::Value value = document->root()[name]) {
      return json::to_text(value);
    }
  }
  return {};
}

}  // namespace

bool is_first_touch(const event::Event& event, std::int64_t time_us, const Person& person) {
  return (person.first_touch_us == 0 || time_us < person.first_touch_us) && is_visit(event);
}

std::string first_touch_json(const event::Event& event) {
  json::Writer writer;
  writer.begin_object();
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) {
      writer.key(key).string(value);
    }
  };
  add("referrer", event.page_referrer);
  add("source", event.traffic_source_source);
  add("medium", event.traffic_source_medium);
  add("campaign", event.traffic_source_campaign);
  add("content", event.traffic_source_content);
  add("term", event.traffic_source_term);
  add("campaign_id", event.traffic_source_campaign_id);
  add("clid", event.traffic_source_clid);
  add("clid_platform", event.traffic_source_clid_platform);
  add("channel_group", event.traffic_source_channel_group);
  add("category", event.traffic_source_category);
  add("app_install_source", install_source(event));
  writer.end_object();
  return std::move(writer).text();
}

}  // namespace loader::person
