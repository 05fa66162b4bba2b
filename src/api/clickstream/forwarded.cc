#include "api/clickstream/forwarded.h"

#include "base/text.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <string>

namespace api::clickstream {
namespace {

// Some gateways write "192.0.2.1:1234", others "[2001:db8::1]:1234".
std::string_view without_port(std::string_view entry) {
  if (entry.starts_with('[')) {
    const std::size_t close = entry.find(']');
    return close == std::string_view::npos ? std::string_view() : entry.substr(1, close - 1);
  }
  if (std::count(entry.begin(), entry.end(), ':') == 1) {
    return entry.substr(0, entry.find(':'));
  }
  return entry;
}

bool is_address(std::string_view text) {
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN) {
    return false;
  }
  const std::string terminated(text);
  if (terminated.find(char{0}) != std::string::npos) {
    return false;
  }
  std::array<unsigned char, 16> bytes{};
  return inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1;
}

}  // namespace

std::string_view leftmost_address(std::string_view header) {
  while (!header.empty()) {
    const std::size_t comma = header.find(',');
    const std::string_view address = without_port(base::trim(header.substr(0, comma)));
    if (is_address(address)) {
      return address;
    }
    header = comma == std::string_view::npos ? std::string_view() : header.substr(comma + 1);
  }
  return {};
}

}  // namespace api::clickstream
