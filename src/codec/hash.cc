#include "codec/hash.h"

#include <algorithm>
#include <array>
#include <memory>

// ISA-L calls its CRC-32C by the name of its first user.
#include "base/check.h"
#include "codec/text.h"

#include <isa-l/crc.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <xxhash.h>

namespace codec {
namespace {

constexpr std::size_t kBlockBytes = 64;  // of SHA-256

/// Fetched once: looking the algorithm up by name costs more than hashing a short text.
const EVP_MD* sha256_algorithm() {
  struct Free {
    void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
  };
  static const std::unique_ptr<EVP_MD, Free> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  CHECK(algorithm != nullptr);
  return algorithm.get();
}

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) {
    CHECK(context_ != nullptr);
    CHECK(EVP_DigestInit_ex2(context_.get(), sha256_algorithm(), nullptr) == 1);
  }
  Sha256& add(std::string_view bytes) {
    CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
    return *this;
  }
  Digest finish() {
    Digest digest{};
    CHECK(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
    return digest;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

std::string key_block(std::string_view key, unsigned char mask) {
  std::string block(kBlockBytes, static_cast<char>(mask));
  for (std::size_t i = 0; i < key.size(); ++i) {
    block[i] = static_cast<char>(static_cast<unsigned char>(key[i]) ^ mask);
  }
  return block;
}

void put_big_endian(std::uint64_t value, char* out) {
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    *out++ = static_cast<char>(value >> (shift - 8));
  }
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
  constexpr std::size_t kPieceMax = std::size_t{1} << 30U;  // the length is an int
  std::uint32_t state = ~seed;
  while (!bytes.empty()) {
    const std::size_t piece = std::min(bytes.size(), kPieceMax);
    // ISA-L forgot the const; it only reads.
    auto* const first = (unsigned char*)bytes.data();  // NOLINT(google-readability-casting)
    state = crc32_iscsi(first, static_cast<int>(piece), state);
    bytes.remove_prefix(piece);
  }
  return ~state;
}

Hash128 hash128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

std::string to_hex(Hash128 hash) {
  std::array<char, sizeof(hash.high) + sizeof(hash.low)> bytes{};
  put_big_endian(hash.high, bytes.data());
  put_big_endian(hash.low, bytes.data() + sizeof(hash.high));
  return encode_hex({bytes.data(), bytes.size()});
}

Digest sha256(std::string_view bytes) { return Sha256().add(bytes).finish(); }

// RFC 2104.
Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  Digest short_key{};
  if (key.size() > kBlockBytes) {
    short_key = sha256(key);
    key = as_bytes(short_key);
  }
  const Digest inner = Sha256().add(key_block(key, 0x36)).add(bytes).finish();
  return Sha256().add(key_block(key, 0x5C)).add(as_bytes(inner)).finish();
}

std::string to_hex(const Digest& digest) { return encode_hex(as_bytes(digest)); }

std::string_view as_bytes(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

bool equal_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace codec
