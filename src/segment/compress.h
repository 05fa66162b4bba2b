#pragma once
// Re-encodes one full segment as segment/compressed.h describes. Owner: the keeper, which names a
// segment that the Writer has left; threads: one at a time per folder.

#include "base/result.h"
#include "codec/compression.h"
#include "io/file_system.h"
#include "segment/format.h"

#include <string>

namespace segment {

/// Writes the compressed file beside the plain one, reads it back and compares, and only then
/// removes the plain one. `last` is the position before the next segment's first. A crash at any
/// moment leaves the plain or the compressed file whole, or both. What is read is the same with
/// either effort.
base::Status compress_segment(io::FileSystem& files, const std::string& folder, Position first,
                              Position last, codec::Effort effort);

}  // namespace segment
