#pragma once
// The store on one machine: recent rows as columns in our own memory, older ones in Parquet
// files that other engines read as they are, and DuckDB to query both as one table. The loader owns
// it and writes; the query room reads. DuckDB keeps no data of its own: everything is derived from
// the journal, and the manifest says up to where files stand for it.
// docs/tables.md lists tables and views, docs/formats/store.md the files.

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "io/file_system.h"
#include "store/store.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace store::duckdb {

/// A VirtualTable and the names it is to be seen under, such as "user" and "users". Some names mean
/// more: Clickstream's users are read from `users` and its ingestion_events from the view of that
/// name; rejected_event leaves out what a table `replayed_rejections` lists by journal_position and
/// record_index; mobile_analytics.event looks into `identity_pool_rows` and `cognito_rows`.
struct VirtualView {
  std::shared_ptr<VirtualTable> table;
  std::vector<std::string> views;
};

struct Options {
  std::string folder;  ///< Made when it does not exist. Without *, ?, [ and = in its path.
  /// For all queries together; one that needs more fails alone with kTooLarge.
  std::uint64_t query_memory_bytes = std::uint64_t{1} << 30U;
  /// For seal() and for compact() each, apart from the queries' memory.
  std::uint64_t seal_memory_bytes = std::uint64_t{192} << 20U;
  unsigned threads = 2;      ///< That one query may use.
  unsigned queries_max = 4;  ///< That run at once; more wait, up to their deadline.
  /// Every value of a new file is read back and compared before the file counts, not the number of
  /// rows alone. For those who let the journal expire: then the file is the only copy.
  bool verify_files = false;
  /// compact() leaves files alone that have this many bytes.
  std::uint64_t file_bytes_target = std::uint64_t{128} << 20U;
  /// A query engine remembers what it read of files, also of those that are gone: after so many
  /// seals and merges a new one takes its place.
  unsigned engine_commits_max = 500;
  /// Called by seal() when its files are written, before the manifest lists them; an error ends the
  /// seal. The place to make the journal durable that the rows were made of.
  std::function<base::Status()> before_commit = [] { return base::ok(); };
  /// Ends a session of events that carry no session id.
  std::chrono::milliseconds session_inactivity = std::chrono::minutes(30);
  /// The project_id of Clickstream's views; empty: NULL.
  std::string clickstream_project_id;
  /// Rows of one called "replayed_rejections" (journal_position, record_index) are left out of
  /// rejected_event.
  std::vector<VirtualView> virtual_tables;
};

/// Opens the folder's manifest, removes files it does not list, and serves what it lists. kCorrupt
/// when the manifest or a file is missing or damaged: move_aside() then makes room for a new start.
/// Lifetime: `files` and `log` must outlive the store and every query.
base::Result<std::unique_ptr<Store>> open(Options options, io::FileSystem& files, base::Log& log);

/// Renames the store's folder to FOLDER.damaged-<seconds since 1970>, so that open() starts empty
/// and the loader derives every row again from the journal. Gives the new name.
base::Result<std::string> move_aside(const std::string& folder, io::FileSystem& files,
                                     const base::Clock& clock);

}  // namespace store::duckdb
