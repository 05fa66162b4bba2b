#pragma once
// The columns that `event`, `context` and `website` of a hit fill.

#include "event/event.h"
#include "event/marks.h"
#include "json/value.h"

namespace api::segmentstream {

/// Fills device, page, campaign, place, value and library columns. The first place that has a value
/// decides; what has another type than its column stays in `context` or `properties` alone.
void read_columns(json::Value root, event::Event& out);

/// Fills `properties` (every member of `event`, and top-level members that are nothing else's),
/// `context` and `integrations`.
void read_objects(json::Value root, event::Marks& marks, event::Event& out);

}  // namespace api::segmentstream
