#include "http/listener.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace http {
namespace {

struct FreeAddress {
  void operator()(addrinfo* info) const { ::freeaddrinfo(info); }
};

/// Closes the sockets unless they were handed on.
struct Closing {
  Closing() = default;
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
  ~Closing() {
    for (const int socket : sockets) {
      ::close(socket);
    }
  }
  std::vector<int> sockets;
};

std::string bare_host(const std::string& host) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return bracketed ? host.substr(1, host.size() - 2) : host;
}

base::Error bind_error(const std::string& host, std::uint16_t port, int os_error) {
  const auto code = os_error == EADDRINUSE ? base::Code::kUnavailable : base::Code::kIo;
  return {code,
          "cannot listen on " + host + ":" + std::to_string(port) + ": " + std::strerror(os_error),
          os_error};
}

/// A bound socket, or minus errno.
int bind_socket(const addrinfo& address, bool share_port) {
  const int socket =
      ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (socket < 0) {
    return -errno;
  }
  const int one = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (share_port) {
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  }
  if (::bind(socket, address.ai_addr, address.ai_addrlen) != 0) {
    const int os_error = errno;
    ::close(socket);
    return -os_error;
  }
  return socket;
}

std::uint16_t port_of(int socket) {
  sockaddr_storage bound{};
  socklen_t bytes = sizeof bound;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &bytes);
  return bound.ss_family == AF_INET6 ? ntohs(reinterpret_cast<sockaddr_in6&>(bound).sin6_port)
                                     : ntohs(reinterpret_cast<sockaddr_in&>(bound).sin_port);
}

void set_port(addrinfo& address, std::uint16_t port) {
  if (address.ai_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address.ai_addr)->sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in*>(address.ai_addr)->sin_port = htons(port);
  }
}

}  // namespace

base::Result<Listeners> listen_on(const std::string& host, std::uint16_t port, unsigned count) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int lookup =
      ::getaddrinfo(bare_host(host).c_str(), std::to_string(port).c_str(), &hints, &found);
  if (lookup != 0) {
    return base::fail(base::Code::kInvalid,
                      "cannot listen on host \"" + host + "\": " + ::gai_strerror(lookup));
  }
  const std::unique_ptr<addrinfo, FreeAddress> address(found);

  Closing bound;
  // A port that is shared between our threads could be shared with another process too, which
  // would take a part of the events: the first try does not share, so that a taken port is seen.
  const int first = bind_socket(*address, false);
  if (first < 0) {
    return bind_error(host, port, -first);
  }
  set_port(*address, port_of(first));
  if (count <= 1) {
    bound.sockets.push_back(first);
  } else {
    ::close(first);
    for (unsigned i = 0; i < count; ++i) {
      const int socket = bind_socket(*address, true);
      if (socket < 0) {
        return bind_error(host, port, -socket);
      }
      bound.sockets.push_back(socket);
    }
  }
  for (const int socket : bound.sockets) {
    if (::listen(socket, kBacklog) != 0) {
      return bind_error(host, port, errno);
    }
  }
  Listeners listeners;
  listeners.port = port_of(bound.sockets.front());
  listeners.ipv6 = address->ai_family == AF_INET6;
  listeners.sockets.swap(bound.sockets);
  return listeners;
}

}  // namespace http
