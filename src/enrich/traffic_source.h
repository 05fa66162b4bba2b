#pragma once
// Campaign parameters and click ids of a page's query string as the traffic_source_* columns. Runs
// for every event with a page URL, on the loader's thread.

#include "event/event.h"

#include <string_view>

namespace enrich {

/// Fills the empty traffic_source_* columns from utm_source, utm_medium, utm_campaign, utm_content,
/// utm_term, utm_id, utm_source_platform and a click id: gclid, else the first parameter whose name
/// ends in "clid" or "clkid" (fbclid, ttclid, msclkid, ...). Nothing when the client itself named a
/// source.
void add_traffic_source(std::string_view query, event::Event& event);

}  // namespace enrich
