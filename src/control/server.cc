#include "control/server.h"

#include "base/thread_name.h"
#include "control/frames.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace control {
namespace {

constexpr std::size_t kArgumentsMax = 1000;
constexpr std::size_t kClientsMax = 64;
/// While descriptors are used up the listener stays readable: without a pause it would be asked
/// again and again.
constexpr int kExhaustedPauseMs = 50;

/// Sends what a command writes to the client; quietly drops it once the client is gone.
class SocketOutput final : public Output {
 public:
  SocketOutput(int socket, bool is_terminal, const std::atomic<bool>& stopping)
      : socket_(socket), is_terminal_(is_terminal), stopping_(stopping) {}

  void out(std::string_view text) override { send(FrameType::kOut, text); }
  void err(std::string_view text) override { send(FrameType::kErr, text); }
  void mark(std::string_view note) override { send(FrameType::kMark, note); }

  bool alive() override {
    pollfd watched{socket_, POLLIN, 0};
    // The client sends nothing while a command runs: readable means closed.
    return !gone_ && !stopping_.load() && poll(&watched, 1, 0) == 0;
  }

  [[nodiscard]] bool terminal() const override { return is_terminal_; }

 private:
  void send(FrameType type, std::string_view text) {
    if (!gone_ && !text.empty() && !send_frame(socket_, type, text)) {
      gone_ = true;
    }
  }

  const int socket_;
  const bool is_terminal_;
  const std::atomic<bool>& stopping_;
  bool gone_ = false;
};

}  // namespace

struct Server::State {
  State(std::string path_in, Runner runner_in, base::Log& log_in, std::chrono::milliseconds grace)
      : path(std::move(path_in)), runner(std::move(runner_in)), log(log_in), stop_grace(grace) {}

  struct Client {
    Descriptor socket;
    std::thread thread;
    std::atomic<bool> finished{false};
  };

  void accept_loop();
  Descriptor accept_one();
  void serve(const Client& client);
  bool start_thread(Client& client);
  void reap();
  void end_clients();

  const std::string path;
  const Runner runner;
  base::Log& log;
  const std::chrono::milliseconds stop_grace;
  Descriptor listener;
  Descriptor wake_read;
  Descriptor wake_write;
  std::atomic<bool> stopping{false};
  std::thread thread;
  std::list<Client> clients;  // the accepting thread's own
  std::mutex finished_mutex;
  std::condition_variable finished_one;
};

void Server::State::serve(const Client& client) {
  const int socket = client.socket.get();
  std::vector<std::string> words;
  bool is_terminal = false;
  for (;;) {
    base::Result<Frame> frame = receive_frame(socket);
    if (!frame || words.size() > kArgumentsMax) {
      return;
    }
    if (frame->type == FrameType::kRun) {
      break;
    }
    if (frame->type == FrameType::kArgument) {
      words.push_back(std::move(frame->bytes));
    } else {
      is_terminal = frame->type == FrameType::kTerminal;
    }
  }
  SocketOutput output(socket, is_terminal, stopping);
  const auto code = static_cast<char>(runner(words, output));
  const base::Status sent = send_frame(socket, FrameType::kExit, std::string_view(&code, 1));
  if (!sent) {
    log.debug("a control client left before its command ended");
  }
  shutdown(socket, SHUT_WR);
}

void Server::State::reap() {
  clients.remove_if([](Client& client) {
    if (!client.finished.load()) {
      return false;
    }
    client.thread.join();
    return true;
  });
}

/// No descriptor when there is none to be had, or nobody waits any more.
Descriptor Server::State::accept_one() {
  Descriptor socket(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const int error = errno;
  if (socket.get() < 0 &&
      (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM)) {
    log.warning("no more commands can be accepted", {{"errno", static_cast<std::int64_t>(error)}});
    pollfd stop{wake_read.get(), POLLIN, 0};
    poll(&stop, 1, kExhaustedPauseMs);
  }
  return socket;
}

/// False when the system gives no thread.
bool Server::State::start_thread(Client& client) {
  try {
    client.thread = std::thread([this, &client] {
      base::name_this_thread("command");
      serve(client);
      const std::lock_guard lock(finished_mutex);
      client.finished.store(true);
      finished_one.notify_one();
    });
    return true;
  } catch (const std::system_error& error) {
    log.warning("no more commands can be accepted", {{"reason", error.what()}});
    return false;
  }
}

void Server::State::accept_loop() {
  std::array<pollfd, 2> watched{{{listener.get(), POLLIN, 0}, {wake_read.get(), POLLIN, 0}}};
  while (!stopping.load()) {
    if (poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) {
      log.error("the control socket failed", {{"errno", static_cast<std::int64_t>(errno)}});
      return;
    }
    if ((watched[0].revents & POLLIN) == 0) {
      continue;
    }
    Descriptor socket = accept_one();
    reap();
    if (socket.get() < 0 || clients.size() >= kClientsMax) {
      continue;
    }
    Client& client = clients.emplace_back();
    client.socket = std::move(socket);
    if (!start_thread(client)) {
      clients.pop_back();
    }
  }
}

/// Commands see that nobody reads. One whose client has stopped reading (a pager, say) is stuck in
/// its write, so after a while the connection is cut.
void Server::State::end_clients() {
  for (const Client& client : clients) {
    shutdown(client.socket.get(), SHUT_RD);
  }
  {
    std::unique_lock lock(finished_mutex);
    finished_one.wait_for(lock, stop_grace, [this] {
      return std::ranges::all_of(clients, [](const Client& one) { return one.finished.load(); });
    });
  }
  for (Client& client : clients) {
    shutdown(client.socket.get(), SHUT_RDWR);
    client.thread.join();
  }
}

base::Result<std::unique_ptr<Server>> Server::start(const std::string& path, Runner runner,
                                                    base::Log& log,
                                                    std::chrono::milliseconds stop_grace) {
  const base::Result<UnixAddress> address = unix_address(path);
  if (!address) {
    return address.error();
  }
  auto state = std::make_unique<State>(path, std::move(runner), log, stop_grace);
  state->listener = Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  unlink(path.c_str());
  // Nobody can connect before listen(). A umask would also fall on what other threads create.
  if (bind(state->listener.get(), reinterpret_cast<const sockaddr*>(address->bytes.data()),
           static_cast<socklen_t>(address->bytes.size())) != 0 ||
      chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) {
    return base::os_fail("open the control socket \"" + path + "\"", errno);
  }
  std::array<int, 2> wake{};
  if (listen(state->listener.get(), 16) != 0 || pipe(wake.data()) != 0) {
    return base::os_fail("listen on the control socket \"" + path + "\"", errno);
  }
  state->wake_read = Descriptor(wake[0]);
  state->wake_write = Descriptor(wake[1]);
  State& running = *state;
  state->thread = std::thread([&running] {
    base::name_this_thread("control");
    running.accept_loop();
  });
  return std::unique_ptr<Server>(new Server(std::move(state)));  // NOLINT: private constructor
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
  state_->stopping.store(true);
  state_->wake_write = Descriptor();  // closing it makes wake_read readable
  state_->thread.join();
  state_->end_clients();
  unlink(state_->path.c_str());
}

}  // namespace control
