#pragma once
// Looks after segments that are full: re-encodes them with zstd, and removes those an age or size
// limit names once the store says that their rows are sealed and verified.

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "event/record.h"
#include "io/file_system.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace journal {

struct Retention {
  std::chrono::hours age_max{0};  ///< 0: for ever.
  std::uint64_t bytes_max = 0;    ///< 0: no limit.
};

/// One file of the journal, for `status` and `journal verify`.
struct SegmentInfo {
  std::string name;
  event::Position first = 0;
  event::Position last = 0;
  std::uint64_t bytes = 0;
  bool sealed = false;      ///< Full; never written again.
  bool compressed = false;  ///< zstd.
};

base::Result<std::vector<SegmentInfo>> list_segments(io::FileSystem& files,
                                                     const std::string& folder);

/// Compresses at most one sealed segment that is not compressed yet; false when there was none.
/// A crash at any moment leaves the old or the new file, both readable. Readers that have the old
/// one open read on undisturbed.
base::Result<bool> compress_one(io::FileSystem& files, const std::string& folder);

/// Removes sealed segments that `retention` names and that end at or before `sealed_through`.
/// Returns how many.
base::Result<std::uint64_t> expire(io::FileSystem& files, const base::Clock& clock,
                                   const std::string& folder, const Retention& retention,
                                   event::Position sealed_through);

}  // namespace journal
