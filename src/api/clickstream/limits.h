#pragma once
// The limits the vendor documents for events, attributes, items and users. The vendor's SDKs drop
// what exceeds them, an HTTP client can send it: the event is stored whole and marked in
// `limit_errors`.

#include "event/marks.h"
#include "json/value.h"

#include <cstddef>
#include <string_view>

namespace api::clickstream {

inline constexpr std::size_t kNameCharactersMax = 50;  ///< Of events, attributes and the rest.
inline constexpr std::size_t kAttributeCountMax = 500;
inline constexpr std::size_t kAttributeValueCharactersMax = 1024;
inline constexpr std::size_t kUserAttributeCountMax = 100;
inline constexpr std::size_t kUserAttributeValueCharactersMax = 256;
inline constexpr std::size_t kItemCountMax = 100;
inline constexpr std::size_t kItemValueCharactersMax = 256;
inline constexpr std::size_t kItemCustomAttributeCountMax = 10;

/// The marks of one event: "`what` `name` ..." for each limit it exceeds.
class Marks : public event::Marks {
 public:
  /// For a name that is too long or has characters the pattern forbids.
  void check_name(std::string_view what, std::string_view name);
  /// For a value whose text form has more than `characters_max` characters.
  void check_value(std::string_view what, std::string_view name, json::Value value,
                   std::size_t characters_max);
  void check_count(std::string_view what, std::size_t count, std::size_t count_max);
};

}  // namespace api::clickstream
