#pragma once
// The command line: which commands there are, what they take, and what runs. The same words are
// parsed in the process they were typed in and, when a server owns the data directory, once more
// in the server.

#include "base/result.h"
#include "control/output.h"
#include "exports/receiver.h"
#include "exports/target.h"
#include "settings/settings.h"

#include <functional>
#include <memory>
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

/// The process a command was typed in.
struct Typist {
  exports::Place place;
  bool progress = false;  ///< A bar on standard error is welcome.
  std::function<bool()> interrupted;
};

/// What stands between a command and its output in that process, and what it wants to be said to
/// the command besides the words that were typed.
struct Receiving {
  std::unique_ptr<exports::Receiver> receiver;
  std::vector<std::string> words;
};

/// Runs words where the data directory is open: in the server, else in this process, which then
/// keeps it open. kIo when the server goes away.
using Call = std::function<base::Result<int>(const std::vector<std::string>& words,
                                             control::Output& output)>;

/// A command that parsed.
struct Invocation {
  std::string data = "./data";
  /// Set for commands whose output is more than text to show.
  std::function<base::Result<Receiving>(const Typist& typist)> receive;
  /// SIGINT and SIGTERM are told to `receive`'s receiver; they do not end the process.
  bool notices_signals = false;
  /// Set for commands that work in the process they were typed in; returns the exit code.
  std::function<int(const Typist& typist, const Call& call)> drive;
  /// Runs against an open data directory; returns the exit code. Empty for `serve`.
  std::function<int(engine::Engine& engine, control::Output& output)> action;
  bool makes_directory = false;  ///< Where `data` does not exist yet; others name it as wrong.
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
