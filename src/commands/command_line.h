#pragma once
// The command line: which commands there are, what they take, and what runs. The same words are
// parsed in the process they were typed in and, when a server owns the data directory, once more
// in the server.

#include "control/output.h"
#include "settings/settings.h"

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace engine {
class Engine;
}

namespace commands {

/// What `serve` was told.
struct ServeOptions {
  std::string config_file;
  std::string listen;
  bool check_config = false;
};

/// A command that parsed.
struct Invocation {
  std::string data = "./data";
  /// Runs against an open data directory; returns the exit code. Empty for `serve`.
  std::function<int(engine::Engine& engine, control::Output& output)> action;
  bool serve = false;
  ServeOptions serve_options;
};

/// Nothing to run: help (exit code 0) or wrong usage (2), with what to print.
struct Usage {
  int exit_code = 0;
  std::string text;
};

std::variant<Invocation, Usage> parse_command_line(const std::vector<std::string>& words);

}  // namespace commands
