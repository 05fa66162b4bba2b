#pragma once
// The file the next segment is made of. Its blocks are written ahead of need, with zeros, so that a
// sync of records in it has to note nothing in the file system beside the records themselves. It is
// filled in pieces while the active segment fills, at twice that pace and from a quarter on:
// answers wait behind one piece at most, and a server that takes no requests writes none. Without a
// spare everything works alike, only slower, so whatever fails here is no failure of the journal.
// Owner: the Writer, whose Appender follows and takes.

#include "base/log.h"
#include "base/result.h"
#include "io/file_system.h"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace journal {

/// Its name until it is a segment. Recovery removes it, as everything that is temporary.
inline constexpr std::string_view kSpareName = "spare.tmp";

/// Threads: begin(), follow() and take() from the committer's, which they never let wait for the
/// disk; fill(), keep_room() and give_back() from any other.
class Spare {
 public:
  struct Plan {
    std::string folder;
    std::uint64_t bytes = 0;          ///< Of a segment.
    std::uint64_t reserve_bytes = 0;  ///< A spare leaves this and another segment free.
    std::uint64_t piece_bytes = std::uint64_t{1} << 20U;
  };

  /// Lifetime: `files` and `log` outlive it.
  Spare(io::FileSystem& files, base::Log& log, Plan plan);
  Spare(const Spare&) = delete;
  Spare& operator=(const Spare&) = delete;
  /// Removes what nobody took.
  ~Spare();

  /// A thread of its own fills from now on. Without it, somebody else calls fill().
  void start();
  /// A segment is gone on with or begun, and has so many bytes.
  void begin(std::uint64_t active_bytes);
  /// That segment has so many bytes now.
  void follow(std::uint64_t active_bytes);
  /// The spare when it is whole: `bytes` of durable zeros under kSpareName. The caller renames or
  /// removes it before it calls begin(). Null when there is none.
  std::unique_ptr<io::File> take();

  /// Writes the next piece if it is due. After a failure, or where the disk has too little room,
  /// there is no other try beside the same segment.
  void fill();
  /// Removes what is there where the disk, with so many bytes free, is below the reserve, or the
  /// journal is `refusing` records for want of room that this would give it.
  void keep_room(std::uint64_t free_bytes, bool refusing);
  void give_back();

 private:
  void run();
  [[nodiscard]] std::uint64_t next_end_locked() const;
  [[nodiscard]] bool due_locked() const;
  base::Status open();
  base::Status write_piece(std::uint64_t from, std::uint64_t end);
  bool has_room();
  void drop(std::unique_ptr<io::File> file);

  io::FileSystem& files_;
  base::Log& log_;
  const Plan plan_;
  const std::string path_;
  std::mutex work_;                 // held by whoever makes or removes the file; before mutex_
  std::unique_ptr<io::File> file_;  // being filled; guarded by work_
  bool told_ = false;               // of a failure, since the last spare; guarded by work_
  std::mutex mutex_;                // guards the rest
  std::condition_variable wake_;
  std::unique_ptr<io::File> whole_;
  std::uint64_t filled_ = 0;
  std::uint64_t due_ = 0;  // how far it should be filled by now
  std::uint64_t active_bytes_ = 0;
  bool gave_up_ = false;  // until the next segment
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace journal
