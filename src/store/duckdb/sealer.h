#pragma once
// Writes Parquet files: from hot rows (seal) and from smaller files (compact). It has an engine of
// its own, opened for the job and closed after it, so that neither a large query nor a large merge
// can take the other's memory. Internal to this room. Threads: one for each Sealer.

#include "base/result.h"
#include "io/file_system.h"
#include "store/duckdb/duckdb_store.h"
#include "store/duckdb/scan.h"
#include "store/duckdb/snapshot.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace store::duckdb {

struct SealJob;
struct SealEngine;

/// Lives for one seal or one merge.
class Sealer {
 public:
  Sealer(const Options& options, io::FileSystem& files);
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;
  ~Sealer();

  /// One file per day of the rows in `chunks`, in their order: neighbours come of one visit and
  /// compress well, and merging sorts them. Durable: the files are synced under their final names,
  /// and so are their folders. `generation` makes the names unique.
  /// After an error the files in `out` are of no use.
  base::Status write(Table table, const ChunkList& chunks, std::uint64_t generation,
                     std::vector<FileEntry>& out);
  /// One file out of several of one table and day, sorted by app, event name (rejected: code), for
  /// events person, and time; as durable.
  base::Result<FileEntry> merge(const FileList& inputs,
                                const std::vector<std::vector<std::string>>& column_sets,
                                std::uint64_t generation);
  /// Ends the query merge() is at; merge() gives kUnavailable then. From any thread. To be called
  /// again until it does: it may be between two.
  void interrupt();

 private:
  /// Sorting takes more than memory; the folder for it is one engine's at a time.
  enum class Spill : std::uint8_t { kNo, kYes };

  /// Starts the engine at the first call.
  base::Status start(Spill spill);
  /// kCorrupt unless the file at `path` holds the rows of `select`.
  base::Status check(const std::string& path, const FileEntry& entry, const std::string& select);
  base::Result<FileEntry> merge_files(const FileList& inputs,
                                      const std::vector<std::vector<std::string>>& column_sets,
                                      std::uint64_t generation);
  base::Status set_memory(std::uint64_t bytes);
  base::Status write_file(const std::string& path, const FileEntry& entry,
                          const std::string& select);
  /// Runs `select` into the file `entry` names and makes it durable, or leaves nothing of it. Where
  /// rows are so large that the settings' memory does not do, takes up to `memory_factor_max` times
  /// as much.
  base::Result<FileEntry> copy(FileEntry entry, const std::string& select,
                               unsigned memory_factor_max);
  base::Result<FileEntry> keep(FileEntry entry, const std::string& temporary);

  const Options& options_;
  io::FileSystem& files_;
  std::atomic<bool> interrupted_ = false;
  std::atomic<SealEngine*> running_ = nullptr;  ///< engine_, once it is there.
  std::unique_ptr<SealJob> job_;  ///< What the engine's table function reads; outlives the engine.
  std::unique_ptr<SealEngine> engine_;
};

/// Reads the file that follows `after`, in the order of paths, in search of damage, and moves
/// `after` there. True while another follows; after the last, `after` is empty again.
base::Result<bool> check_next(const FileList& files, std::string& after, const std::string& folder,
                              io::FileSystem& disk);

/// The files among `files` to merge next: of one table and day, and of about one size, so that a
/// row is written anew a few times at most, however small the files it came in. Days that are over
/// keep fewer files. Empty when nothing is worth it.
FileList files_to_merge(const FileList& files, std::uint64_t bytes_target);

/// The merge under way, for whoever wants to interrupt it. Threads: any.
class MergeInHand {
 public:
  /// While it lives, `sealer` is at work.
  class Scope {
   public:
    Scope(MergeInHand& hand, Sealer& sealer) : hand_(hand) { hand_.set(&sealer); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope() { hand_.set(nullptr); }

   private:
    MergeInHand& hand_;
  };
  void interrupt() {
    const std::lock_guard lock(mutex_);
    if (sealer_ != nullptr) {
      sealer_->interrupt();
    }
  }

 private:
  void set(Sealer* sealer) {
    const std::lock_guard lock(mutex_);
    sealer_ = sealer;
  }

  std::mutex mutex_;
  Sealer* sealer_ = nullptr;
};

}  // namespace store::duckdb
