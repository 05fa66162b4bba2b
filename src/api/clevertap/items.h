#pragma once
// The lines of a purchase: `Items` of a `Charged` event.

#include "event/event.h"
#include "json/value.h"

#include <vector>

namespace api::clevertap {

/// The vendor fixes no keys inside an item; the usual ones fill columns, whatever their case and
/// blanks ("Book name", "item_id"), and each item keeps all it has in `properties`. Elements that
/// are no objects stay in the event's properties alone.
std::vector<event::Item> read_items(json::Value items);

/// `text` in lower case without white space: how the vendor compares names.
std::string normalized_name(std::string_view text);

}  // namespace api::clevertap
