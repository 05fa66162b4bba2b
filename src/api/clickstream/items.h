#pragma once
// The `items` of an event: one row of the table `item` each.

#include "api/clickstream/limits.h"
#include "event/event.h"
#include "json/value.h"

#include <vector>

namespace api::clickstream {

/// Reads an array of items (or one item) into `items`. False when something in `value` is no item,
/// so that the caller keeps the whole member elsewhere.
bool read_items(json::Value value, Marks& marks, std::vector<event::Item>& items);

}  // namespace api::clickstream
