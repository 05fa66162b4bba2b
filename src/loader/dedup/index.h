#pragma once
// Answers exactly, for every event with an id: was it stored before, within the window? The newest
// ids are in a Table, older ones in runs under `state/dedup/`. Owner: the loader.
//
// What is remembered is the journal place of each stored occurrence, and an event is a duplicate
// exactly when an earlier place is known that the window still covers. So deciding a second time,
// after a crash or for a rebuilt store, gives the same answer, whatever was remembered in between:
// later places do not count, and an event's own place says that it was stored the first time.
//
// All of it can be derived again from the journal: through() says from where. A run that cannot be
// read gives kCorrupt; then reset() and reading the journal from its start brings it back.

#include "base/log.h"
#include "base/result.h"
#include "io/file_system.h"
#include "loader/dedup/entry.h"
#include "loader/dedup/manifest.h"
#include "loader/dedup/merge.h"
#include "loader/dedup/run.h"
#include "loader/dedup/table.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace loader::dedup {

struct Options {
  std::string folder;
  std::chrono::seconds window{std::chrono::days{30}};
  /// Ids in memory after which wants_flush() is true; 32 to 54 bytes each.
  std::size_t table_entries_max = std::size_t{1} << 18U;
  std::string what = "the memory of event ids";  ///< As the log names it.
};

struct Stats {
  std::uint64_t ids_in_memory = 0;
  std::uint64_t ids_in_runs = 0;
  std::uint64_t runs = 0;
};

/// Threads: one.
class Index {
 public:
  /// Opens or creates the memory. A damaged one is emptied (through() is 0 then) and logged.
  /// `files` and `log` outlive the Index.
  static base::Result<std::unique_ptr<Index>> open(io::FileSystem& files, base::Log& log,
                                                   Options options);
  /// For open().
  Index(io::FileSystem& files, base::Log& log, Options options)
      : files_(files), log_(log), options_(std::move(options)) {}
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;
  ~Index();

  /// True when the event at `place` is the first with its id, and remembers it; false for a
  /// duplicate. kCorrupt when a run is damaged: nothing was decided.
  base::Result<bool> first(Hash128 id, Place place);
  /// first() or find() of this id follows soon: starts fetching what they look at, which lies all
  /// over memory. For all ids of a record before the first question.
  void prefetch(Hash128 id) const;
  /// Appends every place remembered of `id` to `places`. kCorrupt as first().
  base::Status find(Hash128 id, std::vector<Place>& places);
  void remember(const Entry& entry) { table_.insert(entry); }
  /// Takes back what was remembered of records after `position`, as far as it is not in files.
  void forget_after(Position position) { table_.forget_after(position); }

  /// Every record up to here has its ids in files.
  [[nodiscard]] Position through() const { return manifest_.through; }
  [[nodiscard]] bool wants_flush() const { return table_.count() >= options_.table_entries_max; }
  /// Writes the table as a run and records that the runs reach `through` (never less than before);
  /// removes runs that are wholly too old. Durable: after it returns.
  base::Status flush(Position through);
  /// Merges up to `entries_max` entries' worth; false when there is nothing to do.
  base::Result<bool> tidy(std::uint64_t entries_max);
  /// Forgets everything.
  base::Status reset();

  [[nodiscard]] Stats stats() const;

 private:
  base::Status load();
  base::Status record(Manifest manifest);
  base::Status write_table(Manifest& manifest);
  void drop_old(Manifest& manifest);
  base::Result<bool> begin_merge();
  base::Status end_merge();
  void remove_unnamed();

  io::FileSystem& files_;
  base::Log& log_;
  Options options_;
  Manifest manifest_;
  Table table_;
  std::vector<std::unique_ptr<Run>> runs_;  // as in the manifest
  std::unique_ptr<Merge> merge_;
  std::uint32_t received_min_s_ = UINT32_MAX;  // asked about since the last flush
  std::uint32_t keep_from_s_ = 0;              // older entries can no longer matter
  std::vector<Place> places_;                  // reused by first()
};

}  // namespace loader::dedup
