// Any text as a query of people. What the guard lets through is one SELECT for the engine too, and
// binding it asks for no file and no setting. Nothing is run.

#include "base/check.h"
#include "store/duckdb/engine.h"
#include "store/duckdb/guard.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

constexpr std::size_t kTextBytesMax = 4096;

/// An engine that can reach nothing: what a query tries to reach shows in its refusal.
class LockedEngine {
 public:
  LockedEngine() {
    CHECK(duckdb_open(nullptr, database_.out()) == DuckDBSuccess);
    CHECK(duckdb_connect(database_.get(), connection_.out()) == DuckDBSuccess);
    for (const char* statement :
         {"SET GLOBAL threads = 1", "SET GLOBAL autoinstall_known_extensions = false",
          "SET GLOBAL autoload_known_extensions = false", "SET GLOBAL memory_limit = '256MB'",
          // Folding constants would run functions.
          "PRAGMA disable_optimizer",
          "CREATE VIEW event AS SELECT 'shop' AS app_id, 'view' AS event_name, 1 AS event_value, "
          "'{}'::JSON AS properties, TIMESTAMP '2026-01-01' AS received_at",
          "SET GLOBAL enable_external_access = false", "SET GLOBAL lock_configuration = true"}) {
      CHECK(store::duckdb::execute(connection_.get(), statement));
    }
  }
  [[nodiscard]] duckdb_connection connection() const { return connection_.get(); }

 private:
  store::duckdb::Database database_;
  store::duckdb::Connection connection_;
};

void check_allowed(duckdb_connection connection, std::string_view sql) {
  store::duckdb::Extracted statements;
  const idx_t count =
      duckdb_extract_statements(connection, std::string(sql).c_str(), statements.out());
  CHECK(count == 1);
  store::duckdb::Prepared prepared;
  if (duckdb_prepare_extracted_statement(connection, statements.get(), 0, prepared.out()) ==
      DuckDBSuccess) {
    CHECK(duckdb_prepared_statement_type(prepared.get()) == DUCKDB_STATEMENT_TYPE_SELECT);
    return;
  }
  const char* text = duckdb_prepare_error(prepared.get());
  const std::string_view message = text != nullptr ? text : "";
  // The engine's words where a statement wants a file or a setting of the locked engine.
  CHECK(!message.starts_with("Permission Error"));
  CHECK(!message.starts_with("INTERNAL Error"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const LockedEngine engine;
  const std::string_view sql(reinterpret_cast<const char*>(data), size);
  if (sql.size() > kTextBytesMax) {
    return 0;
  }
  const auto allowed = store::duckdb::check_statement(engine.connection(), sql);
  if (allowed) {
    check_allowed(engine.connection(), sql);
  } else {
    CHECK(allowed.error().code == base::Code::kInvalid && !allowed.error().message.empty());
  }
  return 0;
}
