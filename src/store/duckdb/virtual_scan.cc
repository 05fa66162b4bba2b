#include "store/duckdb/scan.h"

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace store::duckdb {
namespace {

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

template <class T>
void destroy(void* data) {
  std::unique_ptr<T>(static_cast<T*>(data)).reset();
}

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

}  // namespace store::duckdb
