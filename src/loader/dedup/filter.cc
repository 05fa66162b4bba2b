#include "loader/dedup/filter.h"

#include <algorithm>
#include <cstring>

namespace loader::dedup {
namespace {

constexpr std::uint64_t kBitsPerId = 12;
constexpr std::uint64_t kBlockBits = 512;
constexpr int kProbes = 6;  // of 9 bits each, out of the 64 of Hash128::high

std::uint64_t blocks_for(std::uint64_t count) {
  return std::max<std::uint64_t>(1, (count * kBitsPerId + kBlockBits - 1) / kBlockBits);
}

}  // namespace

Filter::Filter(std::uint64_t count) : words_(blocks_for(count) * kWords) {}

Filter::Filter(std::string_view bytes) : words_(bytes.size() / sizeof(std::uint64_t)) {
  std::memcpy(words_.data(), bytes.data(), words_.size() * sizeof(std::uint64_t));
}

void Filter::add(codec::Hash128 id) {
  std::uint64_t* block = &words_[block_of(id)];
  std::uint64_t bits = id.high;
  for (int probe = 0; probe < kProbes; ++probe, bits >>= 9U) {
    block[(bits >> 6U) & 7U] |= std::uint64_t{1} << (bits & 63U);
  }
}

bool Filter::may_hold(codec::Hash128 id) const {
  const std::uint64_t* block = &words_[block_of(id)];
  std::uint64_t bits = id.high;
  for (int probe = 0; probe < kProbes; ++probe, bits >>= 9U) {
    if ((block[(bits >> 6U) & 7U] & (std::uint64_t{1} << (bits & 63U))) == 0) {
      return false;
    }
  }
  return true;
}

std::string_view Filter::bytes() const {
  return {reinterpret_cast<const char*>(words_.data()), words_.size() * sizeof(std::uint64_t)};
}

std::uint64_t Filter::bytes_for(std::uint64_t count) {
  return blocks_for(count) * kWords * sizeof(std::uint64_t);
}

}  // namespace loader::dedup
