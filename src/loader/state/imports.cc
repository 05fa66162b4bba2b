#include "loader/state/imports.h"

#include "loader/state/state.h"

#include <utility>

namespace loader::state {

const char* Imports::schema() {
  return "CREATE TABLE IF NOT EXISTS imported(app_id TEXT, id TEXT, position INTEGER,"
         "stored INTEGER, duplicate INTEGER, rejected INTEGER, PRIMARY KEY(app_id, id))"
         " WITHOUT ROWID;";
}

base::Result<std::unique_ptr<Imports>> Imports::open(Database& database) {
  auto find = database.prepare(
      "SELECT position, stored, duplicate, rejected FROM imported WHERE app_id = ? AND id = ?");
  if (!find) {
    return find.error();
  }
  // A reader never writes, but its connection must not refuse to prepare it.
  auto write = database.prepare("INSERT OR IGNORE INTO imported VALUES(?, ?, ?, ?, ?, ?)");
  if (!write) {
    return write.error();
  }
  auto imports = std::make_unique<Imports>();
  imports->find_ = std::move(*find);
  imports->write_ = std::move(*write);
  return imports;
}

base::Result<std::optional<ImportedRecord>> Imports::find(const ImportKey& key) {
  auto row = find_.bind(key.app_id).bind(key.id).row();
  if (!row) {
    return row.error();
  }
  std::optional<ImportedRecord> found;
  if (*row) {
    found = {static_cast<event::Position>(find_.integer(0)), find_.integer(1), find_.integer(2),
             find_.integer(3)};
    find_.reset();
  }
  return found;
}

base::Status Imports::note(const ImportKey& key, event::Position position, const Counts& counts) {
  return write_.bind(key.app_id)
      .bind(key.id)
      .bind(static_cast<std::int64_t>(position))
      .bind(counts.stored)
      .bind(counts.duplicate)
      .bind(counts.rejected)
      .run();
}

base::Result<std::unique_ptr<ImportReader>> ImportReader::open(const std::string& path) {
  auto database = Database::open(path, Database::Mode::kReadOnly);
  if (!database) {
    return base::fail(base::Code::kUnavailable, database.error().message);
  }
  auto imports = Imports::open(**database);
  if (!imports) {
    return imports.error();
  }
  auto reader = std::make_unique<ImportReader>();
  reader->database_ = std::move(*database);
  reader->imports_ = std::move(*imports);
  return reader;
}

}  // namespace loader::state
