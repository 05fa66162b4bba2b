#pragma once
// The products a hit is about: rows of the table `item`.

#include "event/event.h"
#include "json/value.h"

#include <vector>

namespace api::segmentstream {

/// Line items of `event.transaction` or `event.cart`, `event.product`, `event.listItem` and
/// `event.listItems`.
std::vector<event::Item> read_items(json::Value event);

}  // namespace api::segmentstream
