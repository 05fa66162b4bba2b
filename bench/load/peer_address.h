#pragma once
// The peer of a load: found by name once, connected to many times.

#include "base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace load {

/// "127.0.0.1:8080", "[::1]:8080".
std::string host_and_port(const std::string& host, std::uint16_t port);

class PeerAddress {
 public:
  static base::Result<PeerAddress> find(const std::string& host, std::uint16_t port);

  /// A connected socket that does not block and sends at once. Waits for the connection, 5 seconds
  /// at most. Errors name host and port.
  [[nodiscard]] base::Result<int> connect() const;
  /// As host_and_port() writes it.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  int family_ = 0;
  std::vector<char> address_;  ///< A sockaddr of that family.
};

}  // namespace load
