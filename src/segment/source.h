#pragma once
// The bytes of one segment as they were written, whether the file holds them plain or compressed.
// Everything that looks into segments reads through a Source. Owner: whoever opened it; threads:
// one at a time.

#include "base/result.h"
#include "io/file_system.h"
#include "segment/format.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace segment {

/// A place in a segment where a record starts, if nothing before it is damaged.
struct Place {
  std::uint64_t offset = kHeaderBytes;
  Position position = 0;
};

class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  /// Fills `out`; fewer bytes only at the end. Bytes that the disk or the decompressor cannot give
  /// back read as 0xff, so that they fail their checksum and nothing else is lost with them.
  virtual base::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) = 0;
  virtual base::Result<std::uint64_t> size() = 0;
  /// The last known place at or before `position`.
  [[nodiscard]] virtual Place place_of(Position position) const = 0;
};

/// The names of all segments in `folder` by position; where a segment is there in both forms (a
/// crash between the two steps of compressing), the compressed one, which is complete.
base::Result<std::vector<Name>> list_names(io::FileSystem& files, const std::string& folder);

/// Lifetime: `files` outlives the Source.
base::Result<std::unique_ptr<Source>> open_source(io::FileSystem& files, const std::string& folder,
                                                  const Name& name);
/// A Source over a plain segment that is open already.
std::unique_ptr<Source> plain_source(std::shared_ptr<io::File> file, Position first);

}  // namespace segment
