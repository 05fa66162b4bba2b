#pragma once
// Syncs the segments for those about to keep for good what they made of records, where records are
// answered before they are synced (SyncMode::kInterval and kOff). By name and not through the
// Appender, whose file is its thread's: what was answered lies in files that are there already.
// Owner: the Writer.

#include "base/result.h"
#include "io/file_system.h"

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

namespace journal {

/// Threads: settle() from any.
class Settler {
 public:
  /// Lifetime: `files` outlives it.
  Settler(io::FileSystem& files, std::string folder) : files_(files), folder_(std::move(folder)) {}

  /// Durable: all that was in the segments before the call. After a sync that failed every later
  /// call fails too: nobody knows what is on the disk then.
  base::Status settle();
  /// A sync failed.
  [[nodiscard]] bool broken();

 private:
  base::Status sync_segment(const std::string& path);

  io::FileSystem& files_;
  const std::string folder_;
  std::mutex mutex_;              // guards the next two
  std::uint64_t next_first_ = 0;  // segments that begin before it are synced
  base::Status failed_ = base::ok();
};

}  // namespace journal
