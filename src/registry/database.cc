#include "registry/database.h"

namespace registry {
namespace {

base::Error failure(sqlite3* handle, int code) {
  const base::Code kind = code == SQLITE_CONSTRAINT ? base::Code::kExists
                          : code == SQLITE_FULL     ? base::Code::kUnavailable
                          : code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? base::Code::kCorrupt
                                                                            : base::Code::kIo;
  return base::fail(kind, std::string("registry.db: ") + sqlite3_errmsg(handle));
}

}  // namespace

base::Result<std::unique_ptr<Database>> Database::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  std::unique_ptr<Database> database(new Database(handle));  // NOLINT: private constructor
  if (code != SQLITE_OK) {
    return failure(handle, code);
  }
  // Losing an application or a revoked token in a power cut would be worse than a slow write.
  for (const char* pragma :
       {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"}) {
    const base::Status done = database->step(pragma, {}, nullptr);
    if (!done) {
      return done.error();
    }
  }
  return database;
}

Database::~Database() { sqlite3_close(handle_); }

base::Status Database::step(std::string_view sql, std::initializer_list<std::string_view> values,
                            std::vector<Row>* out) {
  sqlite3_stmt* raw = nullptr;
  int code = sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(raw, sqlite3_finalize);
  if (code != SQLITE_OK) {
    return failure(handle_, code);
  }
  int index = 0;
  for (const std::string_view value : values) {
    sqlite3_bind_text(raw, ++index, value.data(), static_cast<int>(value.size()),
                      SQLITE_TRANSIENT);  // NOLINT: SQLite's own cast
  }
  while ((code = sqlite3_step(raw)) == SQLITE_ROW) {
    if (out == nullptr) {
      continue;
    }
    Row& row = out->emplace_back();
    for (int i = 0; i < sqlite3_column_count(raw); ++i) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, i));
      row.emplace_back(text == nullptr ? "" : text,
                       static_cast<std::size_t>(sqlite3_column_bytes(raw, i)));
    }
  }
  return code == SQLITE_DONE ? base::ok() : failure(handle_, code);
}

base::Status Database::run(std::string_view sql, std::initializer_list<std::string_view> values) {
  return step(sql, values, nullptr);
}

base::Result<std::vector<Database::Row>> Database::rows(
    std::string_view sql, std::initializer_list<std::string_view> values) {
  std::vector<Row> out;
  const base::Status done = step(sql, values, &out);
  if (!done) {
    return done.error();
  }
  return out;
}

base::Status Database::transaction(const std::function<base::Status()>& work) {
  base::Status done = run("BEGIN IMMEDIATE");
  if (!done) {
    return done;
  }
  done = work();
  if (done) {
    done = run("COMMIT");
  }
  if (!done) {
    const base::Status undone = run("ROLLBACK");
    (void)undone;  // The first failure is the one to report.
  }
  return done;
}

}  // namespace registry
