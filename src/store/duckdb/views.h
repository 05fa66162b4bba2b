#pragma once
// The SQL of every view: the stored tables as union of files and hot rows, and what is derived from
// them, with the names and columns the vendors' own tables have. docs/tables.md describes them.
// Internal to this room.

#include "store/duckdb/duckdb_store.h"
#include "store/duckdb/snapshot.h"
#include "store/duckdb/tables.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace store::duckdb {

/// `text` as an SQL string, and as an SQL identifier.
std::string sql_string(std::string_view text);
std::string sql_name(std::string_view text);

/// The view of one stored table over the snapshot's files and hot rows. The files' folder names
/// the day, so that a condition on event_date opens no file of another day.
std::string table_view_sql(Table table, const Snapshot& snapshot);

/// `SELECT ... FROM read_parquet(...)` over `files`, all of which have the columns `names`; columns
/// the files lack are NULL.
std::string files_select_sql(Table table, const std::vector<std::string>& paths,
                             const std::vector<std::string>& names);

/// Statements for everything else, in order; they stay as they are when files change.
std::vector<std::string> derived_view_statements(const Options& options);

/// The views one file each is about.
std::string_view event_parameter_view();
std::string session_view(std::chrono::minutes inactivity);
std::vector<std::string_view> clickstream_views();
std::string_view clickstream_user_view();
std::string_view mobile_analytics_view();

}  // namespace store::duckdb
