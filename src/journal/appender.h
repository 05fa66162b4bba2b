#pragma once
// Writes groups of records, one write and one sync each, and rolls to a new segment when one is
// full. Owner: the Writer; threads: the committer thread alone, but for the constructor.

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "io/file_system.h"
#include "journal/active_segment.h"
#include "journal/space.h"
#include "journal/spare.h"
#include "journal/tail.h"
#include "journal/writer.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace journal {

class Appender {
 public:
  struct Parts {
    io::FileSystem& files;
    const base::Clock& clock;
    base::Random& random;
    Spare& spare;
  };
  /// Lifetime: everything but `tail` outlives the Appender.
  Appender(const Parts& parts, const Options& options, Tail tail);

  /// Writes as many of `records` from the front as make one group, and syncs them in
  /// SyncMode::kCommit; returns how many, at least one. kUnavailable: nothing was written, a later
  /// try may work. Any other error is final: nobody knows what is on disk, and the Appender must
  /// not be used again.
  base::Result<std::size_t> append(std::span<const std::string_view> records);
  /// Durable: everything appended before.
  base::Status sync();
  /// Makes sure that there is a segment with room for an ordinary record; errors as append().
  base::Status prepare();

  [[nodiscard]] Position last() const { return next_ - 1; }
  [[nodiscard]] bool unsynced() const { return unsynced_; }
  [[nodiscard]] std::uint64_t free_bytes() {
    static_cast<void>(space_.check());  // looks again when the last look is old
    return space_.free_bytes();
  }
  [[nodiscard]] std::uint64_t syncs() const { return syncs_; }
  [[nodiscard]] std::chrono::microseconds last_sync_took() const { return last_sync_took_; }
  /// Bytes of the active segment that hold something, and its first position.
  [[nodiscard]] std::uint64_t active_bytes() const { return active_ ? active_->end() : 0; }
  [[nodiscard]] Position active_first() const { return active_ ? active_->header().first : 0; }

 private:
  base::Status make_room(std::uint64_t record_bytes);
  base::Status roll(std::uint64_t record_bytes);
  std::size_t encode_group(std::span<const std::string_view> records);

  io::FileSystem& files_;
  const base::Clock& clock_;
  base::Random& random_;
  Spare& spare_;
  const Options& options_;
  Space space_;
  std::unique_ptr<ActiveSegment> active_;
  Position next_;
  std::string group_;
  bool unsynced_ = false;
  std::uint64_t syncs_ = 0;
  std::chrono::microseconds last_sync_took_{0};
};

}  // namespace journal
