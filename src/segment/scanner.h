#pragma once
// Finds records in the bytes of one segment, and tells a record, the clean end and damage apart.
// Recovery, Reader, verify and compression all look through it. Owner: whoever walks the segment;
// threads: one at a time.

#include "base/result.h"
#include "segment/damage.h"
#include "segment/source.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace segment {

/// What lies at an offset.
struct Piece {
  enum class Kind : std::uint8_t {
    kRecord,
    kNothing,  ///< Zeros or the end of the file: nothing was written here, or it never arrived.
    kDamaged,
  };
  Kind kind = Kind::kNothing;
  std::string_view payload;  ///< Lifetime: until the Scanner's next call.
  std::uint64_t end = 0;     ///< Where the next record starts; for damage, where to look for one.
  std::string reason;        ///< What is wrong, for kDamaged.
};

class Scanner {
 public:
  /// Lifetime: `source` outlives the Scanner. `first` is what the file's name says.
  Scanner(Source& source, Position first) : source_(source), first_(first) {}

  /// Reads the segment header. kInvalid for a newer format. A damaged header is not an error: the
  /// salt is taken from a whole record at a place that is known, the segment's first or one that
  /// the index names, and header_damage() says so. Where there is none, no record can be told from
  /// bytes that look like one, and all of them are damage.
  base::Status open();
  [[nodiscard]] const std::string& header_damage() const { return header_damage_; }
  [[nodiscard]] const Header& header() const { return header_; }

  /// What lies at `offset`, where the record `expected` should be.
  base::Result<Piece> read(std::uint64_t offset, Position expected);
  /// The first whole record at or after `offset` with a position from `low` to `high`.
  base::Result<std::optional<Place>> find(std::uint64_t offset, Position low, Position high);
  /// The offset behind the last byte at or after `offset` that is not zero; `offset` when none is.
  base::Result<std::uint64_t> content_end(std::uint64_t offset);
  /// Drops what was read ahead, so that bytes written since are seen.
  void forget() { buffer_.clear(); }

 private:
  base::Result<std::string_view> view(std::uint64_t offset, std::size_t bytes);
  base::Result<std::string_view> rest(std::uint64_t offset);
  base::Status fill(std::uint64_t offset, std::size_t bytes);
  base::Status take_salt_of_a_record();
  base::Result<std::optional<std::uint32_t>> salt_of(Place place);

  Source& source_;
  const Position first_;
  Header header_;
  std::optional<std::uint32_t> salt_;  ///< None where it is lost; 0 is a salt like any other.
  std::string header_damage_;
  std::string buffer_;
  std::uint64_t buffer_offset_ = 0;
};

/// The highest position that a record between `offset` and the end of the file can have.
Position position_limit(Position expected, std::uint64_t offset, std::uint64_t file_bytes);

}  // namespace segment
