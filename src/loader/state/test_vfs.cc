#include "loader/state/test_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loader::state {
namespace {

constexpr int kSectorBytes = 4096;
constexpr int kPathBytesMax = 512;

/// What the connections to one path share.
struct Shared {
  int handles = 0;
  std::array<int, SQLITE_LOCK_EXCLUSIVE + 1> at_level{};
  std::vector<std::vector<char>> regions;
  std::array<int, SQLITE_SHM_NLOCK> shared_locks{};
  std::array<bool, SQLITE_SHM_NLOCK> exclusive_locks{};
};

}  // namespace

struct TestVfs::State {
  explicit State(io::FileSystem& files_in) : files(files_in) {}

  io::FileSystem& files;
  std::map<std::string, Shared> shared;
  sqlite3_vfs vfs{};
  sqlite3_vfs* before = nullptr;
  std::uint64_t randomness = 0;
};

namespace {

/// One open file, behind the bytes that SQLite gives us for it.
struct Open {
  TestVfs::State& owner;
  std::string path;
  std::unique_ptr<io::File> file;
  Shared& shared;
  bool sync_folder = false;
  bool remove_at_close = false;
  int level = SQLITE_LOCK_NONE;
  std::uint32_t shm_shared = 0;
  std::uint32_t shm_exclusive = 0;
};

struct Handle {
  sqlite3_file base;
  Open* open;
};

Open& open_of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file)->open; }
TestVfs::State& state_of(sqlite3_vfs* vfs) { return *static_cast<TestVfs::State*>(vfs->pAppData); }

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

void set_level(Open& open, int level) {
  --open.shared.at_level[static_cast<std::size_t>(open.level)];
  open.level = level;
  ++open.shared.at_level[static_cast<std::size_t>(open.level)];
}

int others_at_or_above(const Open& open, int level) {
  int count = open.level >= level ? -1 : 0;
  for (int at = level; at <= SQLITE_LOCK_EXCLUSIVE; ++at) {
    count += open.shared.at_level[static_cast<std::size_t>(at)];
  }
  return count;
}

int file_close(sqlite3_file* file) {
  const std::unique_ptr<Open> open(std::exchange(reinterpret_cast<Handle*>(file)->open, nullptr));
  set_level(*open, SQLITE_LOCK_NONE);
  --open->shared.at_level[SQLITE_LOCK_NONE];
  if (open->remove_at_close) {
    static_cast<void>(open->owner.files.remove(open->path));
  }
  if (--open->shared.handles == 0) {
    open->owner.shared.erase(open->path);
  }
  return SQLITE_OK;
}

int file_read(sqlite3_file* file, void* out, int bytes, sqlite3_int64 offset) {
  const std::span<char> target(static_cast<char*>(out), static_cast<std::size_t>(bytes));
  const auto got = open_of(file).file->read_at(static_cast<std::uint64_t>(offset), target);
  if (!got) {
    return SQLITE_IOERR_READ;
  }
  std::fill(target.begin() + static_cast<std::ptrdiff_t>(*got), target.end(), '\0');
  return *got == target.size() ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int file_write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
  const std::string_view text(static_cast<const char*>(from), static_cast<std::size_t>(bytes));
  const auto done = open_of(file).file->write_at(static_cast<std::uint64_t>(offset), text);
  if (done) {
    return SQLITE_OK;
  }
  return done.error().os_error == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

int file_truncate(sqlite3_file* file, sqlite3_int64 bytes) {
  return open_of(file).file->truncate(static_cast<std::uint64_t>(bytes)) ? SQLITE_OK
                                                                         : SQLITE_IOERR_TRUNCATE;
}

int file_sync(sqlite3_file* file, int /*flags*/) {
  Open& open = open_of(file);
  if (!open.file->sync_data()) {
    return SQLITE_IOERR_FSYNC;
  }
  if (open.sync_folder) {
    // As SQLite does on Unix, which takes no notice of a failure.
    static_cast<void>(open.owner.files.sync_directory(folder_of(open.path)));
    open.sync_folder = false;
  }
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* bytes) {
  const auto size = open_of(file).file->size();
  *bytes = size ? static_cast<sqlite3_int64>(*size) : 0;
  return size ? SQLITE_OK : SQLITE_IOERR_FSTAT;
}

int file_lock(sqlite3_file* file, int level) {
  Open& open = open_of(file);
  if (open.level >= level) {
    return SQLITE_OK;
  }
  const int conflict = level == SQLITE_LOCK_SHARED     ? SQLITE_LOCK_PENDING
                       : level == SQLITE_LOCK_RESERVED ? SQLITE_LOCK_RESERVED
                                                       : SQLITE_LOCK_SHARED;
  if (others_at_or_above(open, conflict) > 0) {
    return SQLITE_BUSY;
  }
  set_level(open, level);
  return SQLITE_OK;
}

int file_unlock(sqlite3_file* file, int level) {
  if (open_of(file).level > level) {
    set_level(open_of(file), level);
  }
  return SQLITE_OK;
}

int file_reserved(sqlite3_file* file, int* out) {
  *out = others_at_or_above(open_of(file), SQLITE_LOCK_RESERVED) > 0 ? 1 : 0;
  return SQLITE_OK;
}

int file_control(sqlite3_file* /*file*/, int /*what*/, void* /*value*/) { return SQLITE_NOTFOUND; }
int file_sector(sqlite3_file* /*file*/) { return kSectorBytes; }
int file_traits(sqlite3_file* /*file*/) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int shm_map(sqlite3_file* file, int region, int bytes, int extend, void volatile** out) {
  std::vector<std::vector<char>>& regions = open_of(file).shared.regions;
  const auto wanted = static_cast<std::size_t>(region);
  while (extend != 0 && regions.size() <= wanted) {
    regions.emplace_back(static_cast<std::size_t>(bytes), '\0');
  }
  *out = wanted < regions.size() ? regions[wanted].data() : nullptr;
  return SQLITE_OK;
}

bool shm_conflict(const Open& open, std::size_t slot, bool exclusive) {
  const std::uint32_t bit = 1U << slot;
  const bool other_exclusive =
      open.shared.exclusive_locks.at(slot) && (open.shm_exclusive & bit) == 0;
  const int own = (open.shm_shared & bit) != 0 ? 1 : 0;
  return other_exclusive || (exclusive && open.shared.shared_locks.at(slot) > own);
}

void shm_release(Open& open, std::size_t slot) {
  const std::uint32_t bit = 1U << slot;
  if ((open.shm_exclusive & bit) != 0) {
    open.shared.exclusive_locks.at(slot) = false;
  }
  if ((open.shm_shared & bit) != 0) {
    --open.shared.shared_locks.at(slot);
  }
  open.shm_exclusive &= ~bit;
  open.shm_shared &= ~bit;
}

int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  Open& open = open_of(file);
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  const bool lock = (flags & SQLITE_SHM_LOCK) != 0;
  for (int slot = offset; lock && slot < offset + count; ++slot) {
    if (shm_conflict(open, static_cast<std::size_t>(slot), exclusive)) {
      return SQLITE_BUSY;
    }
  }
  for (int number = offset; number < offset + count; ++number) {
    const auto slot = static_cast<std::size_t>(number);
    shm_release(open, slot);
    if (lock && exclusive) {
      open.shared.exclusive_locks.at(slot) = true;
      open.shm_exclusive |= 1U << slot;
    } else if (lock) {
      ++open.shared.shared_locks.at(slot);
      open.shm_shared |= 1U << slot;
    }
  }
  return SQLITE_OK;
}

void shm_barrier(sqlite3_file* /*file*/) {}

int shm_unmap(sqlite3_file* file, int /*remove*/) {
  for (std::size_t slot = 0; slot < SQLITE_SHM_NLOCK; ++slot) {
    shm_release(open_of(file), slot);
  }
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {
    2,         file_close,  file_read,     file_write,   file_truncate, file_sync,   file_size,
    file_lock, file_unlock, file_reserved, file_control, file_sector,   file_traits, shm_map,
    shm_lock,  shm_barrier, shm_unmap,     nullptr,      nullptr};

base::Result<std::unique_ptr<io::File>> open_file(io::FileSystem& files, const std::string& path,
                                                  int flags, bool& created) {
  const bool write = (flags & SQLITE_OPEN_READWRITE) != 0;
  created = write && (flags & SQLITE_OPEN_CREATE) != 0 && !files.exists(path);
  return files.open(path, created ? io::OpenMode::kCreate
                          : write ? io::OpenMode::kReadWrite
                                  : io::OpenMode::kRead);
}

int vfs_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  TestVfs::State& state = state_of(vfs);
  file->pMethods = nullptr;
  const std::string path =
      name != nullptr ? name : "temporary/" + std::to_string(++state.randomness);
  if (name == nullptr && !state.files.create_directories("temporary")) {
    return SQLITE_CANTOPEN;
  }
  bool created = false;
  auto opened = open_file(state.files, path, flags, created);
  if (!opened) {
    return SQLITE_CANTOPEN;
  }
  Shared& shared = state.shared[path];
  ++shared.handles;
  ++shared.at_level[SQLITE_LOCK_NONE];
  auto open = std::make_unique<Open>(Open{state, path, std::move(*opened), shared});
  open->sync_folder = created && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
  open->remove_at_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  reinterpret_cast<Handle*>(file)->open = open.release();
  file->pMethods = &kMethods;
  if (out_flags != nullptr) {
    *out_flags = flags;
  }
  return SQLITE_OK;
}

int vfs_delete(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  io::FileSystem& files = state_of(vfs).files;
  if (!files.exists(path)) {
    return SQLITE_IOERR_DELETE_NOENT;
  }
  if (!files.remove(path)) {
    return SQLITE_IOERR_DELETE;
  }
  return sync_folder == 0 || files.sync_directory(folder_of(path)) ? SQLITE_OK
                                                                   : SQLITE_IOERR_DIR_FSYNC;
}

/// As on Unix: an empty file is as good as none.
int vfs_access(sqlite3_vfs* vfs, const char* path, int what, int* out) {
  io::FileSystem& files = state_of(vfs).files;
  *out = files.exists(path) ? 1 : 0;
  if (*out != 0 && what == SQLITE_ACCESS_EXISTS) {
    const auto file = files.open(path, io::OpenMode::kRead);
    const auto bytes = file ? (*file)->size() : base::Result<std::uint64_t>(file.error());
    *out = bytes && *bytes > 0 ? 1 : 0;
  }
  return SQLITE_OK;
}

int vfs_full_path(sqlite3_vfs* /*vfs*/, const char* path, int bytes, char* out) {
  sqlite3_snprintf(bytes, out, "%s", path);
  return SQLITE_OK;
}

int vfs_randomness(sqlite3_vfs* vfs, int bytes, char* out) {
  std::uint64_t& number = state_of(vfs).randomness;
  for (int at = 0; at < bytes; ++at) {
    number = number * 6364136223846793005U + 1442695040888963407U;
    out[at] = static_cast<char>(number >> 56U);
  }
  return bytes;
}

int vfs_sleep(sqlite3_vfs* /*vfs*/, int us) { return us; }

int vfs_time(sqlite3_vfs* /*vfs*/, double* out) {
  *out = 2460000.5;
  return SQLITE_OK;
}

int vfs_last_error(sqlite3_vfs* /*vfs*/, int /*bytes*/, char* /*out*/) { return 0; }

}  // namespace

TestVfs::TestVfs(io::FileSystem& files) : state_(std::make_unique<State>(files)) {
  state_->before = sqlite3_vfs_find(nullptr);
  sqlite3_vfs& vfs = state_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(Handle);
  vfs.mxPathname = kPathBytesMax;
  vfs.zName = "test";
  vfs.pAppData = state_.get();
  vfs.xOpen = vfs_open;
  vfs.xDelete = vfs_delete;
  vfs.xAccess = vfs_access;
  vfs.xFullPathname = vfs_full_path;
  vfs.xRandomness = vfs_randomness;
  vfs.xSleep = vfs_sleep;
  vfs.xCurrentTime = vfs_time;
  vfs.xGetLastError = vfs_last_error;
  sqlite3_vfs_register(&vfs, 1);
  sqlite3_randomness(0, nullptr);  // Drawn from `vfs` again, so that a seed repeats a history.
}

TestVfs::~TestVfs() {
  sqlite3_vfs_unregister(&state_->vfs);
  sqlite3_vfs_register(state_->before, 1);
}

}  // namespace loader::state
