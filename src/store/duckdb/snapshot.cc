#include "store/duckdb/snapshot.h"

#include <utility>

namespace store::duckdb {

PinnedFile::~PinnedFile() {
  if (retired_) {
    // A file that stays is not in the manifest: the next open() removes it.
    static_cast<void>(files_.remove(path_));
  }
}

void SnapshotRegistry::set(std::uint64_t connection_id, std::shared_ptr<const Snapshot> snapshot) {
  const std::lock_guard lock(mutex_);
  snapshots_[connection_id] = std::move(snapshot);
}

void SnapshotRegistry::remove(std::uint64_t connection_id) {
  const std::lock_guard lock(mutex_);
  snapshots_.erase(connection_id);
}

std::shared_ptr<const Snapshot> SnapshotRegistry::find(std::uint64_t connection_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = snapshots_.find(connection_id);
  return found == snapshots_.end() ? nullptr : found->second;
}

}  // namespace store::duckdb
