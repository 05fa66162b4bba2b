#pragma once
// The content of one file of a MemoryFileSystem, three times over: what programs see, what the disk
// holds, and the writes between the two. Threads: the file system's lock guards it.

#include "base/random.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace io {

class MemoryContent {
 public:
  /// What programs see.
  [[nodiscard]] const std::string& bytes() const { return seen_; }

  void write(std::uint64_t offset, std::string_view bytes);
  void resize(std::uint64_t bytes);
  /// Everything written reaches the disk.
  void sync();
  /// As Linux does after a failed sync: the pages count as clean although they were never written.
  void fail_sync() { unsynced_.clear(); }
  /// Durable at once.
  void set(std::string bytes);

  /// From now on reads that touch [offset, offset + bytes) fail: a bad sector.
  void spoil(std::uint64_t offset, std::uint64_t bytes) { bad_ = {offset, offset + bytes}; }
  [[nodiscard]] bool readable(std::uint64_t offset, std::uint64_t bytes) const {
    return offset >= bad_.second || offset + bytes <= bad_.first;
  }

  /// A power cut that loses every unsynced write.
  void lose_unsynced();
  /// A power cut after which any sectors of the unsynced writes are there, some only in part.
  void lose_some(base::Random& random);
  /// The process died, the machine did not.
  void lose_nothing();

  /// A number below `below`.
  static std::uint64_t draw(base::Random& random, std::uint64_t below);

 private:
  struct Change {
    std::uint64_t offset = 0;
    std::string bytes;
    std::optional<std::uint64_t> size;  ///< Set: a change of size instead of a write.
  };
  void apply(const Change& change);
  void apply_part(const Change& change, base::Random& random);

  std::string seen_;
  std::string disk_;
  std::vector<Change> unsynced_;
  std::pair<std::uint64_t, std::uint64_t> bad_{0, 0};
};

}  // namespace io
