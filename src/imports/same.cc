#include "imports/same.h"

#include <utility>

namespace imports {

std::uint32_t SameUnits::count(std::string_view unit) {
  const codec::Hash128 hash = codec::hash128(unit);
  const auto known = young_.find(hash);
  if (known != young_.end()) {
    return known->second++;
  }
  const auto old = old_.find(hash);
  const std::uint32_t before = old == old_.end() ? 0 : old->second;
  if (young_.size() >= units_max_) {
    old_ = std::exchange(young_, {});
  }
  young_[hash] = before + 1;
  return before;
}

}  // namespace imports
