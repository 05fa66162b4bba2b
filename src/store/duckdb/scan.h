#pragma once
// Table functions: how the engine reads rows that lie in our memory. Text is handed over without a
// copy: a chunk's bytes outlive the query, because the query holds its snapshot. Internal to this
// room.

#include "base/result.h"
#include "store/duckdb/chunk.h"
#include "store/duckdb/handles.h"
#include "store/duckdb/snapshot.h"
#include "store/duckdb/tables.h"
#include "store/store.h"

#include <duckdb.h>

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace store::duckdb {

/// A row in a list of chunks.
struct RowRef {
  std::uint32_t chunk = 0;
  std::uint32_t row = 0;
};

/// The order of rows in a file: app, second key, time. Rows of one app and one event name lie
/// together, so that a query for them reads little.
std::string_view second_key(Table table);
std::string_view time_key(Table table);
std::map<std::int32_t, std::vector<RowRef>> rows_by_day(Table table, const ChunkList& chunks);
void sort_rows(Table table, const ChunkList& chunks, std::vector<RowRef>& rows);

LogicalType logical_type(event::ColumnType type);

/// Writes all rows of `chunk`'s column `index` to `out`. Lifetime: `out` points into the chunk.
void write_column(const Chunk& chunk, std::size_t index, event::ColumnType type, duckdb_vector out);
/// Writes the rows `refs` name, at most a vector of them.
void write_gathered(const ChunkList& chunks, std::span<const RowRef> refs, std::size_t index,
                    event::ColumnType type, duckdb_vector out);

/// Makes hot_event(g), hot_item(g) and hot_rejected_event(g). They give the hot rows of the
/// snapshot that `registry` has for the calling connection, and fail unless its generation is g.
base::Status register_hot_tables(duckdb_connection connection, SnapshotRegistry& registry);
std::string hot_function_name(Table table);

/// Makes the function `table->name()`().
base::Status register_virtual_table(duckdb_connection connection,
                                    std::shared_ptr<VirtualTable> table);

}  // namespace store::duckdb
