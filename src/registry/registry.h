#pragma once
// Keeps applications, credentials and tokens in registry.db (SQLite, with migrations). Credentials
// are encrypted with the key file secret.key (mode 0600); tokens are stored hashed. Two processes
// never open it at once: the data directory's LOCK sees to that.

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "registry/app.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace registry {

/// What `app create` and `app key add` may be given; what is empty is generated.
struct CredentialInput {
  std::string clevertap_account_id;
  std::string clevertap_passcode;
  std::string mobile_analytics_app_id;
  std::string aws_access_key_id;
  std::string aws_secret_access_key;
  std::string aws_session_token;
  std::string api_token;
  std::string segmentstream_project_id;
  std::string cognito_id;  ///< Of the AWS key; never generated.
};

struct TokenInfo {
  Token token;
  std::string created_at;
};

/// Threads: every method from any thread.
class Registry {
 public:
  /// Opens or creates `folder`/registry.db and `folder`/secret.key.
  static base::Result<std::unique_ptr<Registry>> open(const std::string& folder,
                                                      const base::Clock& clock,
                                                      base::Random& random);
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;
  ~Registry();

  /// The state now; cheap. A change shows in the next snapshot, not in one already taken.
  [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const;

  /// kExists for a known id; kInvalid for an id that is not 1 to 128 of A-Z a-z 0-9 . _ - or for a
  /// credential another application holds.
  base::Result<App> create_app(const std::string& id, const AppSettings& settings,
                               const CredentialInput& credentials);
  /// One `KEY=VALUE` of `app set`; kInvalid names the key or value and lists what is allowed.
  base::Status set(const std::string& app_id, const std::string& key, const std::string& value) {
    return set(app_id, {{key, value}});
  }
  /// All of them, or none when one is wrong.
  base::Status set(const std::string& app_id,
                   const std::vector<std::pair<std::string, std::string>>& pairs);
  /// Adds one credential of each kind that `input` names a field of; generates the rest of it.
  base::Result<std::vector<Credential>> add_credentials(const std::string& app_id,
                                                        const CredentialInput& input);
  /// Says whose an AWS key is; empty: nobody's. `key` names the credential; kNotFound when it is
  /// none of this application's, kInvalid when it is no AWS key.
  base::Status set_cognito_id(const std::string& app_id, const std::string& key,
                              const std::string& cognito_id);
  base::Status revoke_credential(const std::string& app_id, const std::string& key);
  base::Status delete_app(const std::string& app_id);

  /// Returns the token's text, which is shown once and cannot be read again.
  base::Result<std::string> create_token(Role role, const std::string& app_id);
  base::Result<std::vector<TokenInfo>> list_tokens() const;
  base::Status revoke_token(const std::string& token_id);

 private:
  struct State;
  explicit Registry(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace registry
