#pragma once
// The stored tables as this room sees them: a number, a name and a list of columns, without the row
// structs behind them.

#include "event/columns.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace store::duckdb {

enum class Table : std::uint8_t { kEvent, kItem, kRejected };

inline constexpr std::size_t kTableCount = 3;
inline constexpr std::array<Table, kTableCount> kTables = {Table::kEvent, Table::kItem,
                                                           Table::kRejected};

inline std::size_t index_of(Table table) { return static_cast<std::size_t>(table); }

/// "event", "item", "rejected_event": also the folder its files lie in.
std::string_view table_name(Table table);
std::optional<Table> table_from_name(std::string_view name);

struct ColumnInfo {
  std::string_view name;
  event::ColumnType type = event::ColumnType::kText;
};

/// In the order of event/columns.h, which is the order of the columns in chunks and files.
std::vector<ColumnInfo> table_columns(Table table);

/// Where `name` stands in `columns`; CHECKs that it is there.
std::size_t column_index(const std::vector<ColumnInfo>& columns, std::string_view name);

}  // namespace store::duckdb
