// The program: reads the command line, then serves, sends the command to the server that owns the
// data directory, or opens the directory itself.

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "commands/command_line.h"
#include "control/client.h"
#include "daemon/serve.h"
#include "engine/engine.h"
#include "settings/settings.h"

#include <csignal>
#include <cstdio>
#include <optional>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

extern char** environ;

namespace catchment {
namespace {

constexpr int kLockWaitMs = 10'000;
constexpr int kLockRetryMs = 20;

/// The terminal or pipe this process was started with.
class OwnOutput final : public control::Output {
 public:
  void out(std::string_view text) override { std::fwrite(text.data(), 1, text.size(), stdout); }
  void err(std::string_view text) override {
    std::fflush(stdout);
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
  bool alive() override { return std::fflush(stdout) == 0; }
  [[nodiscard]] bool terminal() const override { return isatty(STDOUT_FILENO) == 1; }
};

settings::Environment own_environment() {
  settings::Environment out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) {
      out.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return out;
}

int fail_with(const base::Error& error) {
  std::fflush(stdout);
  std::fprintf(stderr, "catchment: %s\n", error.message.c_str());
  return 1;
}

/// SIGINT and SIGTERM as something to ask for, from the moment it is made. Before any thread is.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  /// True once for each that came.
  [[nodiscard]] bool came() const {
    const timespec at_once{};
    return sigtimedwait(&set_, nullptr, &at_once) > 0;
  }

 private:
  sigset_t set_{};
};

/// Whoever has the data directory open: a server, else this process for as long as this lives.
class Owner {
 public:
  /// Lifetime: both outlive it.
  Owner(const commands::Invocation& invocation, const engine::Surroundings& surroundings)
      : data_(invocation.data),
        makes_directory_(invocation.makes_directory),
        surroundings_(surroundings) {}

  /// The command's exit code. Somebody has the directory: a server whose socket is there any
  /// moment, or a command that is about to end. Asks both in turn until one answers.
  base::Result<int> run(const commands::Invocation& invocation,
                        const std::vector<std::string>& words, control::Output& output) {
    for (int waited_ms = 0; !engine_; waited_ms += kLockRetryMs) {
      if (const std::optional<control::Descriptor> socket =
              control::connect_to(engine::socket_path(data_))) {
        return control::run_remote(*socket, words, output);
      }
      const base::Status opened = open();
      if (opened) {
        break;
      }
      if (opened.error().code != base::Code::kUnavailable || waited_ms >= kLockWaitMs) {
        return opened.error();
      }
      poll(nullptr, 0, kLockRetryMs);
    }
    const int code = invocation.action(*engine_, output);
    return std::fflush(stdout) == 0 ? code : 1;
  }

 private:
  base::Status open() {
    if (!makes_directory_ && !engine::is_data_directory(surroundings_.files, data_)) {
      return base::fail(base::Code::kNotFound,
                        "\"" + data_ +
                            "\" is no data directory, it holds neither registry.db nor "
                            "journal; name one with --data, or make one with 'catchment app "
                            "create ID'");
    }
    base::Result<settings::Settings> settings = settings::load("", "", own_environment());
    if (!settings) {
      return settings.error();
    }
    base::Result<std::unique_ptr<engine::Engine>> engine =
        engine::Engine::open(data_, *std::move(settings), surroundings_);
    if (!engine) {
      return engine.error();
    }
    engine_ = *std::move(engine);
    return base::ok();
  }

  const std::string data_;
  const bool makes_directory_;
  const engine::Surroundings& surroundings_;
  std::unique_ptr<engine::Engine> engine_;
};

int run_command(const commands::Invocation& invocation, const std::vector<std::string>& words,
                const engine::Surroundings& surroundings, control::Output& output) {
  Owner owner(invocation, surroundings);
  const base::Result<int> code = owner.run(invocation, words, output);
  return code ? *code : fail_with(code.error());
}

/// Runs a command that works in this process and asks the directory's owner now and then.
int run_driven(const commands::Invocation& typed, const engine::Surroundings& surroundings,
               OwnOutput& output) {
  Owner owner(typed, surroundings);
  const commands::Call call = [&owner](const std::vector<std::string>& words,
                                       control::Output& answer) -> base::Result<int> {
    const auto parsed = commands::parse_command_line(words);
    const auto* invocation = std::get_if<commands::Invocation>(&parsed);
    return invocation == nullptr ? base::Result<int>(2) : owner.run(*invocation, words, answer);
  };
  const int code = typed.drive(
      {{output, surroundings.files, surroundings.clock}, isatty(STDERR_FILENO) == 1, {}}, call);
  return std::fflush(stdout) == 0 ? code : 1;
}

/// Runs a command whose output goes through a receiver, which may have something to say to it.
int run_received(const commands::Invocation& typed, std::vector<std::string> words,
                 const engine::Surroundings& surroundings, OwnOutput& output) {
  const std::optional<Signals> signals =
      typed.notices_signals ? std::optional<Signals>(std::in_place) : std::nullopt;
  const base::Result<commands::Receiving> receiving =
      typed.receive({{output, surroundings.files, surroundings.clock},
                     isatty(STDERR_FILENO) == 1 && !output.terminal(),
                     [&signals] { return signals && signals->came(); }});
  if (!receiving) {
    return fail_with(receiving.error());
  }
  words.insert(words.end(), receiving->words.begin(), receiving->words.end());
  const auto parsed = commands::parse_command_line(words);
  const auto* invocation = std::get_if<commands::Invocation>(&parsed);
  const int code = invocation == nullptr
                       ? 2
                       : run_command(*invocation, words, surroundings, *receiving->receiver);
  return receiving->receiver->finish(code);
}

int run(const std::vector<std::string>& words) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::variant<commands::Invocation, commands::Usage> parsed =
      commands::parse_command_line(words);
  if (const auto* usage = std::get_if<commands::Usage>(&parsed)) {
    std::fputs(usage->text.c_str(), usage->exit_code == 0 ? stdout : stderr);
    return usage->exit_code;
  }
  const auto& invocation = std::get<commands::Invocation>(parsed);
  const std::unique_ptr<io::FileSystem> files = io::posix_file_system();
  const base::SystemClock clock;
  base::SystemRandom random;
  if (invocation.serve) {
    return serve(invocation, own_environment(), *files, clock, random);
  }
  base::Log log(clock, base::LogLevel::kWarning, base::LogFormat::kText, base::write_to_stderr);
  const engine::Surroundings surroundings{*files, clock, random, log};
  OwnOutput output;
  if (invocation.drive) {
    return run_driven(invocation, surroundings, output);
  }
  return invocation.receive ? run_received(invocation, words, surroundings, output)
                            : run_command(invocation, words, surroundings, output);
}

}  // namespace
}  // namespace catchment

int main(int argc, char** argv) {
  return catchment::run(std::vector<std::string>(argv + 1, argv + argc));
}
