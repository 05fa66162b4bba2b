#pragma once
// For the tests of this room: a server on a free loopback port, and handlers for it.

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "http/raw_client_testing.h"
#include "http/server.h"

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace http {

/// Answers with what it was asked: "METHOD target [trouble] body".
class EchoHandler final : public Handler {
 public:
  void handle(const Request& request, Responder respond) override {
    Reply reply;
    reply.status = status_of(request.trouble);
    reply.body = std::string(request.method) + " " + std::string(request.target) + " " +
                 std::string(request.body);
    respond(std::move(reply));
  }
  static int status_of(Trouble trouble) {
    switch (trouble) {
      case Trouble::kBodyTooLarge: return 413;
      case Trouble::kOverloaded: return 503;
      case Trouble::kBodyTimeout: return 408;
      case Trouble::kNone: break;
    }
    return 200;
  }
};

/// Answers through a function.
class FunctionHandler final : public Handler {
 public:
  using Function = std::function<void(const Request&, Responder)>;
  explicit FunctionHandler(Function function) : function_(std::move(function)) {}
  void handle(const Request& request, Responder respond) override {
    function_(request, std::move(respond));
  }

 private:
  Function function_;
};

/// A running server; its clock, random source and echoing fallback are its own.
class Loopback {
 public:
  explicit Loopback(Options options = {}, std::vector<Route> routes = {}) {
    options.port = 0;
    auto started = Server::start(std::move(options), std::move(routes), echo_,
                                 {clock_, random_, base::null_log()});
    if (started) {
      server_ = *std::move(started);
    } else {
      error_ = started.error().message;
    }
  }
  [[nodiscard]] bool running() const { return server_ != nullptr; }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  Server& server() { return *server_; }
  void destroy() { server_.reset(); }
  /// Sends `bytes` on a connection of their own and reads until the server closes.
  std::string exchange(std::string_view bytes) {
    RawClient client(port());
    client.send(bytes);
    return client.read_all();
  }
  /// Waits until `condition` holds for the server's counters.
  bool wait_for(const std::function<bool(const Stats&)>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
    while (!condition(server_->stats())) {
      if (std::chrono::steady_clock::now() > end) {
        return false;
      }
      ::poll(nullptr, 0, 1);
    }
    return true;
  }

 private:
  base::SystemClock clock_;
  base::SeededRandom random_{7};
  EchoHandler echo_;
  std::unique_ptr<Server> server_;
  std::string error_;
};

inline std::string body_of(std::string_view reply) {
  const auto end = reply.find("\r\n\r\n");
  return end == std::string_view::npos ? "" : std::string(reply.substr(end + 4));
}

inline std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace http
