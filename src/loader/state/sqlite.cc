#include "loader/state/sqlite.h"

#include <sqlite3.h>

namespace loader::state {
namespace {

using base::Code;

base::Error error_of(sqlite3* handle, int result) {
  Code code = Code::kInternal;
  switch (result & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: code = Code::kCorrupt; break;
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_NOMEM: code = Code::kUnavailable; break;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM: code = Code::kIo; break;
    default: break;
  }
  const char* text = handle == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(handle);
  return base::fail(code, std::string("loader state: ") + text);
}

}  // namespace

void Statement::finalize(sqlite3_stmt* statement) { sqlite3_finalize(statement); }

Statement& Statement::bind(std::int64_t number) {
  return bound(sqlite3_bind_int64(statement_.get(), ++bound_, number));
}

Statement& Statement::bind_real(double number) {
  return bound(sqlite3_bind_double(statement_.get(), ++bound_, number));
}

Statement& Statement::bind(std::string_view text) {
  // A null pointer would bind NULL instead of the empty text.
  const char* data = text.data() == nullptr ? "" : text.data();
  return bound(sqlite3_bind_text64(statement_.get(), ++bound_, data, text.size(), SQLITE_STATIC,
                                   SQLITE_UTF8));
}

Statement& Statement::bind_blob(std::string_view bytes) {
  return bound(
      sqlite3_bind_blob64(statement_.get(), ++bound_, bytes.data(), bytes.size(), SQLITE_STATIC));
}

Statement& Statement::bind_null() { return bound(sqlite3_bind_null(statement_.get(), ++bound_)); }

/// A parameter that was refused, for its length say, would be NULL.
Statement& Statement::bound(int result) {
  refused_ = refused_ == SQLITE_OK ? result : refused_;
  return *this;
}

base::Result<bool> Statement::row() {
  const int result = refused_ == SQLITE_OK ? sqlite3_step(statement_.get()) : refused_;
  if (result == SQLITE_ROW) {
    return true;
  }
  if (result == SQLITE_DONE) {
    reset();
    return false;
  }
  const base::Error error = error_of(handle_, result);
  reset();
  return error;
}

base::Status Statement::run() {
  auto more = row();
  while (more && *more) {
    more = row();
  }
  return more ? base::ok() : base::Status(more.error());
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
  bound_ = 0;
  refused_ = SQLITE_OK;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }

std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  const int bytes = sqlite3_column_bytes(statement_.get(), column);
  return text == nullptr ? std::string_view() : std::string_view(text, static_cast<size_t>(bytes));
}

std::string_view Statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr ? std::string_view() : std::string_view(bytes, static_cast<size_t>(size));
}

bool Statement::null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::close(sqlite3* handle) { sqlite3_close_v2(handle); }

base::Result<std::unique_ptr<Database>> Database::open(const std::string& path, Mode mode) {
  const int flags =
      mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  auto database = std::make_unique<Database>(handle);
  if (result != SQLITE_OK) {
    return error_of(handle, result);
  }
  sqlite3_busy_timeout(handle, 5000);
  sqlite3_extended_result_codes(handle, 1);
  return database;
}

base::Status Database::run(const std::string& sql) {
  const int result = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? base::ok() : base::Status(error_of(handle_.get(), result));
}

base::Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) {
    return error_of(handle_.get(), result);
  }
  return Statement(handle_.get(), statement);
}

base::Result<std::int64_t> Database::number(std::string_view sql, std::int64_t fallback) {
  auto statement = prepare(sql);
  if (!statement) {
    return statement.error();
  }
  auto row = statement->row();
  if (!row) {
    return row.error();
  }
  return *row && !statement->null(0) ? statement->integer(0) : fallback;
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

int Database::changes() const { return sqlite3_changes(handle_.get()); }

}  // namespace loader::state
