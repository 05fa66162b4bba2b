#pragma once
// The HTTP/1.1 edge: listens, keeps connections, reads requests within every limit, finds the
// handler of a path and writes replies in order. One io_context per thread, all listening on the
// same port.

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "http/message.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace http {

/// A path and who answers it, whatever the method. A path that ends in "/" also matches everything
/// below it; the longest match wins.
struct Route {
  std::string path;
  Handler* handler = nullptr;
  std::size_t body_bytes_max = std::size_t{1} << 20U;
};

struct TlsOptions {
  std::string certificate_file;  ///< PEM chain; empty: plain HTTP.
  std::string key_file;
};

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: any free port; see Server::port().
  unsigned threads = 1;
  TlsOptions tls;
  std::vector<std::string> trusted_proxies;  ///< Addresses or CIDR ranges.
  std::size_t header_bytes_max = 32U << 10U;
  std::size_t connections_max = 20'000;
  std::size_t body_memory_max = std::size_t{256} << 20U;  ///< Bodies held by all connections.
  std::chrono::milliseconds header_timeout{15'000};
  std::chrono::milliseconds body_timeout{60'000};
  std::chrono::milliseconds idle_timeout{75'000};
  std::chrono::milliseconds write_timeout{30'000};
};

struct Stats {
  std::uint64_t connections = 0;  ///< Open now.
  std::uint64_t connections_total = 0;
  std::uint64_t connections_refused_total = 0;
  std::uint64_t requests_total = 0;
  std::uint64_t bad_requests_total = 0;  ///< Refused before a handler saw them.
  std::uint64_t body_memory = 0;
};

/// What a server takes from the program around it. All outlive the Server.
struct Environment {
  const base::Clock& clock;
  base::Random& random;
  base::Log& log;
};

/// Threads: all methods from any thread.
class Server {
 public:
  /// Binds and starts its threads. Handlers outlive the Server. `fallback` answers paths no route
  /// matches. kInvalid for a bad option, kUnavailable when the port is taken.
  static base::Result<std::unique_ptr<Server>> start(Options options, std::vector<Route> routes,
                                                     Handler& fallback,
                                                     const Environment& environment);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] Stats stats() const;
  /// Reads certificate and key again; the old pair stays in use when the new one is bad.
  base::Status reload_tls();
  /// Stops accepting, answers what has arrived (with Connection: close), waits up to `grace`, then
  /// closes everything and joins the threads.
  void stop(std::chrono::milliseconds grace);

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace http
