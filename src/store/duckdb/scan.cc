#include "store/duckdb/scan.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace store::duckdb {
namespace {

/// Of text that goes to the engine at once, unless a single row has more.
constexpr std::size_t kScanBytesMax = std::size_t{4} << 20U;

struct HotFunction {
  SnapshotRegistry* registry = nullptr;
  Table table = Table::kEvent;
};

struct HotBind {
  std::shared_ptr<const Snapshot> snapshot;
  Table table = Table::kEvent;
  std::vector<ColumnInfo> columns;

  [[nodiscard]] const ChunkList& chunks() const { return snapshot->hot[index_of(table)]; }
};

struct HotScan {
  std::vector<idx_t> columns;
  std::atomic<std::size_t> next = 0;
};

template <class T>
void destroy(void* data) {
  std::unique_ptr<T>(static_cast<T*>(data)).reset();
}

duckdb_string_t string_view_of(std::string_view text) {
  duckdb_string_t out{};
  out.value.inlined.length = static_cast<std::uint32_t>(text.size());
  if (text.size() <= sizeof(out.value.inlined.inlined)) {
    std::copy_n(text.data(), text.size(), out.value.inlined.inlined);  // of nothing, too
    return out;
  }
  std::memcpy(out.value.pointer.prefix, text.data(), sizeof(out.value.pointer.prefix));
  // The engine only reads through the pointer; its type has no const.
  out.value.pointer.ptr = const_cast<char*>(text.data());  // NOLINT
  return out;
}

std::uint64_t* writable_validity(duckdb_vector vector) {
  duckdb_vector_ensure_validity_writable(vector);
  return duckdb_vector_get_validity(vector);
}

void set_all_null(duckdb_vector vector, std::size_t rows) {
  std::memset(writable_validity(vector), 0, ((rows + 63) / 64) * sizeof(std::uint64_t));
}

void write_number(void* data, event::ColumnType type, std::size_t row, std::int64_t number) {
  if (type == event::ColumnType::kDate) {
    static_cast<std::int32_t*>(data)[row] = static_cast<std::int32_t>(number);
  } else {
    static_cast<std::int64_t*>(data)[row] = number;
  }
}

bool is_text(event::ColumnType type) {
  return type == event::ColumnType::kText || type == event::ColumnType::kJson;
}

/// `out` points into the chunk then.
void write_column(const Chunk& chunk, std::size_t index, event::ColumnType type,
                  duckdb_vector out) {
  const ChunkColumn& column = chunk.column(index);
  const std::size_t rows = chunk.rows();
  if (column.all_null()) {
    set_all_null(out, rows);
    return;
  }
  void* data = duckdb_vector_get_data(out);
  if (!is_text(type)) {
    if (!column.valid.empty()) {
      std::memcpy(writable_validity(out), column.valid.data(),
                  column.valid.size() * sizeof(std::uint64_t));
    }
    if (type != event::ColumnType::kDate) {
      std::memcpy(data, column.numbers.data(), rows * sizeof(std::int64_t));
      return;
    }
    for (std::size_t row = 0; row < rows; ++row) {
      write_number(data, type, row, column.numbers[row]);
    }
    return;
  }
  auto* strings = static_cast<duckdb_string_t*>(data);
  std::uint64_t* validity = nullptr;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::string_view text = column.text(row);
    if (!text.empty()) {
      strings[row] = string_view_of(text);
      continue;
    }
    if (validity == nullptr) {
      validity = writable_validity(out);
    }
    strings[row] = {};
    duckdb_validity_set_row_invalid(validity, row);
  }
}

void write_gathered(const ChunkList& chunks, std::span<const RowRef> refs, std::size_t index,
                    event::ColumnType type, duckdb_vector out) {
  const auto empty = [index](const auto& chunk) { return chunk->column(index).all_null(); };
  set_all_null(out, refs.size());
  if (std::ranges::all_of(chunks, empty)) {
    return;
  }
  void* data = duckdb_vector_get_data(out);
  std::uint64_t* validity = duckdb_vector_get_validity(out);
  for (std::size_t i = 0; i < refs.size(); ++i) {
    const ChunkColumn& column = chunks[refs[i].chunk]->column(index);
    const std::size_t row = refs[i].row;
    const std::uint64_t bit = std::uint64_t{1} << (i % 64);
    if (is_text(type)) {
      const std::string_view text = column.all_null() ? std::string_view() : column.text(row);
      static_cast<duckdb_string_t*>(data)[i] = string_view_of(text);
      validity[i / 64] |= text.empty() ? 0 : bit;
    } else {
      const std::optional<std::int64_t> number = column.number(row);
      write_number(data, type, i, number.value_or(0));
      validity[i / 64] |= number ? bit : 0;
    }
  }
}

/// The chunk that `rows` begin with, when they have all of its rows and it is not large.
const Chunk* whole_chunk(const ChunkList& chunks, std::span<const RowRef> rows) {
  if (rows.empty()) {
    return nullptr;
  }
  const std::uint32_t index = rows.front().chunk;
  const std::size_t count = chunks[index]->rows();
  // From its first to its last are so many only when none is of another day.
  const bool whole =
      rows.front().row == 0 && count <= rows.size() && rows[count - 1].chunk == index;
  return whole && chunks[index]->text_bytes() <= kScanBytesMax ? chunks[index].get() : nullptr;
}

/// How many of `rows` go out together: a vector of them, fewer where they are large or a chunk
/// follows that can go out whole.
std::size_t few_rows(const ChunkList& chunks, std::span<const RowRef> rows) {
  const std::size_t limit = std::min(rows.size(), kChunkRowsMax);
  std::size_t bytes = 0;
  for (std::size_t count = 0; count < limit; ++count) {
    bytes += chunks[rows[count].chunk]->row_text_bytes(rows[count].row);
    if (bytes > kScanBytesMax || whole_chunk(chunks, rows.subspan(count)) != nullptr) {
      return std::max<std::size_t>(count, 1);
    }
  }
  return limit;
}

void hot_bind(duckdb_bind_info info) {
  const auto* function = static_cast<HotFunction*>(duckdb_bind_get_extra_info(info));
  ClientContext context;
  duckdb_table_function_get_client_context(info, context.out());
  auto bind = std::make_unique<HotBind>();
  bind->table = function->table;
  bind->snapshot = function->registry->find(duckdb_client_context_get_connection_id(context.get()));
  const Value parameter(duckdb_bind_get_parameter(info, 0));
  const auto generation = static_cast<std::uint64_t>(duckdb_get_int64(parameter.get()));
  if (bind->snapshot == nullptr || bind->snapshot->generation != generation) {
    duckdb_bind_set_error(info, "the hot rows of another generation were asked for");
    return;
  }
  bind->columns = table_columns(function->table);
  for (const ColumnInfo& column : bind->columns) {
    duckdb_bind_add_result_column(info, std::string(column.name).c_str(),
                                  logical_type(column.type).get());
  }
  std::size_t rows = 0;
  for (const auto& chunk : bind->chunks()) {
    rows += chunk->rows();
  }
  duckdb_bind_set_cardinality(info, rows, true);
  duckdb_bind_set_bind_data(info, bind.release(), destroy<HotBind>);
}

void hot_init(duckdb_init_info info) {
  const auto* bind = static_cast<HotBind*>(duckdb_init_get_bind_data(info));
  auto scan = std::make_unique<HotScan>();
  const idx_t columns = duckdb_init_get_column_count(info);
  for (idx_t i = 0; i < columns; ++i) {
    scan->columns.push_back(duckdb_init_get_column_index(info, i));
  }
  duckdb_init_set_max_threads(info, std::max<std::size_t>(1, bind->chunks().size() / 8));
  duckdb_init_set_init_data(info, scan.release(), destroy<HotScan>);
}

void hot_scan(duckdb_function_info info, duckdb_data_chunk output) {
  const auto* bind = static_cast<HotBind*>(duckdb_function_get_bind_data(info));
  auto* scan = static_cast<HotScan*>(duckdb_function_get_init_data(info));
  const std::size_t index = scan->next.fetch_add(1);
  if (index >= bind->chunks().size()) {
    duckdb_data_chunk_set_size(output, 0);
    return;
  }
  const Chunk& chunk = *bind->chunks()[index];
  for (idx_t i = 0; i < scan->columns.size(); ++i) {
    // A query that needs no column at all asks for the row id, which lies beyond our columns.
    if (scan->columns[i] < bind->columns.size()) {
      write_column(chunk, scan->columns[i], bind->columns[scan->columns[i]].type,
                   duckdb_data_chunk_get_vector(output, i));
    }
  }
  duckdb_data_chunk_set_size(output, chunk.rows());
}

struct VirtualFunction {
  std::shared_ptr<VirtualTable> table;
};

struct VirtualBind {
  std::shared_ptr<VirtualTable> table;
  std::vector<VirtualColumn> columns;
};

struct VirtualScan {
  std::unique_ptr<VirtualTable::Scan> scan;
  std::vector<idx_t> columns;
};

void virtual_bind(duckdb_bind_info info) {
  const auto* function = static_cast<VirtualFunction*>(duckdb_bind_get_extra_info(info));
  auto bind = std::make_unique<VirtualBind>();
  bind->table = function->table;
  bind->columns = function->table->columns();
  for (const VirtualColumn& column : bind->columns) {
    duckdb_bind_add_result_column(info, column.name.c_str(), logical_type(column.type).get());
  }
  duckdb_bind_set_bind_data(info, bind.release(), destroy<VirtualBind>);
}

void virtual_init(duckdb_init_info info) {
  const auto* bind = static_cast<VirtualBind*>(duckdb_init_get_bind_data(info));
  base::Result<std::unique_ptr<VirtualTable::Scan>> opened = bind->table->scan();
  if (!opened) {
    duckdb_init_set_error(info, opened.error().message.c_str());
    return;
  }
  auto scan = std::make_unique<VirtualScan>();
  scan->scan = std::move(*opened);
  const idx_t columns = duckdb_init_get_column_count(info);
  for (idx_t i = 0; i < columns; ++i) {
    scan->columns.push_back(duckdb_init_get_column_index(info, i));
  }
  duckdb_init_set_max_threads(info, 1);
  duckdb_init_set_init_data(info, scan.release(), destroy<VirtualScan>);
}

void write_cell(const Cell& cell, event::ColumnType type, idx_t row, duckdb_vector out) {
  void* data = duckdb_vector_get_data(out);
  switch (type) {
    case event::ColumnType::kText:
    case event::ColumnType::kJson:
      // Checks that it is UTF-8; what is not becomes an error of the query, not a crash.
      duckdb_vector_assign_string_element_len(out, row, cell.text.data(), cell.text.size());
      return;
    case event::ColumnType::kDouble: static_cast<double*>(data)[row] = cell.real; return;
    case event::ColumnType::kDate:
      static_cast<std::int32_t*>(data)[row] = static_cast<std::int32_t>(cell.integer);
      return;
    case event::ColumnType::kInt:
    case event::ColumnType::kTimestamp:
      static_cast<std::int64_t*>(data)[row] = cell.integer;
      return;
  }
}

void virtual_scan(duckdb_function_info info, duckdb_data_chunk output) {
  const auto* bind = static_cast<VirtualBind*>(duckdb_function_get_bind_data(info));
  auto* scan = static_cast<VirtualScan*>(duckdb_function_get_init_data(info));
  const auto rows = scan->scan->next(kChunkRowsMax);
  if (!rows) {
    duckdb_function_set_error(info, rows.error().message.c_str());
    return;
  }
  for (idx_t i = 0; i < scan->columns.size(); ++i) {
    const idx_t index = scan->columns[i];
    if (index >= bind->columns.size()) {
      continue;
    }
    duckdb_vector vector = duckdb_data_chunk_get_vector(output, i);
    duckdb_vector_ensure_validity_writable(vector);
    std::uint64_t* validity = duckdb_vector_get_validity(vector);
    for (idx_t row = 0; row < rows->size(); ++row) {
      const Cell& cell = (*rows)[row][index];
      duckdb_validity_set_row_validity(validity, row, !cell.null);
      if (!cell.null) {
        write_cell(cell, bind->columns[index].type, row, vector);
      }
    }
  }
  duckdb_data_chunk_set_size(output, rows->size());
}

}  // namespace

LogicalType logical_type(event::ColumnType type) {
  switch (type) {
    case event::ColumnType::kText: break;
    case event::ColumnType::kJson: return json_type();
    case event::ColumnType::kInt:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
    case event::ColumnType::kDouble:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_DOUBLE));
    case event::ColumnType::kTimestamp:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP));
    case event::ColumnType::kDate: return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_DATE));
  }
  return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
}

std::size_t write_next(const ChunkList& chunks, std::span<const RowRef> rows,
                       const std::vector<ColumnInfo>& columns, duckdb_data_chunk output) {
  const Chunk* chunk = whole_chunk(chunks, rows);
  const std::size_t count = chunk != nullptr ? chunk->rows() : few_rows(chunks, rows);
  for (std::size_t i = 0; i < columns.size() && count > 0; ++i) {
    duckdb_vector out = duckdb_data_chunk_get_vector(output, i);
    if (chunk != nullptr) {
      write_column(*chunk, i, columns[i].type, out);
    } else {
      write_gathered(chunks, rows.first(count), i, columns[i].type, out);
    }
  }
  duckdb_data_chunk_set_size(output, count);
  return count;
}

std::string hot_function_name(Table table) { return "hot_" + std::string(table_name(table)); }

base::Status register_hot_tables(duckdb_connection connection, SnapshotRegistry& registry) {
  for (const Table table : kTables) {
    const TableFunction function(duckdb_create_table_function());
    const LogicalType bigint(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
    duckdb_table_function_set_name(function.get(), hot_function_name(table).c_str());
    duckdb_table_function_add_parameter(function.get(), bigint.get());
    duckdb_table_function_set_extra_info(
        function.get(), std::make_unique<HotFunction>(HotFunction{&registry, table}).release(),
        destroy<HotFunction>);
    duckdb_table_function_set_bind(function.get(), hot_bind);
    duckdb_table_function_set_init(function.get(), hot_init);
    duckdb_table_function_set_function(function.get(), hot_scan);
    duckdb_table_function_supports_projection_pushdown(function.get(), true);
    if (duckdb_register_table_function(connection, function.get()) != DuckDBSuccess) {
      return base::fail(base::Code::kInternal,
                        "table function \"" + hot_function_name(table) + "\" was refused");
    }
  }
  return base::ok();
}

base::Status register_virtual_table(duckdb_connection connection,
                                    std::shared_ptr<VirtualTable> table) {
  const std::string name = table->name();
  const TableFunction function(duckdb_create_table_function());
  duckdb_table_function_set_name(function.get(), name.c_str());
  duckdb_table_function_set_extra_info(
      function.get(),
      std::make_unique<VirtualFunction>(VirtualFunction{std::move(table)}).release(),
      destroy<VirtualFunction>);
  duckdb_table_function_set_bind(function.get(), virtual_bind);
  duckdb_table_function_set_init(function.get(), virtual_init);
  duckdb_table_function_set_function(function.get(), virtual_scan);
  duckdb_table_function_supports_projection_pushdown(function.get(), true);
  if (duckdb_register_table_function(connection, function.get()) != DuckDBSuccess) {
    return base::fail(base::Code::kInternal, "table function \"" + name + "\" was refused");
  }
  return base::ok();
}

std::map<std::int32_t, std::vector<RowRef>> rows_by_day(Table table, const ChunkList& chunks) {
  const std::size_t date = column_index(table_columns(table), "event_date");
  std::map<std::int32_t, std::vector<RowRef>> days;
  for (std::uint32_t c = 0; c < chunks.size(); ++c) {
    const ChunkColumn& column = chunks[c]->column(date);
    for (std::uint32_t row = 0; row < chunks[c]->rows(); ++row) {
      days[static_cast<std::int32_t>(column.number(row).value_or(0))].push_back({c, row});
    }
  }
  return days;
}

}  // namespace store::duckdb
