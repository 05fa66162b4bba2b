#pragma once
// For the tests of this room: a client that sends raw bytes to a loopback port.

#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <functional>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace http {

inline constexpr int kPatienceMs = 5000;  ///< A test that waits longer has failed.

/// A TCP connection to a loopback port.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int one = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { close(); }

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int socket() const { return socket_; }
  /// False when the server has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void end_sending() { ::shutdown(socket_, SHUT_WR); }
  void close() {
    if (socket_ >= 0) {
      ::close(std::exchange(socket_, -1));
    }
  }
  /// Reads until `done` says so or the server closes; true when `done` did.
  bool read_until(const std::function<bool()>& done) {
    while (!done()) {
      if (!read_some(kPatienceMs)) {
        return done();
      }
    }
    return true;
  }
  /// Everything until the server closes; "timeout" in front when it does not.
  std::string read_all() {
    while (read_some(kPatienceMs)) {
    }
    return (closed_ ? "" : "timeout ") + received;
  }
  /// One whole reply with its body, taken off what was received.
  std::string read_reply() {
    std::size_t bytes = 0;
    read_until([&] { return (bytes = reply_bytes()) > 0; });
    std::string reply = received.substr(0, bytes);
    received.erase(0, bytes);
    return reply;
  }
  bool closed_by_server() {
    read_until([&] { return closed_; });
    return closed_;
  }

  std::string received;

 private:
  bool read_some(int wait_ms) {
    pollfd waited{socket_, POLLIN, 0};
    if (closed_ || ::poll(&waited, 1, wait_ms) <= 0) {
      return false;
    }
    std::array<char, 65536> buffer{};
    const auto bytes = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (bytes <= 0) {
      closed_ = true;
      return false;
    }
    received.append(buffer.data(), static_cast<std::size_t>(bytes));
    return true;
  }
  [[nodiscard]] std::size_t reply_bytes() const {
    const auto end = received.find("\r\n\r\n");
    if (end == std::string::npos) {
      return 0;
    }
    const auto at = received.find("\r\nContent-Length: ");
    const std::size_t body = at < end ? std::stoul(received.substr(at + 18)) : 0;
    return received.size() >= end + 4 + body ? end + 4 + body : 0;
  }

  int socket_;
  bool connected_ = false;
  bool closed_ = false;
};

}  // namespace http
