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

/// The rows of each day, in the order they have in `chunks`.
std::map<std::int32_t, std::vector<RowRef>> rows_by_day(Table table, const ChunkList& chunks);

LogicalType logical_type(event::ColumnType type);

/// Writes the first of `rows`, at most a vector of them, and says how many. `rows` are some that
/// rows_by_day() gave, to the end. Lifetime: `output` points into the chunks.
std::size_t write_next(const ChunkList& chunks, std::span<const RowRef> rows,
                       const std::vector<ColumnInfo>& columns, duckdb_data_chunk output);

/// Makes hot_event(g), hot_item(g) and hot_rejected_event(g). They give the hot rows of the
/// snapshot that `registry` has for the calling connection, and fail unless its generation is g.
base::Status register_hot_tables(duckdb_connection connection, SnapshotRegistry& registry);
std::string hot_function_name(Table table);

/// Makes the function `table->name()`().
base::Status register_virtual_table(duckdb_connection connection,
                                    std::shared_ptr<VirtualTable> table);

}  // namespace store::duckdb
