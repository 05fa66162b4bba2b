#pragma once
// The edge's short way to a verdict: most bodies are plain JSON and every event in them has what it
// must have. One pass over the bytes shows that; whatever is not so plain is read in full.

#include "event/record.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace api::clickstream {

/// How many units `text`, the unwrapped body of `record`, holds, when read_units() would read them
/// all, read_required() would find nothing missing in any, and each is of a registered application.
/// Nothing when that cannot be seen at a glance.
std::optional<std::uint32_t> glance(
    const event::Record& record, std::string_view text,
    const std::function<bool(std::string_view app_id)>& is_registered);

}  // namespace api::clickstream
