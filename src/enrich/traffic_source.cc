#include "enrich/traffic_source.h"

#include "codec/text.h"
#include "json/writer.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace enrich {
namespace {

/// Longer than any browser sends; bounds the work on one event.
constexpr std::size_t kQueryBytesMax = std::size_t{16} << 10U;

using Pairs = std::vector<std::pair<std::string, std::string>>;

bool is_direct(std::string_view value) {
  constexpr std::string_view kDirect = "direct";
  return std::equal(value.begin(), value.end(), kDirect.begin(), kDirect.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

/// The first value of `name` that is not empty.
std::string value_of(const Pairs& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (key == name && !value.empty()) {
      return json::make_utf8(value);
    }
  }
  return {};
}

/// As value_of(); "Direct" is how the SDKs say that there is no source.
std::string source_value_of(const Pairs& pairs, std::string_view name) {
  std::string value = value_of(pairs, name);
  return is_direct(value) ? std::string() : value;
}

struct ClickId {
  std::string name;
  std::string value;
};

ClickId click_id_of(const Pairs& pairs) {
  ClickId found{"gclid", value_of(pairs, "gclid")};
  if (!found.value.empty()) {
    return found;
  }
  for (const auto& [key, value] : pairs) {
    // Microsoft's msclkid has a letter more than the others.
    if (!value.empty() && (key.ends_with("clid") || key.ends_with("clkid"))) {
      return {json::make_utf8(key), json::make_utf8(value)};
    }
  }
  return {};
}

void fill(std::string& column, std::string value) {
  if (column.empty()) {
    column = std::move(value);
  }
}

}  // namespace

void add_traffic_source(std::string_view query, event::Event& event) {
  if (query.empty() || !event.traffic_source_source.empty()) {
    return;
  }
  const Pairs pairs = codec::parse_query(query.substr(0, kQueryBytesMax));
  const ClickId click_id = click_id_of(pairs);
  std::string source = source_value_of(pairs, "utm_source");
  std::string medium = source_value_of(pairs, "utm_medium");
  if (source.empty() && !click_id.value.empty()) {
    // Clickstream's own inference: an advertisement was clicked, and inferred mediums stand in
    // parentheses.
    source = click_id.name == "gclid" ? "Google" : click_id.name;
    medium = medium.empty() ? "(CPC)" : medium;
  }
  fill(event.traffic_source_source, std::move(source));
  fill(event.traffic_source_medium, std::move(medium));
  fill(event.traffic_source_campaign, source_value_of(pairs, "utm_campaign"));
  fill(event.traffic_source_campaign_id, value_of(pairs, "utm_id"));
  fill(event.traffic_source_term, value_of(pairs, "utm_term"));
  fill(event.traffic_source_content, value_of(pairs, "utm_content"));
  fill(event.traffic_source_clid_platform, value_of(pairs, "utm_source_platform"));
  if (!click_id.value.empty() && event.traffic_source_clid.empty()) {
    event.traffic_source_clid = R"({"type":)" + json::quote(click_id.name) + R"(,"value":)" +
                                json::quote(click_id.value) + "}";
  }
}

}  // namespace enrich
