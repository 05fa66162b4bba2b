#include "io/file_system.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>

namespace io {
namespace {

/// A disk takes such a piece in less time than it needs for a sync.
constexpr std::uint64_t kPieceBytes = 256 << 10;

base::Error failed(std::string_view action, const std::string& path) {
  const int os_error = errno;
  return base::os_fail(std::string(action) + " '" + path + "'", os_error);
}

/// The call is not there or not allowed: nothing is known of what was written.
bool is_missing_call(int os_error) {
  return os_error == ENOSYS || os_error == EINVAL || os_error == EOPNOTSUPP || os_error == EPERM;
}

/// Owns a descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

class PosixFile final : public File {
 public:
  PosixFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  base::Status write_at(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written =
          ::pwrite(descriptor_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (written < 0) {
        if (errno == EINTR) {
          continue;
        }
        return failed("writing", path_);
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
      offset += static_cast<std::uint64_t>(written);
    }
    return base::ok();
  }

  base::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t got = ::pread(descriptor_.number(), out.data() + done, out.size() - done,
                                  static_cast<off_t>(offset + done));
      if (got == 0) {
        break;
      }
      if (got < 0) {
        if (errno == EINTR) {
          continue;
        }
        return failed("reading", path_);
      }
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  base::Status sync_data() override {
    if (const int error = write_error_.load(std::memory_order_relaxed); error != 0) {
      return base::os_fail("writing '" + path_ + "'", error);
    }
    // No repetition, not even after EINTR: a second call may report success for pages that the
    // first one gave up.
    return ::fdatasync(descriptor_.number()) == 0 ? base::ok() : failed("syncing", path_);
  }

  void write_out(std::uint64_t from, std::uint64_t end) override {
#ifdef __linux__
    constexpr unsigned kHow =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    for (std::uint64_t at = from; at < end; at += kPieceBytes) {
      const std::uint64_t bytes = std::min(kPieceBytes, end - at);
      if (::sync_file_range(descriptor_.number(), static_cast<off_t>(at), static_cast<off_t>(bytes),
                            kHow) != 0 &&
          !is_missing_call(errno)) {
        // The kernel tells of it once, and has told now: syncs have to from here on.
        write_error_.store(errno, std::memory_order_relaxed);
        return;
      }
    }
#else
    static_cast<void>(from);
    static_cast<void>(end);
#endif
  }

  base::Status allocate(std::uint64_t bytes) override {
    int result = 0;
    do {
      result = ::fallocate(descriptor_.number(), 0, 0, static_cast<off_t>(bytes));
    } while (result != 0 && errno == EINTR);
    if (result == 0) {
      return base::ok();
    }
    if (errno != EOPNOTSUPP && errno != ENOSYS) {
      return failed("allocating", path_);
    }
    // A file system without preallocation: the size is set, a full disk shows while writing.
    const base::Result<std::uint64_t> now = size();
    if (!now) {
      return now.error();
    }
    return *now < bytes ? truncate(bytes) : base::ok();
  }

  base::Status truncate(std::uint64_t bytes) override {
    while (::ftruncate(descriptor_.number(), static_cast<off_t>(bytes)) != 0) {
      if (errno != EINTR) {
        return failed("truncating", path_);
      }
    }
    return base::ok();
  }

  base::Result<std::uint64_t> size() override {
    struct stat status{};
    if (::fstat(descriptor_.number(), &status) != 0) {
      return failed("looking at", path_);
    }
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  const Descriptor descriptor_;
  std::atomic<int> write_error_ = 0;  // that write_out() was told of
  const std::string path_;
};

struct CloseFolder {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

class PosixLock final : public Lock {
 public:
  explicit PosixLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  const Descriptor descriptor_;
};

class PosixFileSystem final : public FileSystem {
 public:
  base::Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    int flags = O_CLOEXEC;
    switch (mode) {
      case OpenMode::kRead: flags |= O_RDONLY; break;
      case OpenMode::kReadWrite: flags |= O_RDWR; break;
      case OpenMode::kCreate: flags |= O_RDWR | O_CREAT | O_EXCL; break;
    }
    Descriptor descriptor(::open(path.c_str(), flags, 0600));
    if (descriptor.number() < 0) {
      return failed(mode == OpenMode::kCreate ? "creating" : "opening", path);
    }
    return std::unique_ptr<File>(std::make_unique<PosixFile>(std::move(descriptor), path));
  }

  base::Status rename(const std::string& from, const std::string& to) override {
    return ::rename(from.c_str(), to.c_str()) == 0 ? base::ok()
                                                   : failed("renaming '" + from + "' to", to);
  }

  base::Status remove(const std::string& path) override {
    return ::unlink(path.c_str()) == 0 ? base::ok() : failed("removing", path);
  }

  base::Result<std::vector<std::string>> list(const std::string& folder) override {
    const std::unique_ptr<DIR, CloseFolder> stream(::opendir(folder.c_str()));
    if (stream == nullptr) {
      return failed("listing", folder);
    }
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(stream.get())) {
      const std::string_view name(entry->d_name);
      if (name != "." && name != "..") {
        names.emplace_back(name);
      }
    }
    if (errno != 0) {
      return failed("listing", folder);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  base::Status create_directories(const std::string& folder) override {
    for (std::size_t end = 0; end < folder.size();) {
      end = std::min(folder.find('/', end + 1), folder.size());
      const std::string part = folder.substr(0, end);
      if (::mkdir(part.c_str(), 0700) != 0) {
        const int os_error = errno;
        struct stat status{};
        if (::stat(part.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
          continue;
        }
        return base::os_fail("making folder '" + part + "'", os_error);
      }
      // A new folder is as durable as its entry in the one above.
      const std::size_t slash = part.rfind('/');
      const std::string above = slash == std::string::npos ? "." : part.substr(0, slash + 1);
      if (const base::Status synced = sync_directory(above); !synced) {
        return synced;
      }
    }
    return base::ok();
  }

  base::Status sync_directory(const std::string& folder) override {
    const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor.number() < 0) {
      return failed("opening folder", folder);
    }
    return ::fsync(descriptor.number()) == 0 ? base::ok() : failed("syncing folder", folder);
  }

  bool exists(const std::string& path) override {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0;
  }

  base::Result<std::uint64_t> free_bytes(const std::string& folder) override {
    struct statvfs status{};
    if (::statvfs(folder.c_str(), &status) != 0) {
      return failed("asking for free space of", folder);
    }
    return std::uint64_t{status.f_bavail} * status.f_frsize;
  }

  base::Result<std::unique_ptr<Lock>> lock(const std::string& path) override {
    Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (descriptor.number() < 0) {
      return failed("opening", path);
    }
    while (::flock(descriptor.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) {
        return base::fail(base::Code::kUnavailable, "'" + path + "' is locked by another process");
      }
      if (errno != EINTR) {
        return failed("locking", path);
      }
    }
    return std::unique_ptr<Lock>(std::make_unique<PosixLock>(std::move(descriptor)));
  }
};

}  // namespace

std::unique_ptr<FileSystem> posix_file_system() { return std::make_unique<PosixFileSystem>(); }

}  // namespace io
