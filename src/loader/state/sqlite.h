#pragma once
// A thin owner of one SQLite connection and its prepared statements, for the loader's state: values
// in, rows out, errors as Errors. Nothing of SQLite is visible outside this room's .cc files.

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace loader::state {

/// A prepared statement. Lifetime: its Database must outlive it. Threads: those of its Database.
class Statement {
 public:
  Statement() = default;
  Statement(sqlite3* handle, sqlite3_stmt* statement)
      : handle_(handle), statement_(statement, &finalize) {}

  /// Gives the next parameter, from the left. Lifetime: what is viewed, until the statement
  /// has run.
  Statement& bind(std::int64_t number);
  Statement& bind_real(double number);
  Statement& bind(std::string_view text);
  Statement& bind_blob(std::string_view bytes);
  Statement& bind_null();

  /// True while there is a row; at the end, or after an error, the statement is ready to run again.
  base::Result<bool> row();
  /// Runs to its end.
  base::Status run();
  /// Gives up the rows that are left.
  void reset();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  /// Lifetime: until the next call of row(), run() or reset().
  [[nodiscard]] std::string_view text(int column) const;
  /// Lifetime: as text().
  [[nodiscard]] std::string_view blob(int column) const;
  [[nodiscard]] bool null(int column) const;

 private:
  static void finalize(sqlite3_stmt* statement);
  Statement& bound(int result);
  using Handle = std::unique_ptr<sqlite3_stmt, void (*)(sqlite3_stmt*)>;

  sqlite3* handle_ = nullptr;
  Handle statement_{nullptr, &finalize};
  int bound_ = 0;
  int refused_ = 0;  // why a parameter could not be given; SQLITE_OK
};

/// Threads: one at a time.
class Database {
 public:
  enum class Mode : std::uint8_t { kReadWrite, kReadOnly };
  /// kReadWrite creates the file. kCorrupt when it is no database, or a damaged one.
  static base::Result<std::unique_ptr<Database>> open(const std::string& path, Mode mode);
  /// For open().
  explicit Database(sqlite3* handle) : handle_(handle, &close) {}

  /// Runs statements that give no rows.
  base::Status run(const std::string& sql);
  base::Result<Statement> prepare(std::string_view sql);
  /// The first column of the first row, or `fallback` without one.
  base::Result<std::int64_t> number(std::string_view sql, std::int64_t fallback);
  /// Between BEGIN and COMMIT or ROLLBACK; some errors of a COMMIT end the transaction themselves.
  [[nodiscard]] bool in_transaction() const;
  /// Rows the last statement changed.
  [[nodiscard]] int changes() const;

 private:
  static void close(sqlite3* handle);
  std::unique_ptr<sqlite3, void (*)(sqlite3*)> handle_;
};

}  // namespace loader::state
