#include "base/random.h"

#include "base/check.h"

#include <array>
#include <cerrno>
#include <sys/random.h>
#include <vector>

namespace base {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void append_hex(std::string& out, std::uint8_t byte) {
  out += kHex[byte >> 4U];
  out += kHex[byte & 15U];
}

}  // namespace

void SystemRandom::fill(std::span<std::uint8_t> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = getrandom(out.data() + done, out.size() - done, 0);
    if (got < 0) {
      CHECK(errno == EINTR);
      continue;
    }
    done += static_cast<std::size_t>(got);
  }
}

// SplitMix64: short, well distributed, and the same on every machine.
void SeededRandom::fill(std::span<std::uint8_t> out) {
  const std::lock_guard lock(mutex_);
  for (std::uint8_t& byte : out) {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    byte = static_cast<std::uint8_t>(z >> 56U);
  }
}

std::string random_hex(Random& random, std::size_t bytes) {
  std::vector<std::uint8_t> raw(bytes);
  random.fill(raw);
  std::string out;
  out.reserve(bytes * 2);
  for (const std::uint8_t byte : raw) {
    append_hex(out, byte);
  }
  return out;
}

std::string random_uuid(Random& random) {
  std::array<std::uint8_t, 16> raw{};
  random.fill(raw);
  raw[6] = static_cast<std::uint8_t>((raw[6] & 0x0fU) | 0x40U);
  raw[8] = static_cast<std::uint8_t>((raw[8] & 0x3fU) | 0x80U);
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      out += '-';
    }
    append_hex(out, raw[i]);
  }
  return out;
}

}  // namespace base
