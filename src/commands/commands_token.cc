#include "commands/commands.h"
#include "engine/engine.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace commands {
namespace {

struct Options {
  std::string role = "analyst";
  std::string app;
  std::string token;
};

int create(engine::Engine& engine, control::Output& output, const Options& options) {
  const registry::Role role =
      options.role == "admin" ? registry::Role::kAdmin : registry::Role::kAnalyst;
  const base::Result<std::string> token = engine.registry().create_token(role, options.app);
  if (!token) {
    return failed(output, token.error());
  }
  output.out(*token + "\n");
  return 0;
}

int list(engine::Engine& engine, control::Output& output) {
  const base::Result<std::vector<registry::TokenInfo>> tokens = engine.registry().list_tokens();
  if (!tokens) {
    return failed(output, tokens.error());
  }
  for (const registry::TokenInfo& info : *tokens) {
    output.out(fmt::format("{:<20}  {:<8}  {:<24}  {}\n", info.token.id,
                           info.token.role == registry::Role::kAdmin ? "admin" : "analyst",
                           info.token.app_id.empty() ? "(all applications)" : info.token.app_id,
                           info.created_at));
  }
  return 0;
}

}  // namespace

void add_token_commands(CLI::App& root, Invocation& out) {
  CLI::App* tokens = root.add_subcommand("token", "tokens of the query API");
  tokens->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  CLI::App* created = add_command(
      *tokens, out, "create", "create a token and print it, this once", [options]() -> Action {
        return [options](engine::Engine& engine, control::Output& output) {
          return create(engine, output, *options);
        };
      });
  created->add_option("--role", options->role, "admin, or analyst, who reads")
      ->check(CLI::IsMember({"admin", "analyst"}))
      ->capture_default_str();
  created->add_option("--app", options->app, "bind it to one application (no raw SQL then)");
  add_command(*tokens, out, "list", "list tokens without their text",
              []() -> Action { return list; });
  CLI::App* revoked =
      add_command(*tokens, out, "revoke", "make a token useless at once", [options]() -> Action {
        return [options](engine::Engine& engine, control::Output& output) {
          const base::Status done = engine.registry().revoke_token(options->token);
          return done ? 0 : failed(output, done.error());
        };
      });
  revoked->add_option("TOKEN", options->token, "id as 'token list' prints it")->required();
}

}  // namespace commands
