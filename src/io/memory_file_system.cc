#include "io/memory_file_system.h"

#include "io/memory_content.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace io {
namespace {

std::string without_slash(std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/')) {
    folder.pop_back();
  }
  return folder;
}

}  // namespace

std::string MemoryFileSystem::folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

class MemoryFileSystem::MemoryFile final : public File {
 public:
  MemoryFile(MemoryFileSystem& owner, std::shared_ptr<MemoryContent> node, std::string path,
             bool writable)
      : owner_(owner),
        node_(std::move(node)),
        path_(std::move(path)),
        generation_(owner.generation_),
        writable_(writable) {}

  base::Status write_at(std::uint64_t offset, std::string_view bytes) override {
    const std::lock_guard lock(owner_.mutex_);
    const bool was_alive = alive_locked();
    if (const base::Status entered = enter_locked(Call::kWrite); !entered) {
      if (was_alive && writable_) {
        // When the power goes, restart() decides which sectors of the whole write arrived.
        node_->write(offset, alive_locked() ? bytes.substr(0, bytes.size() / 2) : bytes);
      }
      return entered;
    }
    const std::uint64_t end = offset + bytes.size();
    const std::uint64_t more = end > node_->bytes().size() ? end - node_->bytes().size() : 0;
    const std::uint64_t used = owner_.used_locked();
    const std::uint64_t room = owner_.capacity_ > used ? owner_.capacity_ - used : 0;
    if (more > room) {
      const std::uint64_t missing = more - room;
      node_->write(offset, bytes.substr(0, bytes.size() - std::min(missing, bytes.size())));
      return base::os_fail("writing '" + path_ + "'", ENOSPC);
    }
    node_->write(offset, bytes);
    return base::ok();
  }

  base::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) override {
    const std::lock_guard lock(owner_.mutex_);
    if (const base::Status entered = enter_locked(Call::kRead); !entered) {
      return entered.error();
    }
    if (offset >= node_->bytes().size()) {
      return std::size_t{0};
    }
    const std::size_t bytes = std::min<std::size_t>(out.size(), node_->bytes().size() - offset);
    if (!node_->readable(offset, bytes)) {
      return base::os_fail("reading '" + path_ + "'", EIO);
    }
    std::memcpy(out.data(), node_->bytes().data() + offset, bytes);
    return bytes;
  }

  void write_out(std::uint64_t /*from*/, std::uint64_t /*end*/) override {}
  base::Status sync_data() override {
    std::function<void()> hook;
    {
      const std::lock_guard lock(owner_.mutex_);
      hook = owner_.before_sync_;
    }
    if (hook) {
      hook();
    }
    const std::lock_guard lock(owner_.mutex_);
    if (const base::Status entered = enter_locked(Call::kSync); !entered) {
      if (alive_locked()) {
        node_->fail_sync();
      }
      return entered;
    }
    node_->sync();
    return base::ok();
  }

  base::Status allocate(std::uint64_t bytes) override {
    const std::lock_guard lock(owner_.mutex_);
    if (const base::Status entered = enter_locked(Call::kAllocate); !entered) {
      return entered;
    }
    if (bytes <= node_->bytes().size()) {
      return base::ok();
    }
    if (owner_.used_locked() - node_->bytes().size() + bytes > owner_.capacity_) {
      return base::os_fail("allocating '" + path_ + "'", ENOSPC);
    }
    node_->resize(bytes);
    return base::ok();
  }

  base::Status truncate(std::uint64_t bytes) override {
    const std::lock_guard lock(owner_.mutex_);
    if (const base::Status entered = enter_locked(Call::kTruncate); !entered) {
      return entered;
    }
    node_->resize(bytes);
    return base::ok();
  }

  base::Result<std::uint64_t> size() override {
    const std::lock_guard lock(owner_.mutex_);
    if (!alive_locked()) {
      return base::os_fail("looking at '" + path_ + "'", EIO);
    }
    return std::uint64_t{node_->bytes().size()};
  }

 private:
  [[nodiscard]] bool alive_locked() const {
    return generation_ == owner_.generation_ && owner_.changes_left_ > 0;
  }

  base::Status enter_locked(Call call) {
    if (generation_ != owner_.generation_) {
      return base::os_fail("using '" + path_ + "' of before the power cut", EIO);
    }
    if (call != Call::kRead && !writable_) {
      return base::os_fail("changing '" + path_ + "'", EBADF);
    }
    return owner_.enter_locked(call, path_);
  }

  MemoryFileSystem& owner_;
  const std::shared_ptr<MemoryContent> node_;
  const std::string path_;
  const std::uint64_t generation_;
  const bool writable_;
};

class MemoryFileSystem::MemoryLock final : public Lock {
 public:
  MemoryLock(MemoryFileSystem& owner, std::string path) : owner_(owner), path_(std::move(path)) {}
  ~MemoryLock() override {
    const std::lock_guard lock(owner_.mutex_);
    owner_.locked_.erase(path_);
  }

 private:
  MemoryFileSystem& owner_;
  const std::string path_;
};

MemoryFileSystem::MemoryFileSystem(std::uint64_t capacity) : capacity_(capacity) {}
MemoryFileSystem::~MemoryFileSystem() = default;

base::Status MemoryFileSystem::enter_locked(Call call, const std::string& path) {
  const auto index = static_cast<std::size_t>(call);
  ++calls_[index];
  const bool changes = call != Call::kRead && call != Call::kOpen && call != Call::kFree;
  if (changes_left_ == 0) {
    return base::os_fail("using '" + path + "' without power", EIO);
  }
  if (changes && changes_left_ != std::numeric_limits<std::uint64_t>::max()) {
    if (--changes_left_ == 0) {
      return base::os_fail("using '" + path + "' while the power went", EIO);
    }
  }
  Fault& fault = faults_[index];
  if (fault.nth != 1) {
    fault.nth -= fault.nth > 0 ? 1 : 0;
    return base::ok();
  }
  fault.nth = fault.repeat ? 1 : 0;
  return base::os_fail("using '" + path + "' with a fault", fault.os_error);
}

void MemoryFileSystem::change_name_locked(const std::string& path,
                                          std::shared_ptr<MemoryContent> node, bool same_group) {
  if (!same_group) {
    ++name_group_;
  }
  if (node == nullptr) {
    names_.erase(path);
  } else {
    names_[path] = node;
  }
  unsynced_.push_back({path, std::move(node), name_group_});
}

void MemoryFileSystem::make_durable_locked(const NameChange& change) {
  if (change.node == nullptr) {
    durable_.erase(change.path);
  } else {
    durable_[change.path] = change.node;
  }
}

std::uint64_t MemoryFileSystem::used_locked() const {
  std::uint64_t bytes = 0;
  for (const auto& [name, node] : names_) {
    bytes += node->bytes().size();
  }
  return bytes;
}

base::Result<std::unique_ptr<File>> MemoryFileSystem::open(const std::string& path, OpenMode mode) {
  const std::lock_guard lock(mutex_);
  if (const base::Status entered = enter_locked(Call::kOpen, path); !entered) {
    return entered.error();
  }
  auto found = names_.find(path);
  if (mode == OpenMode::kCreate) {
    if (found != names_.end()) {
      return base::os_fail("creating '" + path + "'", EEXIST);
    }
    if (!folders_.contains(folder_of(path))) {
      return base::os_fail("creating '" + path + "'", ENOENT);
    }
    change_name_locked(path, std::make_shared<MemoryContent>(), false);
    found = names_.find(path);
  } else if (found == names_.end()) {
    return base::os_fail("opening '" + path + "'", ENOENT);
  }
  return std::unique_ptr<File>(
      std::make_unique<MemoryFile>(*this, found->second, path, mode != OpenMode::kRead));
}

base::Status MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (const base::Status entered = enter_locked(Call::kRename, from); !entered) {
    return entered;
  }
  const auto found = names_.find(from);
  if (found == names_.end()) {
    return base::os_fail("renaming '" + from + "'", ENOENT);
  }
  change_name_locked(to, found->second, false);
  change_name_locked(from, nullptr, true);
  return base::ok();
}

base::Status MemoryFileSystem::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (const base::Status entered = enter_locked(Call::kRemove, path); !entered) {
    return entered;
  }
  if (!names_.contains(path)) {
    return base::os_fail("removing '" + path + "'", ENOENT);
  }
  change_name_locked(path, nullptr, false);
  return base::ok();
}

base::Result<std::vector<std::string>> MemoryFileSystem::list(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  const std::string wanted = without_slash(folder);
  if (changes_left_ == 0 || !folders_.contains(wanted)) {
    return base::os_fail("listing '" + folder + "'", changes_left_ == 0 ? EIO : ENOENT);
  }
  std::vector<std::string> out;
  for (const auto& [path, node] : names_) {
    if (folder_of(path) == wanted) {
      out.push_back(path.substr(path.rfind('/') + 1));
    }
  }
  for (const std::string& inner : folders_) {
    if (folder_of(inner) == wanted) {
      out.push_back(inner.substr(inner.rfind('/') + 1));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

base::Status MemoryFileSystem::create_directories(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  for (std::string part = without_slash(folder); part != "." && part != "/" && !part.empty();
       part = folder_of(part)) {
    folders_.insert(part);
  }
  return base::ok();
}

base::Status MemoryFileSystem::sync_directory(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  if (const base::Status entered = enter_locked(Call::kSyncDirectory, folder); !entered) {
    return entered;
  }
  const std::string wanted = without_slash(folder);
  std::erase_if(unsynced_, [&](const NameChange& change) {
    if (folder_of(change.path) != wanted) {
      return false;
    }
    make_durable_locked(change);
    return true;
  });
  return base::ok();
}

bool MemoryFileSystem::exists(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return names_.contains(path) || folders_.contains(without_slash(path));
}

base::Result<std::uint64_t> MemoryFileSystem::free_bytes(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  if (const base::Status entered = enter_locked(Call::kFree, folder); !entered) {
    return entered.error();
  }
  const std::uint64_t used = used_locked();
  return capacity_ > used ? capacity_ - used : 0;
}

base::Result<std::unique_ptr<Lock>> MemoryFileSystem::lock(const std::string& path) {
  const std::lock_guard guard(mutex_);
  if (!locked_.insert(path).second) {
    return base::fail(base::Code::kUnavailable, "'" + path + "' is locked by another process");
  }
  return std::unique_ptr<Lock>(std::make_unique<MemoryLock>(*this, path));
}

void MemoryFileSystem::fail(Call call, int os_error, std::uint64_t nth, bool repeat) {
  const std::lock_guard lock(mutex_);
  faults_[static_cast<std::size_t>(call)] = {nth, os_error, repeat};
}

void MemoryFileSystem::restart(Loss loss, std::uint64_t seed) {
  const std::lock_guard lock(mutex_);
  base::SeededRandom random(seed);
  ++generation_;
  changes_left_ = std::numeric_limits<std::uint64_t>::max();
  faults_ = {};
  locked_.clear();
  std::uint64_t kept_group = 0;
  std::uint64_t lost_group = 0;
  for (const NameChange& change : unsynced_) {
    if (change.group != kept_group && change.group != lost_group) {
      const bool kept =
          loss == Loss::kNone || (loss == Loss::kRandom && MemoryContent::draw(random, 2) == 0);
      (kept ? kept_group : lost_group) = change.group;
    }
    if (change.group == kept_group) {
      make_durable_locked(change);
    }
  }
  unsynced_.clear();
  names_ = durable_;
  for (const auto& [path, node] : names_) {
    switch (loss) {
      case Loss::kAll: node->lose_unsynced(); break;
      case Loss::kRandom: node->lose_some(random); break;
      case Loss::kNone: node->lose_nothing(); break;
    }
  }
}

void MemoryFileSystem::set_before_sync(std::function<void()> hook) {
  const std::lock_guard lock(mutex_);
  before_sync_ = std::move(hook);
}

std::uint64_t MemoryFileSystem::calls(Call call) const {
  const std::lock_guard lock(mutex_);
  return calls_[static_cast<std::size_t>(call)];
}

}  // namespace io
