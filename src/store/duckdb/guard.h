#pragma once
// What people's SQL may contain: one SELECT over the tables and views, no function that reads files
// or shows the engine's own settings. The engine is locked besides (see Engine); this is where a
// refusal gets a clear message. Internal to this room.

#include "base/result.h"

#include <duckdb.h>

#include <string_view>

namespace store::duckdb {

/// kInvalid says what is not allowed, or where the text is no SQL. `connection` parses; nothing is
/// run.
base::Status check_statement(duckdb_connection connection, std::string_view sql);

}  // namespace store::duckdb
