#pragma once
// A thin owner of one SQLite connection and its statements: values in, rows out, errors as Errors.

#include "base/result.h"

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace registry {

/// Threads: one at a time.
class Database {
 public:
  using Row = std::vector<std::string>;

  /// Opens or creates the file with synced transactions.
  static base::Result<std::unique_ptr<Database>> open(const std::string& path);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// Runs one statement with text parameters; kExists when a uniqueness rule refuses it.
  base::Status run(std::string_view sql, std::initializer_list<std::string_view> values = {});
  /// All rows, every value as text.
  base::Result<std::vector<Row>> rows(std::string_view sql,
                                      std::initializer_list<std::string_view> values = {});
  /// Rows the last run() changed.
  [[nodiscard]] int changes() const { return sqlite3_changes(handle_); }
  /// Runs `work` in one transaction; undone when it fails.
  base::Status transaction(const std::function<base::Status()>& work);

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  base::Status step(std::string_view sql, std::initializer_list<std::string_view> values,
                    std::vector<Row>* out);
  sqlite3* handle_;
};

}  // namespace registry
