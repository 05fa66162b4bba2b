#pragma once
// Owners of the engine's C handles: each destroys what it holds. Internal to this room.

#include <duckdb.h>

#include <utility>

namespace store::duckdb {

/// Owns one handle; `Destroy` takes its address.
template <class T, void (*Destroy)(T*)>
class Handle {
 public:
  Handle() = default;
  explicit Handle(T handle) : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Handle() {
    if (handle_ != nullptr) {
      Destroy(&handle_);
    }
  }

  [[nodiscard]] T get() const { return handle_; }
  T* out() { return &handle_; }
  explicit operator bool() const { return handle_ != nullptr; }

 private:
  T handle_ = nullptr;
};

using Database = Handle<duckdb_database, duckdb_close>;
using Connection = Handle<duckdb_connection, duckdb_disconnect>;
using Config = Handle<duckdb_config, duckdb_destroy_config>;
using Prepared = Handle<duckdb_prepared_statement, duckdb_destroy_prepare>;
using Extracted = Handle<duckdb_extracted_statements, duckdb_destroy_extracted>;
using DataChunk = Handle<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using LogicalType = Handle<duckdb_logical_type, duckdb_destroy_logical_type>;
using TableFunction = Handle<duckdb_table_function, duckdb_destroy_table_function>;
using ClientContext = Handle<duckdb_client_context, duckdb_destroy_client_context>;
using Value = Handle<duckdb_value, duckdb_destroy_value>;

/// A result is a struct, not a pointer, and must be destroyed also after a failure.
class QueryOutcome {
 public:
  QueryOutcome() = default;
  QueryOutcome(const QueryOutcome&) = delete;
  QueryOutcome& operator=(const QueryOutcome&) = delete;
  ~QueryOutcome() { duckdb_destroy_result(&result_); }
  duckdb_result* out() { return &result_; }
  [[nodiscard]] duckdb_result get() const { return result_; }

 private:
  duckdb_result result_{};
};

/// VARCHAR with the engine's alias for JSON, BIGINT, DOUBLE, TIMESTAMP, DATE.
inline LogicalType json_type() {
  LogicalType type(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  duckdb_logical_type_set_alias(type.get(), "JSON");
  return type;
}

}  // namespace store::duckdb
