#include "api/clickstream/limits.h"

#include "api/clickstream/measure.h"
#include "json/lenient.h"

#include <algorithm>
#include <array>
#include <string>

namespace api::clickstream {
namespace {

constexpr bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
constexpr auto kNameCharacters = [] {
  std::array<bool, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    const char c = static_cast<char>(byte);
    table[byte] = is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
  return table;
}();
bool is_valid_name(std::string_view name) {
  return !name.empty() && !is_digit(name.front()) && std::ranges::all_of(name, [](char c) {
    return kNameCharacters[static_cast<unsigned char>(c)];
  });
}

std::size_t value_characters(json::Value value) {
  switch (value.type()) {
    case json::Type::kString: return character_count(*value.string());
    case json::Type::kArray:
    case json::Type::kObject: return character_count(json::write(value));
    default: return 0;  // Numbers and booleans are always short enough.
  }
}

}  // namespace

void Marks::check_name(std::string_view what, std::string_view name) {
  if (name.size() > kNameCharactersMax) {
    const std::size_t characters = character_count(name);
    if (characters > kNameCharactersMax) {
      add(std::string(what) + " name " + json::quote_short(name) + " has " +
          std::to_string(characters) + " characters, the limit is " +
          std::to_string(kNameCharactersMax));
    }
  }
  if (!is_valid_name(name)) {
    add(std::string(what) + " name " + json::quote_short(name) +
        " is not made of letters, digits and underscores with no digit first");
  }
}

void Marks::check_value(std::string_view what, std::string_view name, json::Value value,
                        std::size_t characters_max) {
  if (!value.is_array() && !value.is_object() &&
      value.string().value_or("").size() <= characters_max) {
    return;
  }
  const std::size_t characters = value_characters(value);
  if (characters > characters_max) {
    add(std::string(what) + " " + json::quote_short(name) + " has a value of " +
        std::to_string(characters) + " characters, the limit is " + std::to_string(characters_max));
  }
}

void Marks::check_count(std::string_view what, std::size_t count, std::size_t count_max) {
  if (count > count_max) {
    add("the event has " + std::to_string(count) + " " + std::string(what) + ", the limit is " +
        std::to_string(count_max));
  }
}

}  // namespace api::clickstream
