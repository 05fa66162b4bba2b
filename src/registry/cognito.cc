#include "registry/cognito.h"

#include <vector>

namespace registry {

base::Status load_cognito_ids(Database& database, App& app) {
  const auto rows = database.rows(
      "SELECT access_key_id, cognito_id FROM cognito_identity WHERE app_id = ?", {app.id});
  if (!rows) {
    return rows.error();
  }
  for (const Database::Row& row : *rows) {
    app.cognito_ids.emplace(row[0], row[1]);
  }
  for (Credential& credential : app.credentials) {
    const auto found = app.cognito_ids.find(credential.id);
    if (credential.kind == CredentialKind::kMobileAnalytics && found != app.cognito_ids.end()) {
      credential.cognito_id = found->second;
    }
  }
  return base::ok();
}

base::Status save_cognito_id(Database& database, const std::string& app_id,
                             const Credential& credential) {
  if (credential.cognito_id.empty()) {
    return database.run("DELETE FROM cognito_identity WHERE app_id = ? AND access_key_id = ?",
                        {app_id, credential.id});
  }
  return database.run("INSERT OR REPLACE INTO cognito_identity VALUES (?, ?, ?)",
                      {app_id, credential.id, credential.cognito_id});
}

}  // namespace registry
