#include "store/duckdb/leftovers.h"

#include <algorithm>

namespace store::duckdb {
namespace {

std::vector<std::string> added(const Manifest& current, const Manifest& failed) {
  std::vector<std::string> paths;
  for (const FileEntry& entry : failed.files) {
    if (std::ranges::find(current.files, entry.path, &FileEntry::path) == current.files.end()) {
      paths.push_back(entry.path);
    }
  }
  return paths;
}

}  // namespace

void Leftovers::remove(const Manifest& current, const Manifest& failed) {
  for (const std::string& path : added(current, failed)) {
    // What stays is removed by the next open().
    static_cast<void>(files_.remove(io::join(folder_, path)));
  }
}

void Leftovers::save_failed(const Manifest& current, const Manifest& failed) {
  const auto there = saved_generation(folder_, files_);
  if (kept_.empty() && there && *there == current.generation) {
    remove(current, failed);
    return;
  }
  const std::vector<std::string> paths = added(current, failed);
  kept_.insert(kept_.end(), paths.begin(), paths.end());
}

void Leftovers::saved() {
  for (const std::string& path : std::exchange(kept_, {})) {
    static_cast<void>(files_.remove(io::join(folder_, path)));
  }
}

}  // namespace store::duckdb
