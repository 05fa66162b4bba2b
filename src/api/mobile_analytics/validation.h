#pragma once
// Checks one event against the guide: what must be there, of which type, and how long it may be.

#include "api/mobile_analytics/exceptions.h"
#include "event/marks.h"
#include "json/value.h"

#include <optional>
#include <string>
#include <string_view>

namespace api::mobile_analytics {

/// What to do with an event that is too long or has too many entries.
enum class LimitAction : std::uint8_t { kRefuse, kMark };

struct Validation {
  const Rules& rules;
  LimitAction on_limit = LimitAction::kRefuse;
};

/// Why `event` is refused, starting with the member's name, or nothing. Limits of the guide that a
/// stored event exceeds go into `marks`.
std::optional<std::string> check_event(json::Value event, const Validation& validation,
                                       event::Marks& marks);

/// Code points.
std::size_t characters(std::string_view utf8);

/// Names that start with "_" are reserved: they are no custom events.
bool is_custom(std::string_view event_type);

}  // namespace api::mobile_analytics
