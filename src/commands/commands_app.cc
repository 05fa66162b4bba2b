#include "commands/commands.h"
#include "commands/show_app.h"
#include "engine/engine.h"
#include "registry/setting_text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace commands {
namespace {

using registry::App;
using registry::CredentialInput;

/// The credential options `app create` and `app key add` share.
void add_credential_options(CLI::App& command, CredentialInput& input) {
  command.add_option("--clevertap-account-id", input.clevertap_account_id, "CleverTap account id");
  command.add_option("--clevertap-passcode", input.clevertap_passcode, "CleverTap passcode");
  command.add_option("--mobile-analytics-app-id", input.mobile_analytics_app_id,
                     "app_id of the Mobile Analytics client context");
  command.add_option("--aws-access-key-id", input.aws_access_key_id, "AWS access key id");
  command.add_option("--aws-secret-access-key", input.aws_secret_access_key,
                     "AWS secret access key");
  command.add_option("--aws-session-token", input.aws_session_token,
                     "AWS session token that requests of this key must carry");
  command.add_option("--cognito-id", input.cognito_id,
                     "Amazon Cognito identity that exports show for requests of this AWS key");
  command.add_option("--api-token", input.api_token, "SegmentStream API token");
  command.add_option("--segmentstream-project-id", input.segmentstream_project_id,
                     "SegmentStream project id");
}

struct CreateOptions {
  std::string id;
  std::string name;
  std::string cors_origins;
  CredentialInput credentials;
};

int create(engine::Engine& engine, control::Output& output, const CreateOptions& options) {
  registry::AppSettings settings;
  settings.name = options.name;
  const base::Status origins =
      registry::apply_setting(settings, "cors_origins", options.cors_origins);
  if (!origins) {
    return failed(output, origins.error());
  }
  const base::Result<App> app =
      engine.registry().create_app(options.id, settings, options.credentials);
  if (!app) {
    return failed(output, app.error());
  }
  output.out(app_json(*app, true) + "\n");
  return 0;
}

void add_create(CLI::App& apps, Invocation& out) {
  const auto options = std::make_shared<CreateOptions>();
  CLI::App* command =
      add_command(apps, out, "create",
                  "create an application; credentials that are not given are "
                  "generated; prints it as JSON",
                  [options, &out]() -> Action {
                    out.makes_directory = true;
                    return [options](engine::Engine& engine, control::Output& output) {
                      return create(engine, output, *options);
                    };
                  });
  command->add_option("ID", options->id, "application id: A-Z a-z 0-9 . _ -")->required();
  command->add_option("--name", options->name, "name for people");
  command->add_option("--cors-origins", options->cors_origins,
                      "origins whose pages may send events, separated by commas, or *");
  add_credential_options(*command, options->credentials);
}

int set(engine::Engine& engine, control::Output& output, const std::string& id,
        const std::vector<std::string>& pairs) {
  std::vector<std::pair<std::string, std::string>> settings;
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) {
      output.err("catchment: \"" + pair + "\" is not KEY=VALUE\n");
      return 2;
    }
    settings.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  const base::Status done = engine.registry().set(id, settings);
  return done ? 0 : failed(output, done.error());
}

void add_set(CLI::App& apps, Invocation& out) {
  struct Options {
    std::string id;
    std::vector<std::string> pairs;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(apps, out, "set", "change settings of an application", [options]() -> Action {
        return [options](engine::Engine& engine, control::Output& output) {
          return set(engine, output, options->id, options->pairs);
        };
      });
  command->add_option("ID", options->id, "application id")->required();
  command->add_option("KEY=VALUE", options->pairs, "settings; see docs/settings.md")->required();
}

int show(engine::Engine& engine, control::Output& output, const std::string& id, bool secrets) {
  const auto snapshot = engine.registry().snapshot();
  const App* app = snapshot->app(id);
  if (app == nullptr) {
    return failed(output, base::fail(base::Code::kNotFound, "there is no application \"" + id +
                                                                "\"; see 'catchment app list'"));
  }
  const auto text_of = output.terminal() ? app_page : app_page_json;
  output.out(text_of(*app, engine.settings().paths, engine.public_url(), secrets));
  return 0;
}

void add_show(CLI::App& apps, Invocation& out) {
  struct Options {
    std::string id;
    bool secrets = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      apps, out, "show",
      "print an application, its endpoints and a line of code for each SDK; into a pipe or file "
      "as one JSON object",
      [options]() -> Action {
        return [options](engine::Engine& engine, control::Output& output) {
          return show(engine, output, options->id, options->secrets);
        };
      });
  command->add_option("ID", options->id, "application id")->required();
  command->add_flag("--secrets", options->secrets, "show passcodes, secret keys and tokens");
}

int list(engine::Engine& engine, control::Output& output) {
  for (const App& app : engine.registry().snapshot()->apps()) {
    output.out(fmt::format("{:<24}  {:>2} credentials  {}\n", app.id, app.credentials.size(),
                           app.settings.name));
  }
  return 0;
}

void add_delete(CLI::App& apps, Invocation& out) {
  const auto id = std::make_shared<std::string>();
  CLI::App* command = add_command(
      apps, out, "delete",
      "delete an application and its credentials; its events stay in the store", [id]() -> Action {
        return [id](engine::Engine& engine, control::Output& output) {
          const base::Status done = engine.registry().delete_app(*id);
          return done ? 0 : failed(output, done.error());
        };
      });
  command->add_option("ID", *id, "application id")->required();
}

int add_key(engine::Engine& engine, control::Output& output, const std::string& id,
            const CredentialInput& input) {
  const base::Result<std::vector<registry::Credential>> made =
      engine.registry().add_credentials(id, input);
  if (!made) {
    return failed(output, made.error());
  }
  output.out(credentials_json(*made, true) + "\n");
  return 0;
}

int list_keys(engine::Engine& engine, control::Output& output, const std::string& id) {
  const auto snapshot = engine.registry().snapshot();
  const App* app = snapshot->app(id);
  if (app == nullptr) {
    return failed(output,
                  base::fail(base::Code::kNotFound, "there is no application \"" + id + "\""));
  }
  for (const registry::Credential& credential : app->credentials) {
    output.out(fmt::format("{:<18}  {:<18}  {}\n", credential.key, api_of(credential.kind),
                           credential.id));
  }
  return 0;
}

/// The credential a word means: its key, or what only one of the application's has as id or secret.
std::string key_named(const App& app, const std::string& word) {
  std::string found;
  for (const registry::Credential& credential : app.credentials) {
    if (credential.key == word) {
      return word;
    }
    if (credential.id == word || credential.secret == word) {
      found = found.empty() ? credential.key : word;
    }
  }
  return found.empty() ? word : found;
}

int revoke_key(engine::Engine& engine, control::Output& output, const std::string& id,
               const std::string& word) {
  const auto snapshot = engine.registry().snapshot();
  const App* app = snapshot->app(id);
  const base::Status done =
      engine.registry().revoke_credential(id, app == nullptr ? word : key_named(*app, word));
  return done ? 0 : failed(output, done.error());
}

/// The one thing about a key that can be changed.
base::Status set_on_key(engine::Engine& engine, const std::string& id, const std::string& word,
                        const std::string& pair) {
  constexpr std::string_view kCognito = "cognito_id=";
  if (!pair.starts_with(kCognito)) {
    return base::fail(base::Code::kInvalid, "\"" + pair + "\" is not cognito_id=VALUE");
  }
  const auto snapshot = engine.registry().snapshot();
  const App* app = snapshot->app(id);
  return engine.registry().set_cognito_id(id, app == nullptr ? word : key_named(*app, word),
                                          pair.substr(kCognito.size()));
}

void add_key_commands(CLI::App& apps, Invocation& out) {
  CLI::App* keys = apps.add_subcommand("key", "credentials of an application, to rotate them");
  keys->require_subcommand(1);
  struct Options {
    std::string id;
    std::string key;
    CredentialInput input;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* add = add_command(*keys, out, "add", "add credentials beside those there are",
                              [options]() -> Action {
                                return [options](engine::Engine& engine, control::Output& output) {
                                  return add_key(engine, output, options->id, options->input);
                                };
                              });
  add->add_option("ID", options->id, "application id")->required();
  add_credential_options(*add, options->input);
  CLI::App* listed = add_command(
      *keys, out, "list", "list credentials without their secrets", [options]() -> Action {
        return [options](engine::Engine& engine, control::Output& output) {
          return list_keys(engine, output, options->id);
        };
      });
  listed->add_option("ID", options->id, "application id")->required();
  const auto pair = std::make_shared<std::string>();
  CLI::App* set =
      add_command(*keys, out, "set", "say whose an AWS key is", [options, pair]() -> Action {
        return [options, pair](engine::Engine& engine, control::Output& output) {
          const base::Status done = set_on_key(engine, options->id, options->key, *pair);
          return done ? 0 : failed(output, done.error());
        };
      });
  set->add_option("ID", options->id, "application id")->required();
  set->add_option("KEY", options->key, "key, or access key id")->required();
  set->add_option("cognito_id=VALUE", *pair,
                  "the Amazon Cognito identity that exports show; nothing behind = forgets it")
      ->required();
  CLI::App* revoke =
      add_command(*keys, out, "revoke", "make a credential useless at once", [options]() -> Action {
        return [options](engine::Engine& engine, control::Output& output) {
          return revoke_key(engine, output, options->id, options->key);
        };
      });
  revoke->add_option("ID", options->id, "application id")->required();
  revoke
      ->add_option("KEY", options->key,
                   "key as 'app key list' prints it; also an id or secret that no other key has")
      ->required();
}

}  // namespace

void add_app_commands(CLI::App& root, Invocation& out) {
  CLI::App* apps = root.add_subcommand("app", "applications and their credentials");
  apps->require_subcommand(1);
  add_create(*apps, out);
  add_set(*apps, out);
  add_show(*apps, out);
  add_key_commands(*apps, out);
  add_command(*apps, out, "list", "list applications", []() -> Action { return list; });
  add_delete(*apps, out);
}

}  // namespace commands
