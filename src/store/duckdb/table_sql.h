#pragma once
// The SQL that shows files and hot rows as one table. Internal to this room.

#include "store/duckdb/duckdb_store.h"
#include "store/duckdb/snapshot.h"
#include "store/duckdb/tables.h"

#include <string>
#include <string_view>
#include <vector>

namespace store::duckdb {

/// `text` as an SQL string, and as an SQL identifier.
std::string sql_string(std::string_view text);
std::string sql_name(std::string_view text);

/// The view of one stored table over the snapshot's files and hot rows. The files' folder names
/// the day, so that a condition on event_date opens no file of another day. Rejected rows are in
/// every_rejected_event; rejected_event is one of the derived views.
std::string table_view_sql(Table table, const Snapshot& snapshot);

/// `SELECT ... FROM read_parquet(...)` over `files`, all of which have the columns `names`; columns
/// the files lack are NULL.
std::string files_select_sql(Table table, const std::vector<std::string>& paths,
                             const std::vector<std::string>& names);

/// What the rows of a merged file are sorted by: behind their app by event name (rejected: code),
/// so that a query for one name reads little, then events by person, for what a person's events
/// have in common is written once and files are a fifth smaller than by time.
std::string merged_order(Table table);

/// Copies the rows of `select` into a Parquet file.
std::string copy_sql(const std::string& select, const std::string& path);

/// Statements for everything else, in order; they stay as they are when files change.
std::vector<std::string> derived_view_statements(const Options& options);

}  // namespace store::duckdb
