#pragma once
// IP addresses, and who the client is when trusted proxies stand before us. Pure functions; the
// list is made once at start and read by every server thread.

#include "base/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace http {

/// An IPv4 or IPv6 address; IPv4 is kept in its IPv6-mapped form, so that one kind is compared.
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  friend bool operator==(const Address&, const Address&) = default;
};

/// Reads "192.0.2.1", "2001:db8::1", "[2001:db8::1]", also with ":port" behind (some proxies add
/// it), without zone. nullopt for anything else.
std::optional<Address> parse_address(std::string_view text);
/// The canonical text; an IPv4 address in dotted form.
std::string format_address(const Address& address);

/// Addresses whose word about the client we take.
class TrustedProxies {
 public:
  /// Each entry is an address or "address/prefix length"; kInvalid names the one that is neither.
  static base::Result<TrustedProxies> parse(const std::vector<std::string>& entries);

  [[nodiscard]] bool contains(const Address& address) const;
  [[nodiscard]] bool empty() const { return ranges_.empty(); }

  /// Who sent the request: walks X-Forwarded-For from its right end while the one who wrote the
  /// entry is trusted. An entry that is no address ends the walk.
  [[nodiscard]] Address client(const Address& socket, std::string_view forwarded_for) const;

 private:
  struct Range {
    Address base;
    unsigned prefix_bits = 128;
  };
  std::vector<Range> ranges_;
};

}  // namespace http
