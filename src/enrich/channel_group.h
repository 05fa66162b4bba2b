#pragma once
// Which marketing channel a visit came through: the default rules of Clickstream Analytics 1.1.6
// and later, in their order. A pure function; runs on the loader's thread.

#include "enrich/campaign.h"

#include <string_view>

namespace enrich {

/// A referrer: the whole URL and, as far as known, its host.
struct Referrer {
  std::string_view url;
  std::string_view host;
};

/// "Paid Search", "Organic Social", "Email", ..., or "Unassigned" when no rule fits. `category` is
/// that of the source; "" and "Unassigned" are none.
std::string_view channel_group(const Campaign& campaign, std::string_view category,
                               const Referrer& referrer);

}  // namespace enrich
