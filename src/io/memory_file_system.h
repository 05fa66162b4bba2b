#pragma once
// A disk in memory for tests and the simulation. It keeps apart what programs see, what was written
// but not synced, and what a power cut would leave; it fails when told to, and it can lose power at
// any call. It is stricter than most real disks: a file whose folder was not synced may be gone,
// and bytes of a failed sync stay visible but never reach the disk by a later sync.

#include "base/random.h"
#include "base/result.h"
#include "io/file_system.h"

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace io {

class MemoryContent;

/// Owner: the test; outlives every File opened on it. Threads: any, as the interface says.
class MemoryFileSystem final : public FileSystem {
 public:
  /// Kinds of calls, to count them and to make them fail.
  enum class Call : std::uint8_t {
    kOpen,
    kRead,
    kWrite,
    kSync,
    kAllocate,
    kTruncate,
    kRename,
    kRemove,
    kSyncDirectory,
    kFree
  };
  /// What a power cut leaves of that which was not synced.
  enum class Loss : std::uint8_t {
    kAll,     ///< Nothing.
    kRandom,  ///< Any sectors of any writes, the last one torn inside; any folder changes.
    kNone,    ///< Everything: the process died, the machine did not.
  };

  explicit MemoryFileSystem(std::uint64_t capacity = std::uint64_t{1} << 40U);
  ~MemoryFileSystem() override;

  base::Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  base::Status rename(const std::string& from, const std::string& to) override;
  base::Status remove(const std::string& path) override;
  base::Result<std::vector<std::string>> list(const std::string& folder) override;
  base::Status create_directories(const std::string& folder) override;
  base::Status sync_directory(const std::string& folder) override;
  bool exists(const std::string& path) override;
  base::Result<std::uint64_t> free_bytes(const std::string& folder) override;
  base::Result<std::unique_ptr<Lock>> lock(const std::string& path) override;

  /// The `nth` call of this kind from now on (1 is the next) fails with `os_error`; with `repeat`
  /// all later ones too. A failing write leaves the first half of its bytes.
  void fail(Call call, int os_error, std::uint64_t nth = 1, bool repeat = false);
  /// Takes back every fail().
  void heal() {
    const std::lock_guard lock(mutex_);
    faults_ = {};
  }
  /// Bytes of the whole disk; writes and allocations beyond fail with ENOSPC.
  void set_capacity(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    capacity_ = bytes;
  }
  /// The power goes during the `change`th call from now on that changes something (1 is the next);
  /// that call and every later one fails until restart(). Without power nothing changes.
  void power_off_at(std::uint64_t change) {
    const std::lock_guard lock(mutex_);
    changes_left_ = changes_left_ > 0 ? change : 0;
  }
  [[nodiscard]] bool has_power() const {
    const std::lock_guard lock(mutex_);
    return changes_left_ > 0;
  }
  /// The machine comes back: what was not synced is lost as `loss` says, chosen by `seed`. Files
  /// opened before fail from now on.
  void restart(Loss loss, std::uint64_t seed = 0);
  /// Called in every sync_data(), before anything becomes durable, without any lock held.
  void set_before_sync(std::function<void()> hook);

  [[nodiscard]] std::uint64_t calls(Call call) const;
  /// What programs see in the file; "" when there is none.
  [[nodiscard]] std::string content(const std::string& path) const;
  /// Reads that touch [offset, offset + bytes) of the file fail with EIO.
  void spoil(const std::string& path, std::uint64_t offset, std::uint64_t bytes);
  /// Puts a file there, durable at once.
  void set_content(const std::string& path, std::string bytes);
  /// Removes the folder and all below it, durable at once.
  void remove_tree(const std::string& folder);

 private:
  class MemoryFile;
  class MemoryLock;
  using Names = std::map<std::string, std::shared_ptr<MemoryContent>>;
  struct NameChange {
    std::string path;
    std::shared_ptr<MemoryContent> node;  ///< Null: the name was removed.
    std::uint64_t group = 0;              ///< Changes of one rename come together.
  };
  struct Fault {
    std::uint64_t nth = 0;  ///< 0: none.
    int os_error = 0;
    bool repeat = false;
  };
  static constexpr std::size_t kCalls = 10;

  static std::string folder_of(const std::string& path);
  base::Status enter_locked(Call call, const std::string& path);
  void change_name_locked(const std::string& path, std::shared_ptr<MemoryContent> node,
                          bool same_group);
  void make_durable_locked(const NameChange& change);
  [[nodiscard]] std::uint64_t used_locked() const;

  mutable std::mutex mutex_;
  std::uint64_t capacity_;
  std::uint64_t generation_ = 0;
  std::uint64_t changes_left_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t name_group_ = 0;
  std::array<Fault, kCalls> faults_{};
  std::array<std::uint64_t, kCalls> calls_{};
  std::function<void()> before_sync_;
  Names names_;    ///< What programs see.
  Names durable_;  ///< What the disk holds.
  std::vector<NameChange> unsynced_;
  std::set<std::string> folders_;
  std::set<std::string> locked_;
};

}  // namespace io
