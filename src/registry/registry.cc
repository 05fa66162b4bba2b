#include "registry/registry.h"

#include "base/time_text.h"
#include "io/file_system.h"
#include "registry/cognito.h"
#include "registry/database.h"
#include "registry/generate.h"
#include "registry/schema.h"
#include "registry/secrets.h"
#include "registry/setting_text.h"

#include <algorithm>
#include <array>
#include <mutex>

namespace registry {
namespace {

constexpr std::array<std::pair<CredentialKind, std::string_view>, 3> kKindNames = {{
    {CredentialKind::kClevertap, "clevertap"},
    {CredentialKind::kMobileAnalytics, "mobile_analytics"},
    {CredentialKind::kSegmentstream, "segmentstream"},
}};

std::string_view kind_name(CredentialKind kind) {
  return kKindNames.at(static_cast<std::size_t>(kind)).second;
}

CredentialKind kind_from_name(std::string_view name) {
  for (const auto& [kind, text] : kKindNames) {
    if (text == name) {
      return kind;
    }
  }
  return CredentialKind::kClevertap;
}

bool is_app_id(std::string_view id) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !id.empty() && id.size() <= 128 && std::ranges::all_of(id, allowed);
}

base::Error no_such_key(const std::string& app_id, const std::string& key) {
  return base::fail(base::Code::kNotFound, "application \"" + app_id + "\" has no key \"" + key +
                                               "\"; see 'catchment app key list " + app_id + "'");
}

}  // namespace

struct Registry::State {
  std::unique_ptr<Database> database;
  std::unique_ptr<SecretBox> box;
  const base::Clock* clock = nullptr;
  base::Random* random = nullptr;
  mutable std::mutex mutex;           // guards database and the order of changes
  mutable std::mutex snapshot_mutex;  // guards the pointer alone, so that reading never waits
  std::shared_ptr<const Snapshot> current;

  [[nodiscard]] std::string now() const { return base::format_iso8601_ms(clock->now()); }
  [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const {
    const std::lock_guard lock(snapshot_mutex);
    return current;
  }

  base::Result<std::vector<App>> load_apps() const;
  base::Result<std::vector<Credential>> load_credentials(const std::string& app_id) const;
  base::Status reload();
  base::Status insert(const std::string& app_id, const std::vector<Credential>& credentials);
  base::Status require_app(const std::string& app_id) const;
};

base::Result<std::vector<Credential>> Registry::State::load_credentials(
    const std::string& app_id) const {
  const auto rows = database->rows(
      "SELECT key, kind, id, secret, session_token, mobile_analytics_app_id FROM credential"
      " WHERE app_id = ? ORDER BY created_at, rowid",
      {app_id});
  if (!rows) {
    return rows.error();
  }
  std::vector<Credential> out;
  for (const Database::Row& row : *rows) {
    base::Result<std::string> secret = box->unseal(row[3]);
    base::Result<std::string> token = box->unseal(row[4]);
    if (!secret || !token) {
      return secret ? token.error() : secret.error();
    }
    out.push_back({row[0], kind_from_name(row[1]), row[2], *secret, *token, row[5], {}});
  }
  return out;
}

base::Result<std::vector<App>> Registry::State::load_apps() const {
  const auto ids = database->rows("SELECT id FROM app ORDER BY created_at, rowid");
  if (!ids) {
    return ids.error();
  }
  std::vector<App> apps;
  for (const Database::Row& row : *ids) {
    App& app = apps.emplace_back();
    app.id = row[0];
    const auto settings =
        database->rows("SELECT key, value FROM app_setting WHERE app_id = ?", {app.id});
    if (!settings) {
      return settings.error();
    }
    for (const Database::Row& setting : *settings) {
      const base::Status applied = apply_setting(app.settings, setting[0], setting[1]);
      if (!applied) {
        return applied.error();
      }
    }
    base::Result<std::vector<Credential>> credentials = load_credentials(app.id);
    if (!credentials) {
      return credentials.error();
    }
    app.credentials = *std::move(credentials);
    if (auto loaded = load_cognito_ids(*database, app); !loaded) {
      return loaded.error();
    }
  }
  return apps;
}

base::Status Registry::State::reload() {
  base::Result<std::vector<App>> apps = load_apps();
  if (!apps) {
    return apps.error();
  }
  const auto rows = database->rows("SELECT id, hash, role, app_id FROM token");
  if (!rows) {
    return rows.error();
  }
  std::map<std::string, Token> tokens;
  for (const Database::Row& row : *rows) {
    tokens.emplace(row[1],
                   Token{row[0], row[2] == "admin" ? Role::kAdmin : Role::kAnalyst, row[3]});
  }
  auto fresh = std::make_shared<const Snapshot>(*std::move(apps), std::move(tokens));
  const std::lock_guard lock(snapshot_mutex);
  current = std::move(fresh);
  return base::ok();
}

base::Status Registry::State::insert(const std::string& app_id,
                                     const std::vector<Credential>& credentials) {
  const std::shared_ptr<const Snapshot> known = snapshot();
  for (const Credential& credential : credentials) {
    const base::Status free = check_free(*known, app_id, credential);
    if (!free) {
      return free;
    }
    const base::Status done = database->run(
        "INSERT INTO credential (key, app_id, kind, id, secret, session_token,"
        " mobile_analytics_app_id, created_at) VALUES (?,?,?,?,?,?,?,?)",
        {credential.key, app_id, kind_name(credential.kind), credential.id,
         box->seal(credential.secret), box->seal(credential.session_token),
         credential.mobile_analytics_app_id, now()});
    if (!done) {
      return done;
    }
    if (credential.kind != CredentialKind::kMobileAnalytics) {
      continue;
    }
    if (auto saved = save_cognito_id(*database, app_id, credential); !saved) {
      return saved;
    }
  }
  return base::ok();
}

base::Status Registry::State::require_app(const std::string& app_id) const {
  if (snapshot()->app(app_id) == nullptr) {
    return base::fail(base::Code::kNotFound, "there is no application \"" + app_id + "\"");
  }
  return base::ok();
}

base::Result<std::unique_ptr<Registry>> Registry::open(const std::string& folder,
                                                       const base::Clock& clock,
                                                       base::Random& random) {
  auto state = std::make_unique<State>();
  state->clock = &clock;
  state->random = &random;
  const std::unique_ptr<io::FileSystem> files = io::posix_file_system();
  if (files->exists(folder + "/registry.db") && !files->exists(folder + "/secret.key")) {
    return base::fail(base::Code::kCorrupt,
                      "secret.key is missing beside registry.db: without it no credential can be "
                      "read; restore it from a backup");
  }
  base::Result<std::unique_ptr<SecretBox>> box = SecretBox::open(folder + "/secret.key", random);
  if (!box) {
    return std::move(box).error();
  }
  state->box = *std::move(box);
  base::Result<std::unique_ptr<Database>> database = Database::open(folder + "/registry.db");
  if (!database) {
    return std::move(database).error();
  }
  state->database = *std::move(database);
  base::Status done = migrate(*state->database);
  if (done) {
    done = state->reload();
  }
  if (!done) {
    return done.error();
  }
  return std::unique_ptr<Registry>(new Registry(std::move(state)));  // NOLINT: private constructor
}

Registry::Registry(std::unique_ptr<State> state) : state_(std::move(state)) {}
Registry::~Registry() = default;

std::shared_ptr<const Snapshot> Registry::snapshot() const { return state_->snapshot(); }

base::Result<App> Registry::create_app(const std::string& id, const AppSettings& settings,
                                       const CredentialInput& credentials) {
  const std::lock_guard lock(state_->mutex);
  if (!is_app_id(id)) {
    return base::fail(
        base::Code::kInvalid,
        "application id \"" + id + "\" is not 1 to 128 characters of A-Z a-z 0-9 . _ -");
  }
  if (id == kCanaryApp) {
    return base::fail(base::Code::kInvalid, "application id \"" + id +
                                                "\" belongs to the server's own events; choose "
                                                "another");
  }
  if (state_->snapshot()->app(id) != nullptr) {
    return base::fail(base::Code::kExists, "application \"" + id + "\" exists already");
  }
  const std::vector<Credential> made = make_credentials(credentials, true, {}, *state_->random);
  base::Status done = state_->database->transaction([&]() -> base::Status {
    base::Status step = state_->database->run("INSERT INTO app (id, created_at) VALUES (?, ?)",
                                              {id, state_->now()});
    for (const auto& [key, value] : list_settings(settings)) {
      if (step) {
        step = state_->database->run("INSERT INTO app_setting VALUES (?, ?, ?)", {id, key, value});
      }
    }
    return step ? state_->insert(id, made) : step;
  });
  if (done) {
    done = state_->reload();
  }
  if (!done) {
    return done.error();
  }
  return *state_->snapshot()->app(id);
}

base::Status Registry::set(const std::string& app_id,
                           const std::vector<std::pair<std::string, std::string>>& pairs) {
  const std::lock_guard lock(state_->mutex);
  base::Status done = state_->require_app(app_id);
  if (!done) {
    return done;
  }
  AppSettings settings = state_->snapshot()->app(app_id)->settings;
  done = state_->database->transaction([&] {
    for (const auto& [key, value] : pairs) {
      if (base::Status applied = apply_setting(settings, key, value); !applied) {
        return applied;
      }
      if (base::Status written = state_->database->run(
              "INSERT OR REPLACE INTO app_setting VALUES (?, ?, ?)", {app_id, key, value});
          !written) {
        return written;
      }
    }
    return base::ok();
  });
  return done ? state_->reload() : done;
}

base::Result<std::vector<Credential>> Registry::add_credentials(const std::string& app_id,
                                                                const CredentialInput& input) {
  const std::lock_guard lock(state_->mutex);
  base::Status done = state_->require_app(app_id);
  if (!done) {
    return done.error();
  }
  std::vector<Credential> made =
      make_credentials(input, false, state_->snapshot()->app(app_id)->credentials, *state_->random);
  if (made.empty()) {
    return base::fail(base::Code::kInvalid,
                      "no credential option given; see 'catchment app key add --help'");
  }
  done = state_->database->transaction([&] { return state_->insert(app_id, made); });
  if (done) {
    done = state_->reload();
  }
  if (!done) {
    return done.error();
  }
  return made;
}

base::Status Registry::set_cognito_id(const std::string& app_id, const std::string& key,
                                      const std::string& cognito_id) {
  const std::lock_guard lock(state_->mutex);
  if (auto there = state_->require_app(app_id); !there) {
    return there;
  }
  const auto known = state_->snapshot();
  for (Credential credential : known->app(app_id)->credentials) {
    if (credential.key != key) {
      continue;
    }
    if (credential.kind != CredentialKind::kMobileAnalytics) {
      return base::fail(base::Code::kInvalid, "key \"" + key + "\" is no AWS key");
    }
    credential.cognito_id = cognito_id;
    const base::Status done = save_cognito_id(*state_->database, app_id, credential);
    return done ? state_->reload() : done;
  }
  return no_such_key(app_id, key);
}

base::Status Registry::revoke_credential(const std::string& app_id, const std::string& key) {
  const std::lock_guard lock(state_->mutex);
  base::Status done = state_->require_app(app_id);
  if (done) {
    done =
        state_->database->run("DELETE FROM credential WHERE app_id = ? AND key = ?", {app_id, key});
  }
  if (done && state_->database->changes() == 0) {
    return no_such_key(app_id, key);
  }
  return done ? state_->reload() : done;
}

base::Status Registry::delete_app(const std::string& app_id) {
  const std::lock_guard lock(state_->mutex);
  base::Status done = state_->require_app(app_id);
  if (done) {
    done = state_->database->run("DELETE FROM app WHERE id = ?", {app_id});
  }
  return done ? state_->reload() : done;
}

base::Result<std::string> Registry::create_token(Role role, const std::string& app_id) {
  const std::lock_guard lock(state_->mutex);
  base::Status done = app_id.empty() ? base::ok() : state_->require_app(app_id);
  if (!done) {
    return done.error();
  }
  const std::string id = "token-" + base::random_hex(*state_->random, 6);
  std::string text = "cmt_" + base::random_hex(*state_->random, 24);
  done = state_->database->run(
      "INSERT INTO token VALUES (?, ?, ?, ?, ?)",
      {id, token_hash(text), role == Role::kAdmin ? "admin" : "analyst", app_id, state_->now()});
  if (done) {
    done = state_->reload();
  }
  if (!done) {
    return done.error();
  }
  return text;
}

base::Result<std::vector<TokenInfo>> Registry::list_tokens() const {
  const std::lock_guard lock(state_->mutex);
  const auto rows =
      state_->database->rows("SELECT id, role, app_id, created_at FROM token ORDER BY created_at");
  if (!rows) {
    return rows.error();
  }
  std::vector<TokenInfo> out;
  for (const Database::Row& row : *rows) {
    const Role role = row[1] == "admin" ? Role::kAdmin : Role::kAnalyst;
    out.push_back({Token{row[0], role, row[2]}, row[3]});
  }
  return out;
}

base::Status Registry::revoke_token(const std::string& token_id) {
  const std::lock_guard lock(state_->mutex);
  const base::Status done = state_->database->run("DELETE FROM token WHERE id = ?", {token_id});
  if (done && state_->database->changes() == 0) {
    return base::fail(base::Code::kNotFound, "there is no token \"" + token_id + "\"");
  }
  return done ? state_->reload() : done;
}

}  // namespace registry
