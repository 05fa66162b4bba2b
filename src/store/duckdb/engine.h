#pragma once
// The engine that runs people's queries: an in-memory DuckDB without tables of its own, locked so
// that SQL reads the store's folder and nothing else, and writes nothing. Internal to this room.

#include "base/result.h"
#include "store/duckdb/duckdb_store.h"
#include "store/duckdb/handles.h"
#include "store/duckdb/snapshot.h"
#include "store/duckdb/watchdog.h"
#include "store/store.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace store::duckdb {

struct Question {
  std::string sql;
  ResultFormat format = ResultFormat::kJson;
  QueryLimits limits;
  Watchdog::Deadline deadline;
  /// The program's own text, which the guard is not asked about. Never what a person wrote.
  bool own = false;
  Position through = 0;     ///< Must be visible.
  RowSink* sink = nullptr;  ///< Takes the rows in place of text.
};

/// The program's own questions: the rows of `range`, and a copy of them in a file.
Question rows_question(const EventRange& range, std::span<const std::string_view> columns);
Question copy_question(const EventRange& range, const std::string& path);

/// Threads: run() from any thread; publish() from one thread at a time.
class Engine {
 public:
  /// Use open().
  explicit Engine(const Options& options);
  static base::Result<std::unique_ptr<Engine>> open(
      const Options& options, const std::shared_ptr<const Snapshot>& snapshot);

  /// Replaces the tables' views in one transaction, so that queries that start after it read
  /// `snapshot`'s files.
  base::Status publish(std::shared_ptr<const Snapshot> snapshot);

  /// Runs one SELECT on `snapshot`. A snapshot of another generation than the published one fails.
  base::Result<QueryResult> run(const Question& question, std::shared_ptr<const Snapshot> snapshot);

  /// True after the engine gave itself up (a bug in it that a query met): open another one.
  [[nodiscard]] bool broken() const { return broken_; }
  void give_up() { broken_ = true; }

 private:
  base::Status set_up(const Options& options, const std::shared_ptr<const Snapshot>& snapshot);
  base::Result<QueryResult> run_on(duckdb_connection connection, const Question& question);
  base::Error explain(std::string_view message);

  const std::string folder_;
  SnapshotRegistry registry_;
  Watchdog watchdog_;
  Database database_;
  Connection admin_;  ///< For the views; after database_, so that it closes first.
  std::atomic<bool> broken_ = false;
};

/// Gives freed memory back to the system: an engine that sealed or merged had much.
void return_memory();
/// True for errors of the engine that a damaged file may be the cause of.
bool may_be_damage(std::string_view message);
/// The store's folder as a path the engine takes; kInvalid for one it would take for a pattern.
base::Result<std::string> folder_for_engine(std::string_view folder);
/// Runs statements without results; the message of the first that fails.
base::Status execute(duckdb_connection connection, const std::string& sql);

}  // namespace store::duckdb
