#pragma once
// Walks the whole journal and checks every checksum: `journal verify`. Reads only, so that it may
// run beside the Writer, or on a copy.

#include "base/result.h"
#include "event/record.h"
#include "io/file_system.h"
#include "segment/damage.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace journal {

using event::Position;
using segment::Damage;

struct Verdict {
  std::uint64_t segments = 0;
  std::uint64_t records = 0;
  std::uint64_t payload_bytes = 0;
  Position first = 0;           ///< Lowest position that is there; 0 for an empty journal.
  Position last = 0;            ///< Highest one.
  std::vector<Damage> damages;  ///< Records that are lost, by position.
  /// What is not as it was written although no record is lost by it: "FILE: what".
  std::vector<std::string> notes;
  /// Bytes behind the last record of the last segment: a torn end, which the Writer cuts when it
  /// opens the journal, or a group that is being written while verify reads.
  std::uint64_t tail_bytes = 0;
  [[nodiscard]] bool good() const { return damages.empty() && notes.empty(); }
};

/// Bytes of all files looked at so far, and of all there are.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// A segment of a newer program is kInvalid. `progress` may be empty; it is called at least after
/// every segment, and about once every 16 MiB within one.
base::Result<Verdict> verify(io::FileSystem& files, const std::string& folder,
                             const Progress& progress);

}  // namespace journal
