#pragma once
// What is said about bytes of a segment that are not what was written. A value, made by recovery,
// by the Reader and by verify.

#include "event/record.h"

#include <string>

namespace segment {

using event::Position;

/// Records that can no longer be read: reported by position, never skipped silently.
struct Damage {
  Position first = 0;  ///< Positions first..last are lost.
  Position last = 0;
  std::string reason;
};

}  // namespace segment
