#include "loader/state/schema.h"

#include "loader/state/imports.h"
#include "loader/state/notes.h"
#include "loader/state/person_store.h"
#include "loader/state/series.h"

#include <cstdint>
#include <string>

namespace loader::state {
namespace {

using base::Code;

constexpr std::int64_t kVersion = 5;
/// Databases up to this size are checked page by page when they are opened.
constexpr std::int64_t kCheckedBytesMax = std::int64_t{64} << 20U;

/// A step changes one row here and one there, and each costs its whole page in the log: small pages
/// make a third of the log of SQLite's 4 KiB.
constexpr const char* kPragmas =
    "PRAGMA page_size = 1024;"
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL;"
    "PRAGMA cache_size = -48000;";
/// What the log may hold before it is copied into the tables.
constexpr std::int64_t kLogBytes = 64'000'000;

constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS applied(id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER,"
    "first INTEGER);"
    "CREATE TABLE IF NOT EXISTS book(app_id TEXT, api INTEGER, received INTEGER, stored INTEGER,"
    "duplicate INTEGER, rejected INTEGER, profiles INTEGER, PRIMARY KEY(app_id, api)) WITHOUT "
    "ROWID;"
    "CREATE TABLE IF NOT EXISTS event_name(app_id TEXT, api INTEGER, name TEXT,"
    "PRIMARY KEY(app_id, api, name)) WITHOUT ROWID;";

}  // namespace

base::Status set_pragmas(Database& database) {
  if (auto set = database.run(kPragmas); !set) {
    return set;
  }
  // A database that older versions made keeps its pages.
  auto page_bytes = database.number("PRAGMA page_size", 1);
  if (!page_bytes) {
    return page_bytes.error();
  }
  return database.run("PRAGMA wal_autocheckpoint = " + std::to_string(kLogBytes / *page_bytes));
}

base::Status check_version(Database& database) {
  auto version = database.number("PRAGMA user_version", 0);
  auto pages = database.number("PRAGMA page_count", 0);
  auto page_bytes = database.number("PRAGMA page_size", 0);
  for (const auto* read : {&version, &pages, &page_bytes}) {
    if (!*read) {
      return read->error();
    }
  }
  if (*version > kVersion) {
    return base::fail(Code::kInvalid, "loader state: a newer version of this program wrote it (" +
                                          std::to_string(*version) + ", this one reads " +
                                          std::to_string(kVersion) + ")");
  }
  if (*version != kVersion && !(*version == 0 && *pages <= 1)) {
    return base::fail(Code::kCorrupt, "loader state: an older version of this program wrote it (" +
                                          std::to_string(*version) + ", this one writes " +
                                          std::to_string(kVersion) + ")");
  }
  if (*pages * *page_bytes > kCheckedBytesMax) {
    return base::ok();
  }
  auto check = database.prepare("PRAGMA quick_check(1)");
  if (!check) {
    return check.error();
  }
  auto row = check->row();
  if (!row) {
    return row.error();
  }
  if (*row && check->text(0) != "ok") {
    return base::fail(Code::kCorrupt, "loader state: " + std::string(check->text(0)));
  }
  return base::ok();
}

base::Status make_tables(Database& database) {
  return database.run(std::string("BEGIN;") + kSchema + PersonStore::schema() +
                      SeriesStore::schema() + Notes::schema() + Imports::schema() +
                      "PRAGMA user_version = " + std::to_string(kVersion) + ";COMMIT;");
}

}  // namespace loader::state
