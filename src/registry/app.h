#pragma once
// Applications, their credentials and the tokens of the query API, as values. The Registry keeps
// them in SQLite; everybody else reads an immutable Snapshot.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace registry {

/// The server sends events of its own under this id, so no application can have it.
inline constexpr std::string_view kCanaryApp = "catchment_canary";

/// What happens to what exceeds an API's documented limits (app setting `limits`).
enum class LimitMode : std::uint8_t {
  kVendor,      ///< As the vendor documents: refused or marked, by API.
  kLenient,     ///< Stored whole (CleverTap: no record is refused for a limit).
  kQuarantine,  ///< Good events stored, bad ones put aside, the request accepted.
};

/// Settings of one application, changed with `catchment app set`.
struct AppSettings {
  std::string name;
  std::string time_zone = "UTC";
  std::vector<std::string> cors_origins;  ///< Exact origins, or "*"; empty: no cross-origin use.
  LimitMode limits = LimitMode::kVendor;
  std::string auth_cookie;                  ///< Clickstream: the cookie every request must carry.
  bool trust_forwarded_for = true;          ///< Clickstream: X-Forwarded-For names the client.
  bool verify_hash_code = false;            ///< Clickstream: a wrong hashCode is refused.
  bool any_content_type = false;            ///< SegmentStream: any Content-Type is read as JSON.
  std::string account_id;                   ///< Written into Mobile Analytics exports.
  std::string cognito_identity_pool_id;     ///< The same.
  std::int64_t requests_in_flight_max = 0;  ///< CleverTap: 429 beyond it; 0: no limit.
  /// What counts in KPIs, in the form kpi::RuleBook::set() reads; empty: each API's defaults.
  std::string active_events;
  std::string revenue;
  /// Mobile Analytics: whoever knows the identity pool's id gets a key, as Amazon Cognito gave one.
  bool cognito_identities = false;
  bool keys_read_kpis = true;  ///< Mobile Analytics: whoever has a key may ask for KPIs.
};

/// Which API a credential is for. Stored as text: "clevertap", "mobile_analytics", "segmentstream".
enum class CredentialKind : std::uint8_t { kClevertap, kMobileAnalytics, kSegmentstream };

/// One set of secrets; an application holds several of each kind, so that they can be rotated.
struct Credential {
  std::string key;  ///< Names this credential in `app key list` and `revoke`; not a secret.
  CredentialKind kind = CredentialKind::kClevertap;
  std::string id;      ///< CleverTap account id, AWS access key id, SegmentStream project id.
  std::string secret;  ///< CleverTap passcode, AWS secret access key, SegmentStream API token.
  std::string session_token;            ///< AWS session token, when the key is a temporary one.
  std::string mobile_analytics_app_id;  ///< The `app_id` of the client context.
  std::string cognito_id;               ///< Mobile Analytics: whose key it is, for exports.
};

struct App {
  std::string id;  ///< Also Clickstream's appId.
  AppSettings settings;
  std::vector<Credential> credentials;
  /// By AWS access key id; also of keys that were revoked, whose events are still exported.
  std::map<std::string, std::string, std::less<>> cognito_ids;
};

enum class Role : std::uint8_t { kAnalyst, kAdmin };

/// A token of /api/v1; only its hash is kept.
struct Token {
  std::string id;
  Role role = Role::kAnalyst;
  std::string app_id;  ///< Empty: all apps.
};

/// Everything as of one moment. Immutable; share it freely between threads.
class Snapshot {
 public:
  Snapshot(std::vector<App> apps, std::map<std::string, Token> tokens_by_hash);

  /// nullptr when there is none.
  [[nodiscard]] const App* app(std::string_view id) const;
  /// Applications that hold this CleverTap account id (several passcodes may share one account).
  [[nodiscard]] const App* app_by_clevertap_account(std::string_view account_id) const;
  /// The credential of that AWS access key, and its application.
  struct AwsKey {
    const App* app = nullptr;
    const Credential* credential = nullptr;
  };
  [[nodiscard]] std::optional<AwsKey> aws_key(std::string_view access_key_id) const;
  [[nodiscard]] const App* app_by_mobile_analytics_id(std::string_view app_id) const;
  /// Compares hashes, so that the time taken says nothing about the secret.
  [[nodiscard]] const App* app_by_segmentstream_token(std::string_view token) const;
  [[nodiscard]] const App* app_by_segmentstream_project(std::string_view project_id) const;
  /// The token of the query API whose text this is.
  [[nodiscard]] const Token* token(std::string_view text) const;

  [[nodiscard]] const std::vector<App>& apps() const { return apps_; }
  /// Every origin any app allows; a path that names no app answers preflights from these.
  [[nodiscard]] const std::vector<std::string>& all_origins() const { return all_origins_; }

 private:
  void index_credentials(std::size_t app_index);
  [[nodiscard]] const App* find(const std::unordered_map<std::string, std::size_t>& index,
                                std::string_view key) const;

  std::vector<App> apps_;
  std::map<std::string, Token> tokens_by_hash_;
  std::vector<std::string> all_origins_;
  std::unordered_map<std::string, std::size_t> by_id_;
  std::unordered_map<std::string, std::size_t> by_clevertap_;
  std::unordered_map<std::string, std::pair<std::size_t, std::size_t>> by_access_key_;
  std::unordered_map<std::string, std::size_t> by_mobile_analytics_;
  std::unordered_map<std::string, std::size_t> by_token_hash_;
  std::unordered_map<std::string, std::size_t> by_project_;
};

}  // namespace registry
