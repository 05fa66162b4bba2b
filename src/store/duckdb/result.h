#pragma once
// Query results as text: JSON for programs, CSV for spreadsheets, an aligned table for people.
// Internal to this room.

#include "base/result.h"
#include "store/duckdb/handles.h"
#include "store/store.h"

#include <duckdb.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace store::duckdb {

/// A column's type, read once from the engine.
struct ValueType {
  duckdb_type id = DUCKDB_TYPE_INVALID;
  bool json = false;                          ///< VARCHAR that holds JSON.
  std::uint8_t scale = 0;                     ///< DECIMAL.
  duckdb_type storage = DUCKDB_TYPE_INVALID;  ///< DECIMAL and ENUM: how a value is kept.
  std::uint64_t array_size = 0;               ///< ARRAY.
  std::vector<std::string> names;             ///< STRUCT and UNION members, ENUM texts.
  std::vector<ValueType> children;  ///< LIST, ARRAY: 1; MAP: key, value; STRUCT, UNION: each.
};

/// kInvalid for a type that has no text form here, naming it.
base::Result<ValueType> value_type(duckdb_logical_type type);

enum class ValueStyle : std::uint8_t {
  kJson,   ///< Any JSON value.
  kPlain,  ///< Text as it is, numbers as in JSON, nested values as JSON; NULL as nothing.
};

/// Appends row `row` of `vector`. Integers and decimals are exact; doubles are the shortest text
/// that reads back equal, null in JSON when not finite; BLOB is lower-case hex.
void append_value(const ValueType& type, duckdb_vector vector, std::uint64_t row, ValueStyle style,
                  std::string& out);
bool is_null(duckdb_vector vector, std::uint64_t row);

struct ResultColumn {
  std::string name;
  ValueType type;
};

/// Takes a result chunk by chunk.
class ResultWriter {
 public:
  ResultWriter() = default;
  ResultWriter(const ResultWriter&) = delete;
  ResultWriter& operator=(const ResultWriter&) = delete;
  virtual ~ResultWriter() = default;

  virtual void row(duckdb_data_chunk chunk, std::uint64_t row) = 0;
  /// Bytes taken so far, for the limit.
  [[nodiscard]] virtual std::size_t bytes() const = 0;
  virtual std::string finish() = 0;
};

/// Hands the rows on, values as they are; finish() gives no text.
std::unique_ptr<ResultWriter> make_row_writer(RowSink& sink, std::vector<ResultColumn> columns);
std::unique_ptr<ResultWriter> make_writer(ResultFormat format, std::vector<ResultColumn> columns);

}  // namespace store::duckdb
