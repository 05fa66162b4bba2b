#pragma once
// Which records of imports are loaded, and what became of their units: how an import that is run
// again counts nothing twice, however long ago the first run was. Part of State's database and of
// its transactions.

#include "base/result.h"
#include "event/record.h"
#include "loader/state/sqlite.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace loader::state {

struct Counts;

/// Which record: the application it was imported for and its note "import".
struct ImportKey {
  std::string_view app_id;
  std::string_view id;
};

struct ImportedRecord {
  event::Position position = 0;  ///< Of the first record with that key.
  std::int64_t stored = 0;
  std::int64_t duplicate = 0;
  std::int64_t rejected = 0;
};

/// Threads: those of its Database.
class Imports {
 public:
  static const char* schema();
  /// Lifetime: `database` outlives it.
  static base::Result<std::unique_ptr<Imports>> open(Database& database);

  base::Result<std::optional<ImportedRecord>> find(const ImportKey& key);
  base::Status note(const ImportKey& key, event::Position position, const Counts& counts);

 private:
  Statement find_;
  Statement write_;
};

/// Reads it beside the loader that goes on writing. Threads: one.
class ImportReader {
 public:
  /// `path` is State::path(). kUnavailable while the database cannot be read.
  static base::Result<std::unique_ptr<ImportReader>> open(const std::string& path);

  /// As it stands when asked.
  base::Result<std::optional<ImportedRecord>> find(const ImportKey& key) {
    return imports_->find(key);
  }

 private:
  std::unique_ptr<Database> database_;
  std::unique_ptr<Imports> imports_;
};

}  // namespace loader::state
