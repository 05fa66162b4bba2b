#pragma once
// Walks one whole segment and says what it holds: the records, the damage between them, and what
// lies behind the last one. Recovery, verify and compression start from it. Pure but for reading.

#include "base/result.h"
#include "segment/damage.h"
#include "segment/scanner.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace segment {

struct Survey {
  Position last = 0;      ///< Highest position of a whole record; first - 1 for none.
  std::uint64_t end = 0;  ///< Offset behind that record.
  std::uint64_t records = 0;
  std::uint64_t payload_bytes = 0;
  std::vector<Damage> damages;   ///< Between whole records, and up to `last_expected`.
  std::uint64_t tail_bytes = 0;  ///< From `end` to the last byte that is not zero.
  std::string tail_reason;       ///< Why those are no record; empty when tail_bytes is 0.
};

/// Called for each whole record; Lifetime: the payload ends with the call.
using Visit = std::function<void(Place place, std::string_view payload)>;

/// `scanner` is open. `last_expected` is the position before the next segment's first, 0 for the
/// last segment, whose end nobody else knows.
base::Result<Survey> survey(Scanner& scanner, Source& source, Position last_expected,
                            const Visit& visit);

}  // namespace segment
