#pragma once
// How many units (events, profile records) a request was answered for: its endpoint counts them and
// notes the number in the record.

#include "event/record.h"

#include <cstdint>

namespace loader {

/// One where the endpoint noted none.
std::uint64_t units_of(const event::Record& record);

}  // namespace loader
