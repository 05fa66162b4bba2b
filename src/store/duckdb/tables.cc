#include "store/duckdb/tables.h"

#include "base/check.h"

#include <algorithm>

namespace store::duckdb {
namespace {

template <class Row>
std::vector<ColumnInfo> infos(std::span<const event::Column<Row>> columns) {
  std::vector<ColumnInfo> out;
  out.reserve(columns.size());
  for (const event::Column<Row>& column : columns) {
    out.push_back({column.name, column.type});
  }
  return out;
}

}  // namespace

std::string_view table_name(Table table) {
  switch (table) {
    case Table::kEvent: return "event";
    case Table::kItem: return "item";
    case Table::kRejected: return "rejected_event";
  }
  return "";
}

std::optional<Table> table_from_name(std::string_view name) {
  for (const Table table : kTables) {
    if (table_name(table) == name) {
      return table;
    }
  }
  return std::nullopt;
}

std::vector<ColumnInfo> table_columns(Table table) {
  switch (table) {
    case Table::kEvent: return infos(event::event_columns());
    case Table::kItem: return infos(event::item_columns());
    case Table::kRejected: return infos(event::rejected_columns());
  }
  return {};
}

std::size_t column_index(const std::vector<ColumnInfo>& columns, std::string_view name) {
  const auto found = std::ranges::find(columns, name, &ColumnInfo::name);
  CHECK(found != columns.end());
  return static_cast<std::size_t>(found - columns.begin());
}

}  // namespace store::duckdb
