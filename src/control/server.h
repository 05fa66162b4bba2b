#pragma once
// Runs commands that other processes send over a Unix socket (mode 0600) in the data directory.

#include "base/log.h"
#include "base/result.h"
#include "control/output.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace control {

/// Runs one command line (without the program's name) and returns its exit code. Threads: called
/// from several threads at once.
using Runner = std::function<int(const std::vector<std::string>& words, Output& output)>;

class Server {
 public:
  /// Listens at `path`, replacing a socket a killed server left behind; the caller holds the data
  /// directory's lock. A server that stops gives its clients `stop_grace` to take what their
  /// commands have written.
  static base::Result<std::unique_ptr<Server>> start(
      const std::string& path, Runner runner, base::Log& log,
      std::chrono::milliseconds stop_grace = std::chrono::seconds(2));
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Stops accepting, tells running commands that nobody reads, waits for them, removes the socket.
  /// After the grace, what a command still writes is thrown away.
  ~Server();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace control
