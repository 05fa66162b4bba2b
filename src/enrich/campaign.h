#pragma once
// What a URL's query says about the campaign that led to it: utm parameters and click ids. Pure
// functions on text from clients, for pages and for referrers; run on the loader's thread.

#include "event/event.h"

#include <string>
#include <string_view>

namespace enrich {

/// The eight traffic_source_* columns that describe a campaign. Empty is absent.
struct Campaign {
  std::string source;
  std::string medium;
  std::string campaign;
  std::string content;
  std::string term;
  std::string campaign_id;
  std::string clid_platform;
  std::string clid;  ///< JSON: {"type":"gclid","value":"..."}, or whatever the client sent.
};

/// Reads utm_source, utm_medium, utm_campaign, utm_content, utm_term, utm_id, utm_source_platform
/// and a click id: gclid, else the first parameter whose name ends in "clid" or "clkid" (fbclid,
/// ttclid, msclkid, ...). A click id without a source is one: Google for gclid, else its name.
Campaign campaign_of_query(std::string_view query, bool plus_is_space = true);
/// The same of a whole URL, with or without a scheme.
Campaign campaign_of_url(std::string_view url);

/// Takes out what SDKs send for "nothing": "Direct" in any case, and "{}" as click id.
void drop_placeholders(Campaign& campaign);

/// Copies between an event's columns and a Campaign.
Campaign campaign_of_event(const event::Event& event);
void set_campaign(Campaign campaign, event::Event& event);

/// {"type":TYPE,"value":VALUE}
std::string click_id_json(std::string_view type, std::string_view value);

/// Calls `use(name, value)` for each pair of a query string, neither decoded, in their order. Looks
/// at the first 16 KiB, more than any browser sends.
template <class Use>
void for_each_pair(std::string_view query, Use use) {
  constexpr std::size_t kQueryBytesMax = std::size_t{16} << 10U;
  query = query.substr(0, kQueryBytesMax);
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    const std::size_t equals = pair.find('=');
    use(pair.substr(0, equals),
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
  }
}

/// A decoded text as it may stand in a column.
std::string decoded(std::string_view text, bool plus_is_space = true);

}  // namespace enrich
