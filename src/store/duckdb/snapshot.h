#pragma once
// What a query sees: the files of one generation and the hot rows beside them, both unchanging.
// append(), seal() and compact() replace the store's snapshot; a query holds the one it began with,
// and with it every chunk and file it may still read.

#include "event/record.h"
#include "io/file_system.h"
#include "store/duckdb/chunk.h"
#include "store/duckdb/tables.h"
#include "store/store.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace store::duckdb {

/// One Parquet file, as the manifest lists it.
struct FileEntry {
  std::string path;  ///< Below the store's folder, such as event/date=2026-11-21/1-80-4.parquet.
  Table table = Table::kEvent;
  std::int32_t date = 0;  ///< Days since 1970-01-01, of every row in it.
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  event::Position first = 0;  ///< Journal positions of its rows.
  event::Position last = 0;
  std::uint32_t column_set = 0;         ///< Which of the manifest's lists of column names it has.
  std::optional<std::uint32_t> crc32c;  ///< Of its bytes; none for files of earlier releases.
};

/// A listed file. After retire() it is removed from the disk when its last reader lets go.
class PinnedFile {
 public:
  PinnedFile(io::FileSystem& files, const std::string& folder, FileEntry listed)
      : entry(std::move(listed)), files_(files), path_(io::join(folder, entry.path)) {}
  PinnedFile(const PinnedFile&) = delete;
  PinnedFile& operator=(const PinnedFile&) = delete;
  ~PinnedFile() {
    if (retired_) {
      // A file that stays is not in the manifest: the next open() removes it.
      static_cast<void>(files_.remove(path_));
    }
  }

  void retire() { retired_ = true; }
  [[nodiscard]] const std::string& path() const { return path_; }

  const FileEntry entry;

 private:
  io::FileSystem& files_;
  const std::string path_;
  std::atomic<bool> retired_ = false;
};

using FileList = std::vector<std::shared_ptr<PinnedFile>>;

struct Snapshot {
  std::uint64_t generation = 0;  ///< Of the files; part of the views' text.
  event::Position visible = 0;
  event::Position sealed = 0;
  std::array<ChunkList, kTableCount> hot;
  /// The first chunks of each table, which seal() is writing into files at this moment.
  std::array<std::size_t, kTableCount> frozen{};
  std::shared_ptr<const FileList> files;
  /// Column names of older files that differ from today's; see Manifest.
  std::shared_ptr<const std::vector<std::vector<std::string>>> column_sets;
};

inline Stats stats_of(const Snapshot& snapshot) {
  Stats stats;
  stats.visible = snapshot.visible;
  stats.sealed = snapshot.sealed;
  for (const Table table : kTables) {
    for (const auto& chunk : snapshot.hot[index_of(table)]) {
      stats.hot_rows += chunk->rows();
      stats.hot_bytes += chunk->memory_bytes();
      stats.event_rows += table == Table::kEvent ? chunk->rows() : 0;
    }
  }
  for (const auto& file : *snapshot.files) {
    ++stats.files;
    stats.file_bytes += file->entry.bytes;
    stats.event_rows += file->entry.table == Table::kEvent ? file->entry.rows : 0;
  }
  return stats;
}

/// Tells a table function which snapshot the query behind a connection reads.
/// Threads: every method may be called from any thread.
class SnapshotRegistry {
 public:
  void set(std::uint64_t connection_id, std::shared_ptr<const Snapshot> snapshot) {
    const std::lock_guard lock(mutex_);
    snapshots_[connection_id] = std::move(snapshot);
  }
  void remove(std::uint64_t connection_id) {
    const std::lock_guard lock(mutex_);
    snapshots_.erase(connection_id);
  }
  /// Nothing when the connection runs no query.
  [[nodiscard]] std::shared_ptr<const Snapshot> find(std::uint64_t connection_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = snapshots_.find(connection_id);
    return found == snapshots_.end() ? nullptr : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::shared_ptr<const Snapshot>> snapshots_;
};

}  // namespace store::duckdb
