#include "registry/schema.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace registry {
namespace {

/// Each entry takes the schema from its index to the next version (PRAGMA user_version).
constexpr std::array<std::string_view, 6> kMigrations = {
    "CREATE TABLE app (id TEXT PRIMARY KEY, created_at TEXT NOT NULL)",
    "CREATE TABLE app_setting (app_id TEXT NOT NULL REFERENCES app(id) ON DELETE CASCADE,"
    " key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (app_id, key))",
    "CREATE TABLE credential (key TEXT PRIMARY KEY,"
    " app_id TEXT NOT NULL REFERENCES app(id) ON DELETE CASCADE, kind TEXT NOT NULL,"
    " id TEXT NOT NULL, secret TEXT NOT NULL, session_token TEXT NOT NULL,"
    " mobile_analytics_app_id TEXT NOT NULL, created_at TEXT NOT NULL)",
    "CREATE TABLE token (id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, role TEXT NOT NULL,"
    " app_id TEXT NOT NULL, created_at TEXT NOT NULL)",
    "CREATE INDEX credential_by_app ON credential (app_id, created_at, key)",
    // Apart from the credential: it stays when that is revoked.
    "CREATE TABLE cognito_identity (app_id TEXT NOT NULL REFERENCES app(id) ON DELETE CASCADE,"
    " access_key_id TEXT NOT NULL, cognito_id TEXT NOT NULL, PRIMARY KEY (app_id, access_key_id))",
};

}  // namespace

base::Status migrate(Database& database) {
  const base::Result<std::vector<Database::Row>> version = database.rows("PRAGMA user_version");
  if (!version) {
    return version.error();
  }
  const auto from = static_cast<std::size_t>(std::stoul(version->at(0).at(0)));
  if (from > kMigrations.size()) {
    return base::fail(base::Code::kCorrupt, "registry.db was written by a newer version");
  }
  if (from == kMigrations.size()) {
    return base::ok();  // Nothing is written, so that it opens on a full disk.
  }
  return database.transaction([&database, from]() -> base::Status {
    for (std::size_t i = from; i < kMigrations.size(); ++i) {
      base::Status done = database.run(kMigrations.at(i));
      if (!done) {
        return done;
      }
    }
    return database.run("PRAGMA user_version=" + std::to_string(kMigrations.size()));
  });
}

}  // namespace registry
