#pragma once
// Watches the free space of the journal's disk, so that a full disk shows before a record is
// written and not while. Owner: the Appender; threads: the committer thread.

#include "base/clock.h"
#include "base/result.h"
#include "io/file_system.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace journal {

/// Says that so little is free; empty when it is not less than the reserve.
std::string below_reserve(std::uint64_t free_bytes, std::uint64_t reserve_bytes);

class Space {
 public:
  /// How old an answer of the file system may be.
  static constexpr std::chrono::milliseconds kAgeMax{250};

  Space(io::FileSystem& files, const base::Clock& clock, std::string folder,
        std::uint64_t reserve_bytes);

  /// kUnavailable when less than the reserve is free. Asks the file system at most every kAgeMax.
  base::Status check();
  /// kUnavailable when taking `bytes` would leave less than the reserve. Always asks.
  base::Status check_for(std::uint64_t bytes);
  [[nodiscard]] std::uint64_t free_bytes() const { return free_bytes_; }

 private:
  base::Status look();

  io::FileSystem& files_;
  const base::Clock& clock_;
  const std::string folder_;
  const std::uint64_t reserve_bytes_;
  std::uint64_t free_bytes_ = 0;
  bool looked_ = false;
  std::chrono::steady_clock::time_point looked_at_{};
};

}  // namespace journal
