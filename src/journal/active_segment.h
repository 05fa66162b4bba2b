#pragma once
// The one segment that is being written. Owner: the Appender, on the committer thread.

#include "base/result.h"
#include "io/file_system.h"
#include "segment/format.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace journal {

class ActiveSegment {
 public:
  struct Plan {
    std::string folder;
    segment::Header header;
    std::uint64_t bytes = 0;  ///< To allocate.
  };

  /// Makes the file, of `spare` unless that is null (see Spare::take()); its header and its name
  /// are durable, also where records are not synced, so that a power cut leaves a gap and never a
  /// journal without its beginning. After kUnavailable (the disk or a table of the kernel is full)
  /// nothing is left of it and a later try may work; any other error of allocating, writing or
  /// syncing is final.
  static base::Result<std::unique_ptr<ActiveSegment>> create(
      io::FileSystem& files, const Plan& plan, std::shared_ptr<io::File> spare = nullptr);
  /// Goes on behind `end` in a file that recovery has checked; `bytes` is its allocated size.
  ActiveSegment(std::shared_ptr<io::File> file, const segment::Header& header, std::uint64_t end,
                std::uint64_t bytes);

  [[nodiscard]] const segment::Header& header() const { return header_; }
  [[nodiscard]] std::uint64_t room() const { return bytes_ > end_ ? bytes_ - end_ : 0; }
  [[nodiscard]] std::uint64_t end() const { return end_; }
  [[nodiscard]] bool has_records() const { return end_ > segment::kHeaderBytes; }

  /// Appends encoded records. After kUnavailable (the file system could not keep what it had
  /// allocated) the file ends where it ended before and has no room any more.
  base::Status write(std::string_view records);
  base::Status sync() { return file_->sync_data(); }
  /// Gives back what was allocated and not used; never written again.
  void finish();

 private:
  const std::shared_ptr<io::File> file_;
  const segment::Header header_;
  std::uint64_t end_;
  std::uint64_t bytes_;
};

}  // namespace journal
