#include "io/memory_content.h"
#include "io/memory_file_system.h"

#include <utility>

// How a test looks into the disk, damages and changes it past the programs that use it.

namespace io {

std::string MemoryFileSystem::content(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(path);
  return found == names_.end() ? std::string() : found->second->bytes();
}

void MemoryFileSystem::spoil(const std::string& path, std::uint64_t offset, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (const auto found = names_.find(path); found != names_.end()) {
    found->second->spoil(offset, bytes);
  }
}

void MemoryFileSystem::set_content(const std::string& path, std::string bytes) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<MemoryContent>& node = names_[path];
  if (node == nullptr) {
    node = std::make_shared<MemoryContent>();
  }
  node->set(std::move(bytes));
  durable_[path] = node;
  for (std::string part = folder_of(path); part != "." && part != "/" && !part.empty();
       part = folder_of(part)) {
    folders_.insert(part);
  }
}

void MemoryFileSystem::remove_tree(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  const auto inside = [&](const std::string& path) {
    return path == folder || path.starts_with(folder + "/");
  };
  std::erase_if(names_, [&](const auto& entry) { return inside(entry.first); });
  std::erase_if(durable_, [&](const auto& entry) { return inside(entry.first); });
  std::erase_if(unsynced_, [&](const NameChange& change) { return inside(change.path); });
  std::erase_if(folders_, inside);
}

}  // namespace io
