#pragma once
// How the text of one setting becomes a value of its type, and back. Every set_*() leaves the field
// as it was when the text will not do, and says what is expected instead.

#include "base/result.h"
#include "settings/settings.h"
#include "settings/units.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace settings {

/// Smallest and largest allowed value; a `max` of 0 is none.
struct Range {
  std::uint64_t min = 0;
  std::uint64_t max = 0;
};

base::Status set_count(std::uint64_t& field, std::string_view text, Range range);
base::Status set_size(std::uint64_t& field, std::string_view text, Range range);
base::Status set_duration(std::chrono::milliseconds& field, std::string_view text);
base::Status set_flag(bool& field, std::string_view text);
base::Status set_text(std::string& field, std::string_view text);
base::Status set_path(std::string& field, std::string_view text);

/// Parts between commas, without the spaces around them.
base::Status set_list(std::vector<std::string>& field, std::string_view text);
std::string join(const std::vector<std::string>& parts);

/// Index of `text` among `names`.
base::Result<std::size_t> index_of(std::string_view text, std::span<const std::string_view> names);

/// `names` are the texts of the enumeration's values, in the order of the enumeration.
template <class Enum, std::size_t kCount>
base::Status set_choice(Enum& field, std::string_view text,
                        const std::array<std::string_view, kCount>& names) {
  const base::Result<std::size_t> index = index_of(text, names);
  if (!index) {
    return index.error();
  }
  field = static_cast<Enum>(*index);
  return base::ok();
}

template <class Enum, std::size_t kCount>
std::string choice_name(Enum value, const std::array<std::string_view, kCount>& names) {
  return std::string(names.at(static_cast<std::size_t>(value)));
}

}  // namespace settings
