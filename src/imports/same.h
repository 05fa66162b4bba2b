#pragma once
// How often a file has said the same before.

#include "codec/hash.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

namespace imports {

/// Remembers at least the last `units_max` different ones, so that its memory has an end. Equal
/// events of one request stand close together in an export.
class SameUnits {
 public:
  explicit SameUnits(std::size_t units_max = 50'000) : units_max_(units_max) {}

  /// How many equal ones came before.
  std::uint32_t count(std::string_view unit);

 private:
  std::size_t units_max_;
  std::map<codec::Hash128, std::uint32_t> young_;
  std::map<codec::Hash128, std::uint32_t> old_;
};

}  // namespace imports
