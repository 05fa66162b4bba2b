#pragma once
// Where a visit came from: the traffic_source_* columns. Clickstream's events are classified as the
// vendor's job does it, by what the client says, the page's address and the referrers; other APIs'
// events take the campaign of the page's address. Runs for every event, on the loader's thread.

#include "enrich/page_url.h"
#include "enrich/referrer_list.h"
#include "event/event.h"

#include <string_view>

namespace enrich {

/// Fills the empty traffic_source_* columns from a page's query string (see campaign.h). Nothing
/// when the client itself named a source. For every API but Clickstream.
void add_traffic_source(std::string_view query, event::Event& event);

/// Threads: complete() from any thread; it changes nothing but the event.
class TrafficSources {
 public:
  /// With `reference_order` what the client names is classified with the page's host and its
  /// referrer in each other's place, as the vendor's job does by mistake.
  TrafficSources(ReferrerList referrers, bool reference_order);

  /// Fills the traffic_source_* columns of a Clickstream event. What the client named stays, and
  /// gets category and channel group; else all ten come from the page (`page` are the parts of
  /// event.page_url), the latest referrer and the page's referrer. Inferred mediums stand in
  /// parentheses: (Organic), (Referral), (CPC).
  void complete(const UrlParts& page, event::Event& event) const;

 private:
  void complete_told(event::Event& event) const;

  ReferrerList referrers_;
  bool reference_order_;
};

}  // namespace enrich
