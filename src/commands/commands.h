#pragma once
// What the command files share. Each file adds its commands to the parser; a command stores its
// action in the Invocation when it is the one that was typed.

#include "base/result.h"
#include "commands/command_line.h"
#include "control/output.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace engine {
class Pipeline;
}

namespace commands {

using Action = std::function<int(engine::Engine& engine, control::Output& output)>;

/// Adds a command with `--data` and `--help`. When it is typed, `make()` is asked for its action
/// after all options are read.
CLI::App* add_command(CLI::App& parent, Invocation& out, const std::string& name,
                      const std::string& doc, std::function<Action()> make);

/// The pipeline, with everything in the journal loaded when no server does that all the time.
base::Result<engine::Pipeline*> caught_up(engine::Engine& engine);

/// Writes "catchment: MESSAGE" as one line and returns exit code 1.
int failed(control::Output& output, const base::Error& error);

void add_app_commands(CLI::App& root, Invocation& out);
void add_token_commands(CLI::App& root, Invocation& out);
void add_query_commands(CLI::App& root, Invocation& out);
void add_kpi_commands(CLI::App& root, Invocation& out);
void add_journal_commands(CLI::App& root, Invocation& out);
void add_rejected_commands(CLI::App& root, Invocation& out);
void add_export_command(CLI::App& root, Invocation& out);
void add_import_command(CLI::App& root, Invocation& out);
void add_tail_command(CLI::App& root, Invocation& out);
void add_serve_command(CLI::App& root, Invocation& out);

}  // namespace commands
