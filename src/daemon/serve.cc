#include "daemon/serve.h"

#include "base/log.h"
#include "commands/command_line.h"
#include "control/server.h"
#include "daemon/wiring.h"
#include "engine/engine.h"
#include "http/server.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace catchment {
namespace {

constexpr std::chrono::seconds kDrain{8};
constexpr int kWrongUsage = 2;
constexpr std::uint64_t kSettingsBytesMax = 1U << 20U;

int fail_with(const base::Error& error) {
  std::fprintf(stderr, "catchment: %s\n", error.message.c_str());
  return 1;
}

base::Result<settings::Settings> load_settings(const commands::ServeOptions& options,
                                               const settings::Environment& environment,
                                               io::FileSystem& files) {
  std::string toml;
  if (!options.config_file.empty()) {
    base::Result<std::string> read = io::read_file(files, options.config_file, kSettingsBytesMax);
    if (!read) {
      return read.error();
    }
    toml = *std::move(read);
  }
  base::Result<settings::Settings> loaded = settings::load(toml, options.config_file, environment);
  if (loaded && !options.listen.empty()) {
    const base::Status set = settings::set_listen(loaded->server, options.listen);
    if (!set) {
      return set.error();
    }
  }
  return loaded;
}

http::Options http_options(const settings::Server& from) {
  http::Options out;
  out.host = from.host;
  out.port = from.port;
  out.threads = static_cast<unsigned>(from.threads);
  out.tls = {from.tls_certificate_file, from.tls_key_file};
  out.trusted_proxies = from.trusted_proxies;
  out.header_bytes_max = from.header_bytes_max;
  out.connections_max = from.connections_max;
  out.body_memory_max = from.body_memory_max;
  out.header_timeout = from.header_timeout;
  out.body_timeout = from.body_timeout;
  out.idle_timeout = from.idle_timeout;
  out.write_timeout = from.write_timeout;
  return out;
}

/// Signals as something to wait for. Made before any thread, so that no thread takes them.
class Signals {
 public:
  Signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
      sigaddset(&set, signal);
    }
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    descriptor_ = signalfd(-1, &set, SFD_CLOEXEC);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() { close(descriptor_); }

  int wait() const {
    signalfd_siginfo info{};
    return read(descriptor_, &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))
               ? static_cast<int>(info.ssi_signo)
               : SIGTERM;
  }

 private:
  int descriptor_ = -1;
};

/// Runs one command line that came over the control socket.
int run_remote_command(engine::Engine& engine, const std::vector<std::string>& words,
                       control::Output& output) {
  const auto parsed = commands::parse_command_line(words);
  if (const auto* usage = std::get_if<commands::Usage>(&parsed)) {
    output.err(usage->text);
    return usage->exit_code;
  }
  const auto& invocation = std::get<commands::Invocation>(parsed);
  return invocation.action ? invocation.action(engine, output) : 2;
}

void run_until_stopped(const Signals& signals, http::Server& server, base::Log& log) {
  for (;;) {
    const int signal = signals.wait();
    if (signal != SIGHUP) {
      log.info("stopping", {{"signal", std::int64_t{signal}}});
      return;
    }
    const base::Status reloaded = server.reload_tls();
    if (reloaded) {
      log.info("certificate read again");
    } else {
      log.error("certificate not read again, the old one stays",
                {{"why", reloaded.error().message}});
    }
  }
}

base::Status serve_engine(engine::Engine& engine, const Signals& signals) {
  const engine::Surroundings& around = engine.surroundings();
  base::Result<engine::Pipeline*> pipeline = engine.pipeline();
  if (!pipeline) {
    return pipeline.error();
  }
  (*pipeline)->start_audit(engine.settings().canary_interval);
  base::Result<std::unique_ptr<control::Server>> control = control::Server::start(
      engine::socket_path(engine.folder()),
      [&engine](const std::vector<std::string>& words, control::Output& output) {
        return run_remote_command(engine, words, output);
      },
      around.log);
  if (!control) {
    return control.error();
  }
  Wiring wiring(engine, **pipeline);
  const settings::Server& server_settings = engine.settings().server;
  base::Result<std::unique_ptr<http::Server>> server =
      http::Server::start(http_options(server_settings), wiring.routes(), wiring.fallback(),
                          {around.clock, around.random, around.log});
  if (!server) {
    return server.error();
  }
  wiring.show_server(server->get());
  const bool is_v6 = server_settings.host.find(':') != std::string::npos;
  const std::string url =
      fmt::format("{}://{}{}{}:{}", server_settings.tls_certificate_file.empty() ? "http" : "https",
                  is_v6 ? "[" : "", server_settings.host, is_v6 ? "]" : "", (*server)->port());
  engine.set_serving(url);
  std::printf("catchment listening on %s\n", url.c_str());
  std::fflush(stdout);
  run_until_stopped(signals, **server, around.log);
  (*server)->stop(kDrain);
  wiring.show_server(nullptr);
  return base::ok();
}

}  // namespace

int serve(const commands::Invocation& invocation, const settings::Environment& environment,
          io::FileSystem& files, const base::Clock& clock, base::Random& random) {
  settings::Server told;
  if (const base::Status listen = settings::set_listen(told, invocation.serve_options.listen);
      !invocation.serve_options.listen.empty() && !listen) {
    static_cast<void>(
        fail_with(base::fail(base::Code::kInvalid, "--listen: " + listen.error().message)));
    return kWrongUsage;
  }
  base::Result<settings::Settings> settings =
      load_settings(invocation.serve_options, environment, files);
  if (!settings) {
    return fail_with(settings.error());
  }
  if (invocation.serve_options.check_config) {
    std::puts("the settings are valid");
    return 0;
  }
  const Signals signals;
  base::Log log(clock, settings->log_level, settings->log_format, base::write_to_stderr);
  base::Result<std::unique_ptr<engine::Engine>> engine =
      engine::Engine::open(invocation.data, *std::move(settings), {files, clock, random, log});
  if (!engine) {
    return fail_with(engine.error());
  }
  const base::Status served = serve_engine(**engine, signals);
  if (!served) {
    return fail_with(served.error());
  }
  engine->reset();
  log.info("stopped");
  return 0;
}

}  // namespace catchment
