#pragma once
// The columns of the stored tables, each named once: SQL type, where the value lies in its row
// struct, and one line for docs/tables.md. The store makes its DDL, its column buffers and its
// Parquet files from these lists; a test holds docs/tables.md against them.

#include "event/event.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace event {

enum class ColumnType : std::uint8_t { kText, kJson, kInt, kDouble, kTimestamp, kDate };

/// VARCHAR, JSON, BIGINT, DOUBLE, TIMESTAMP, DATE.
std::string_view sql_type(ColumnType type);

template <class Row>
struct Column {
  std::string_view name;
  ColumnType type;
  std::variant<std::string Row::*, Int Row::*, Double Row::*, Api Row::*> field;
  std::string_view doc;
};

/// A row of `item`: the item and what it takes from its event.
struct ItemRow {
  std::string app_id;
  Api api = Api::kClickstream;
  std::string event_id;
  std::string event_name;
  Int event_timestamp;
  Int event_date;
  std::string user_pseudo_id;
  std::string user_id;
  std::string platform;
  Int received_at;
  std::string item_id;
  std::string name;
  std::string brand;
  std::string category;
  std::string category2;
  std::string category3;
  std::string category4;
  std::string category5;
  Double price;
  Double quantity;
  std::string currency;
  std::string creative_name;
  std::string creative_slot;
  std::string location_id;
  Int item_index;
  std::string properties;
  Int journal_position;
};

/// A row of `rejected_event`. `event_date` is the receive date; it names the partition.
struct RejectedRow {
  std::string app_id;
  Api api = Api::kClickstream;
  Int received_at;
  Int event_date;
  std::string code;
  std::string reason;
  std::string record;
  std::string rid;
  Int record_index;
  Int journal_position;
};

std::span<const Column<Event>> event_columns();
std::span<const Column<ItemRow>> item_columns();
std::span<const Column<RejectedRow>> rejected_columns();

}  // namespace event
