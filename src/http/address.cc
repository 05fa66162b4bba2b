#include "http/address.h"

#include "base/text.h"
#include "http/message.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <netinet/in.h>

namespace http {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_v4(const Address& address) {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
}

std::optional<Address> parse_bare(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (text.empty() || text.size() >= buffer.size() || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::copy(text.begin(), text.end(), buffer.begin());
  Address address;
  if (inet_pton(AF_INET, buffer.data(), address.bytes.data() + kMappedPrefix.size()) == 1) {
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
    return address;
  }
  if (inet_pton(AF_INET6, buffer.data(), address.bytes.data()) == 1) {
    return address;
  }
  return std::nullopt;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool same_prefix(const Address& left, const Address& right, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (std::memcmp(left.bytes.data(), right.bytes.data(), whole) != 0) {
    return false;
  }
  if (bits % 8 == 0) {
    return true;
  }
  const unsigned mask = (0xffU << (8 - bits % 8)) & 0xffU;
  return (left.bytes[whole] & mask) == (right.bytes[whole] & mask);
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    const auto behind = text.substr(end + 1);
    if (!behind.empty() && !(behind.front() == ':' && is_port(behind.substr(1)))) {
      return std::nullopt;
    }
    return parse_bare(text.substr(1, end - 1));
  }
  const auto colon = text.find(':');
  const bool one_colon = colon != std::string_view::npos && text.rfind(':') == colon;
  if (one_colon && is_port(text.substr(colon + 1))) {
    return parse_bare(text.substr(0, colon));
  }
  return parse_bare(text);
}

std::string format_address(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const bool v4 = is_v4(address);
  inet_ntop(v4 ? AF_INET : AF_INET6, address.bytes.data() + (v4 ? kMappedPrefix.size() : 0),
            buffer.data(), buffer.size());
  return buffer.data();
}

base::Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& entries) {
  TrustedProxies proxies;
  for (const std::string& entry : entries) {
    const auto slash = entry.find('/');
    const auto address = parse_bare(std::string_view(entry).substr(0, slash));
    if (!address) {
      return base::fail(
          base::Code::kInvalid,
          "trusted proxy \"" + entry + "\" is not an address or a range like 10.0.0.0/8");
    }
    const unsigned width = is_v4(*address) ? 32 : 128;
    unsigned bits = width;
    if (slash != std::string::npos) {
      const char* const first = entry.data() + slash + 1;
      const char* const last = entry.data() + entry.size();
      const auto [end, error] = std::from_chars(first, last, bits);
      if (error != std::errc{} || end != last || bits > width) {
        return base::fail(base::Code::kInvalid, "trusted proxy \"" + entry +
                                                    "\" has no prefix length from 0 to " +
                                                    std::to_string(width));
      }
    }
    proxies.ranges_.push_back({*address, bits + (128 - width)});
  }
  return proxies;
}

bool TrustedProxies::contains(const Address& address) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
    return same_prefix(range.base, address, range.prefix_bits);
  });
}

Address TrustedProxies::client(const Address& socket, std::string_view forwarded_for) const {
  Address client = socket;
  while (!forwarded_for.empty() && contains(client)) {
    const auto comma = forwarded_for.rfind(',');
    const bool last = comma == std::string_view::npos;
    const auto entry = base::trim(last ? forwarded_for : forwarded_for.substr(comma + 1));
    forwarded_for = last ? std::string_view{} : forwarded_for.substr(0, comma);
    if (entry.empty()) {
      continue;
    }
    const auto address = parse_address(entry);
    if (!address) {
      break;
    }
    client = *address;
  }
  return client;
}

}  // namespace http
