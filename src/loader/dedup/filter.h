#pragma once
// A blocked Bloom filter over ids: one cache line a question. It only saves looking into a run that
// cannot hold an id; what it lets through is looked up, so no answer ever rests on it.

#include "codec/hash.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace loader::dedup {

class Filter {
 public:
  /// For up to `count` ids, 12 bits each: about one false "perhaps" in 150.
  explicit Filter(std::uint64_t count);
  /// From the bytes() of another.
  explicit Filter(std::string_view bytes);

  void add(codec::Hash128 id);
  [[nodiscard]] bool may_hold(codec::Hash128 id) const;
  /// Starts fetching what may_hold() looks at.
  void prefetch(codec::Hash128 id) const { __builtin_prefetch(&words_[block_of(id)]); }

  [[nodiscard]] std::string_view bytes() const;
  /// How large bytes() is for `count` ids.
  static std::uint64_t bytes_for(std::uint64_t count);

 private:
  static constexpr std::size_t kWords = 8;  // 64 bytes, one cache line
  [[nodiscard]] std::size_t block_of(codec::Hash128 id) const {
    __extension__ using Wide = unsigned __int128;
    const Wide blocks = words_.size() / kWords;
    return static_cast<std::size_t>((blocks * id.low) >> 64U) * kWords;
  }

  std::vector<std::uint64_t> words_;
};

}  // namespace loader::dedup
