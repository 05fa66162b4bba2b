#pragma once
// Looks after segments that are full: re-encodes them with zstd, and removes those an age or size
// limit names once the store says that their rows are sealed and verified.

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "codec/compression.h"
#include "event/record.h"
#include "io/file_system.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace journal {

using event::Position;

struct Retention {
  std::chrono::milliseconds age_max{0};  ///< 0: for ever.
  std::uint64_t bytes_max = 0;           ///< 0: no limit.
};

/// One file of the journal, for `status` and `journal verify`.
struct SegmentInfo {
  std::string name;
  Position first = 0;
  Position last = 0;
  std::uint64_t bytes = 0;
  bool sealed = false;      ///< Full; never written again.
  bool compressed = false;  ///< zstd.
};

/// Walks through the last segment to learn its last position; a tenth of a second at most.
base::Result<std::vector<SegmentInfo>> list_segments(io::FileSystem& files,
                                                     const std::string& folder);

/// The same from names and sizes alone; `last` of the segment that is not sealed stays 0.
base::Result<std::vector<SegmentInfo>> list_quickly(io::FileSystem& files,
                                                    const std::string& folder);

/// Compresses at most one sealed segment that is not compressed yet; false when there was none.
/// A crash at any moment leaves the old or the new file, both readable. Readers that have the old
/// one open read on undisturbed. A segment that cannot be compressed is left as it is, and its
/// error comes back when there is no other to compress.
base::Result<bool> compress_one(io::FileSystem& files, const std::string& folder,
                                codec::Effort effort = codec::Effort::kSmall);

/// Removes sealed segments, oldest first, that `retention` names and that end at or before
/// `sealed_through`. Returns how many. Age counts from the youngest record of a segment.
base::Result<std::uint64_t> expire(io::FileSystem& files, const base::Clock& clock,
                                   const std::string& folder, const Retention& retention,
                                   Position sealed_through);

}  // namespace journal
