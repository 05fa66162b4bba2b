#pragma once
// Every file call of the program's own formats (journal, manifest, dedup runs) goes through here,
// so that a test or the simulation can replace the disk. A path is a plain string. Errors carry the
// path in their message.

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace io {

/// An open file. Owner closes it by destroying it. Threads: positioned reads and writes may run at
/// the same time; the caller keeps writers of one range apart.
class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  /// Writes all of `bytes` at `offset`, repeating after short writes and EINTR. Durable: only after
  /// sync_data() has returned ok.
  virtual base::Status write_at(std::uint64_t offset, std::string_view bytes) = 0;
  /// Reads up to `out.size()` bytes; fewer only at the end of the file.
  virtual base::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) = 0;
  /// fdatasync. After a failure nobody knows what is on disk: the caller must give the file up.
  virtual base::Status sync_data() = 0;
  /// Lets what was written to [from, end) go to the disk, without promising anything, so that a
  /// later sync finds little left. Goes piece by piece and waits for each: a sync of another file,
  /// which has to stand in the disk's queue, stands behind one piece at most. What fails is told by
  /// every sync_data() of this File from then on.
  virtual void write_out(std::uint64_t from, std::uint64_t end) = 0;
  /// Reserves blocks for [0, bytes) and sets the size; the new part reads as zeros.
  virtual base::Status allocate(std::uint64_t bytes) = 0;
  virtual base::Status truncate(std::uint64_t bytes) = 0;
  virtual base::Result<std::uint64_t> size() = 0;
};

/// Held while it lives; another process that tries gets kUnavailable.
class Lock {
 public:
  Lock() = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  virtual ~Lock() = default;
};

enum class OpenMode : std::uint8_t {
  kRead,       ///< Must exist.
  kReadWrite,  ///< Must exist.
  kCreate,     ///< Must not exist; mode 0600.
};

/// Threads: every method may be called from any thread.
class FileSystem {
 public:
  FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;
  virtual ~FileSystem() = default;

  virtual base::Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  /// Atomic replacement; durable after sync_directory() of the folder.
  virtual base::Status rename(const std::string& from, const std::string& to) = 0;
  virtual base::Status remove(const std::string& path) = 0;
  /// Names (not paths) in the folder, sorted, without "." and "..".
  virtual base::Result<std::vector<std::string>> list(const std::string& folder) = 0;
  /// Makes the folder and its parents (mode 0700) unless they exist.
  virtual base::Status create_directories(const std::string& folder) = 0;
  virtual base::Status sync_directory(const std::string& folder) = 0;
  virtual bool exists(const std::string& path) = 0;
  /// Bytes an ordinary user may still write on the file system that holds `folder`.
  virtual base::Result<std::uint64_t> free_bytes(const std::string& folder) = 0;
  /// Takes an exclusive advisory lock on `path`, creating it; kUnavailable when another holds it.
  virtual base::Result<std::unique_ptr<Lock>> lock(const std::string& path) = 0;
};

/// The real disk.
std::unique_ptr<FileSystem> posix_file_system();

/// The whole file as text; kTooLarge past `bytes_max`.
base::Result<std::string> read_file(FileSystem& files, const std::string& path,
                                    std::uint64_t bytes_max);
/// Writes `bytes` so that after a crash the path holds all of the old or all of the new content:
/// temporary file, sync, rename, folder sync.
base::Status replace_file(FileSystem& files, const std::string& path, std::string_view bytes);

/// "folder/name" with exactly one slash.
std::string join(std::string_view folder, std::string_view name);

}  // namespace io
