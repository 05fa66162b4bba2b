#pragma once
// The edge's short way to a verdict: most uploads are plain JSON, and every record in them is a
// good event. One pass over the bytes shows that; whatever is not so plain is read in full.

#include "event/record.h"

#include <optional>
#include <string>
#include <vector>

namespace api::clevertap {

/// The names of the events in the body of `record`, in their order, when examine() would find
/// nothing but events there, and nothing to say against any, whatever the limits of the
/// application. Nothing when that cannot be seen at a glance.
std::optional<std::vector<std::string>> glance(const event::Record& record);

}  // namespace api::clevertap
