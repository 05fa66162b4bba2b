#pragma once
// The edge's short way to a verdict: most batches are plain JSON, and every event in them is as the
// guide asks. One pass over the bytes shows that; whatever is not so plain is read in full.

#include "event/record.h"

#include <cstddef>
#include <optional>
#include <set>
#include <string_view>

namespace api::mobile_analytics {

/// Lifetime: views the record's body.
struct Glance {
  std::size_t events = 0;
  std::set<std::string_view> custom_types;
};

/// What the body of `record` holds, when read_batch() would read all of it and check_event() would
/// find nothing to say against any event by the letter of the guide. Nothing when that cannot be
/// seen at a glance.
std::optional<Glance> glance(const event::Record& record);

}  // namespace api::mobile_analytics
