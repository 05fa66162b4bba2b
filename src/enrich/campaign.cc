#include "enrich/campaign.h"

#include "codec/text.h"
#include "json/writer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace enrich {
namespace {

struct Parameter {
  std::string_view name;
  std::string Campaign::* field;
};

constexpr std::array<Parameter, 7> kParameters = {{
    {"utm_source", &Campaign::source},
    {"utm_medium", &Campaign::medium},
    {"utm_campaign", &Campaign::campaign},
    {"utm_content", &Campaign::content},
    {"utm_term", &Campaign::term},
    {"utm_id", &Campaign::campaign_id},
    {"utm_source_platform", &Campaign::clid_platform},
}};

/// The columns of an event, in the order of Campaign.
constexpr std::array<std::pair<std::string Campaign::*, std::string event::Event::*>, 8> kColumns =
    {{
        {&Campaign::source, &event::Event::traffic_source_source},
        {&Campaign::medium, &event::Event::traffic_source_medium},
        {&Campaign::campaign, &event::Event::traffic_source_campaign},
        {&Campaign::content, &event::Event::traffic_source_content},
        {&Campaign::term, &event::Event::traffic_source_term},
        {&Campaign::campaign_id, &event::Event::traffic_source_campaign_id},
        {&Campaign::clid_platform, &event::Event::traffic_source_clid_platform},
        {&Campaign::clid, &event::Event::traffic_source_clid},
    }};

bool is_direct(std::string_view value) {
  constexpr std::string_view kDirect = "direct";
  return std::equal(value.begin(), value.end(), kDirect.begin(), kDirect.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

bool is_click_id(std::string_view name) {
  // Microsoft's msclkid has a letter more than the others.
  return name.ends_with("clid") || name.ends_with("clkid");
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

/// Whether the URL could not stand in a standard's grammar (RFC 2396) as it is.
bool has_illegal_characters(std::string_view url) {
  for (std::size_t i = 0; i < url.size(); ++i) {
    const char c = url[i];
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f ||
        std::string_view("\"<>\\^`{|}").find(c) != std::string_view::npos) {
      return true;
    }
    if (c == '%' && (i + 2 >= url.size() || !is_hex(url[i + 1]) || !is_hex(url[i + 2]))) {
      return true;
    }
  }
  return false;
}

struct ClickId {
  std::string_view name;
  std::string_view value;
};

ClickId click_id_of(std::string_view query) {
  ClickId found;
  for_each_pair(query, [&found](std::string_view name, std::string_view value) {
    if (value.empty() || found.name == "gclid") {
      return;
    }
    if (name == "gclid" || (found.name.empty() && is_click_id(name))) {
      found = {name, value};
    }
  });
  return found;
}

}  // namespace

std::string decoded(std::string_view text, bool plus_is_space) {
  return json::make_utf8(codec::decode_percent(text, plus_is_space));
}

std::string click_id_json(std::string_view type, std::string_view value) {
  std::string out = R"({"type":)";
  json::write_string(type, out);
  out += R"(,"value":)";
  json::write_string(value, out);
  out += '}';
  return out;
}

Campaign campaign_of_query(std::string_view query, bool plus_is_space) {
  Campaign out;
  for_each_pair(query, [&](std::string_view name, std::string_view value) {
    if (!name.starts_with("utm_")) {
      return;
    }
    const auto* const known = std::ranges::find(kParameters, name, &Parameter::name);
    if (known != kParameters.end() && (out.*(known->field)).empty()) {
      out.*(known->field) = decoded(value, plus_is_space);
    }
  });
  const ClickId click_id = click_id_of(query);
  if (click_id.value.empty()) {
    return out;
  }
  const std::string name = decoded(click_id.name, plus_is_space);
  out.clid = click_id_json(name, decoded(click_id.value, plus_is_space));
  if (out.source.empty() || is_direct(out.source)) {
    out.source = name == "gclid" ? "Google" : name;
    // An advertisement was clicked; inferred mediums stand in parentheses.
    out.medium = out.medium.empty() || is_direct(out.medium) ? "(CPC)" : out.medium;
  }
  return out;
}

Campaign campaign_of_url(std::string_view url) {
  const std::size_t question = url.find('?');
  if (question == std::string_view::npos || url.find('#') < question) {
    return {};
  }
  const std::string_view query = url.substr(question + 1);
  // A page's address that was put together without escaping, such as of a campaign's name with
  // "{", "#" and "+" in it, is read as the vendor's job reads it: nothing in it has a meaning but
  // "&" and "=".
  if (has_illegal_characters(url)) {
    return campaign_of_query(query, false);
  }
  return campaign_of_query(query.substr(0, query.find('#')));
}

void drop_placeholders(Campaign& campaign) {
  for (std::string* text : {&campaign.source, &campaign.medium, &campaign.campaign}) {
    if (is_direct(*text)) {
      text->clear();
    }
  }
  if (campaign.clid == "{}") {
    campaign.clid.clear();
  }
}

Campaign campaign_of_event(const event::Event& event) {
  Campaign out;
  for (const auto& [field, column] : kColumns) {
    out.*field = event.*column;
  }
  return out;
}

void set_campaign(Campaign campaign, event::Event& event) {
  for (const auto& [field, column] : kColumns) {
    event.*column = std::move(campaign.*field);
  }
}

}  // namespace enrich
