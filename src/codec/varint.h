#pragma once
// Whole numbers in as many bytes as they need: seven bits in each, the lowest first, and the top
// bit set in all but the last (LEB128). As in the envelope of a journal record and in rows of
// persons.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace codec {

/// Appends one to ten bytes.
inline void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80U));
    value >>= 7U;
  }
  out.push_back(static_cast<char>(value));
}

/// Takes a number off the front of `bytes`. Nothing where they end within it, or after ten bytes
/// that all say that more come; then how much was taken is not said.
inline std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if (byte < 0x80) {
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace codec
