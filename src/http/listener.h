#pragma once
// Listening sockets: one per server thread, all on the same port. Used at start only.

#include "base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace http {

/// Connections that wait at one socket to be accepted.
inline constexpr int kBacklog = 4096;

struct Listeners {
  std::vector<int> sockets;  ///< Owned by who takes them.
  std::uint16_t port = 0;
  bool ipv6 = false;
};

/// Binds `count` non-blocking sockets to `host`, a name or an address, and `port` (0: any free
/// one). kUnavailable when another process has the port.
base::Result<Listeners> listen_on(const std::string& host, std::uint16_t port, unsigned count);

}  // namespace http
