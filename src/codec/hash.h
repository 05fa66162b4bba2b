#pragma once
// Checksums and hashes. crc32c guards stored bytes, hash128 finds duplicates, sha256 and hmac are
// for signatures and secrets. Threads: every function may be called from any thread.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace codec {

/// CRC-32C (Castagnoli) of `bytes`; give the earlier result as `seed` to go on.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
  friend auto operator<=>(const Hash128&, const Hash128&) = default;
};
/// XXH3-128; not for secrets. Stable: the value is stored.
Hash128 hash128(std::string_view bytes);
/// 32 lower-case hex digits.
std::string to_hex(Hash128 hash);

using Digest = std::array<std::uint8_t, 32>;
Digest sha256(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view bytes);
std::string to_hex(const Digest& digest);
std::string_view as_bytes(const Digest& digest);

/// Equal, in a time that depends on the lengths alone.
bool equal_constant_time(std::string_view left, std::string_view right);

}  // namespace codec
