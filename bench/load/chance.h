#pragma once
// Cheap randomness for made-up traffic: a generator of 64 bits, a number that looks random and is
// not, and a skewed choice. Header only, a few nanoseconds a call. Threads: one generator each.

#include <cstdint>

namespace load {

/// Spreads the bits of a number evenly. One to one: different numbers stay different.
inline std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(mix(seed + 1)) {}

  std::uint64_t bits() {
    state_ += 0x9e3779b97f4a7c15U;
    return mix(state_);
  }

  /// 2^`first` … 2^`end` - 1; the share of number k falls about as 1 / k (Zipf's law, without the
  /// few first ones that would have a large share each).
  std::uint64_t skewed(unsigned first, unsigned end) {
    const std::uint64_t draw = bits();
    const auto octave = first + static_cast<unsigned>((draw >> 40U) % (end - first));
    const std::uint64_t lowest = std::uint64_t{1} << octave;
    return lowest | (draw & (lowest - 1));
  }

 private:
  std::uint64_t state_;
};

}  // namespace load
