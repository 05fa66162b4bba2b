#include "commands/commands.h"

#include <CLI/CLI.hpp>

namespace commands {

void add_serve_command(CLI::App& root, Invocation& out) {
  CLI::App* command = root.add_subcommand("serve", "run the server until SIGTERM");
  command->add_option("--data", out.data, "data directory")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_option("--config", out.serve_options.config_file, "settings; see docs/settings.md")
      ->type_name("FILE");
  command->add_option("--listen", out.serve_options.listen, "address and port")
      ->type_name("HOST:PORT");
  command->add_flag("--check-config", out.serve_options.check_config,
                    "read the settings, say whether they are valid, and exit");
  command->callback([&out] { out.serve = true; });
}

}  // namespace commands
