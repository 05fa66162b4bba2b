#pragma once
// The tables of the state database, its settings, and whether a file is such a database. Used by
// the State when it opens one.

#include "base/result.h"
#include "loader/state/sqlite.h"

namespace loader::state {

base::Status set_pragmas(Database& database);
/// kCorrupt when the file is damaged, or of another version.
base::Status check_version(Database& database);
/// Those that are missing.
base::Status make_tables(Database& database);

}  // namespace loader::state
