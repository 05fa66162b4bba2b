#include "load/peer_address.h"

#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace load {
namespace {

constexpr int kConnectSeconds = 5;

}  // namespace

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

base::Result<PeerAddress> PeerAddress::find(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (failed != 0) {
    return base::fail(base::Code::kInvalid, "--host " + host + ": " + ::gai_strerror(failed));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  PeerAddress out;
  out.name_ = host_and_port(host, port);
  out.family_ = list->ai_family;
  const char* const bytes = reinterpret_cast<const char*>(list->ai_addr);
  out.address_.assign(bytes, bytes + list->ai_addrlen);
  return out;
}

base::Result<int> PeerAddress::connect() const {
  const int fd = ::socket(family_, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return base::os_fail("cannot open a socket", errno);
  }
  const int on = 1;
  const timeval patience{.tv_sec = kConnectSeconds, .tv_usec = 0};
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const auto* const address = reinterpret_cast<const sockaddr*>(address_.data());
  if (::connect(fd, address, static_cast<socklen_t>(address_.size())) != 0) {
    const int why = errno == EINPROGRESS ? ETIMEDOUT : errno;
    ::close(fd);
    return base::os_fail("cannot connect to " + name_, why);
  }
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return fd;
}

}  // namespace load
