#include "api/clickstream/limits.h"

#include "api/clickstream/scalar.h"
#include "json/writer.h"

#include <algorithm>
#include <utility>

namespace api::clickstream {
namespace {

constexpr std::size_t kTextsMax = 100;

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
bool is_name_character(char byte) {
  return is_digit(byte) || byte == '_' || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z');
}
bool is_valid_name(std::string_view name) {
  return !name.empty() && !is_digit(name.front()) &&
         std::all_of(name.begin(), name.end(), is_name_character);
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

void Marks::add(std::string text) {
  if (texts_.size() == kTextsMax) {
    ++left_out_;
    return;
  }
  texts_.push_back(std::move(text));
}

void Marks::check_name(std::string_view what, std::string_view name) {
  if (name.size() > kNameCharactersMax) {
    const std::size_t characters = character_count(name);
    if (characters > kNameCharactersMax) {
      add(std::string(what) + " name " + json::quote(clip(name)) + " has " +
          std::to_string(characters) + " characters, the limit is " +
          std::to_string(kNameCharactersMax));
    }
  }
  if (!is_valid_name(name)) {
    add(std::string(what) + " name " + json::quote(clip(name)) +
        " is not made of letters, digits and underscores with no digit first");
  }
}

void Marks::check_value(std::string_view what, std::string_view name, json::Value value,
                        std::size_t characters_max) {
  const std::size_t characters = value_characters(value);
  if (characters > characters_max) {
    add(std::string(what) + " " + json::quote(clip(name)) + " has a value of " +
        std::to_string(characters) + " characters, the limit is " + std::to_string(characters_max));
  }
}

void Marks::check_count(std::string_view what, std::size_t count, std::size_t count_max) {
  if (count > count_max) {
    add("the event has " + std::to_string(count) + " " + std::string(what) + ", the limit is " +
        std::to_string(count_max));
  }
}

void Marks::add_repairs(std::uint8_t repairs) {
  if ((repairs & json::kInvalidUtf8) != 0) {
    add("bytes that are not UTF-8 were replaced by U+FFFD");
  }
  if ((repairs & json::kLoneSurrogate) != 0) {
    add("lone surrogates were replaced by U+FFFD");
  }
  if ((repairs & json::kHugeNumber) != 0) {
    add("a number beyond the range of a double was stored as text");
  }
  if ((repairs & json::kDuplicateKey) != 0) {
    add("of members with equal keys the last was stored");
  }
}

std::string Marks::to_json() const {
  if (texts_.empty()) {
    return {};
  }
  json::Writer writer;
  writer.begin_array();
  for (const std::string& text : texts_) {
    writer.string(text);
  }
  if (left_out_ > 0) {
    writer.string("and " + std::to_string(left_out_) + " more");
  }
  writer.end_array();
  return std::move(writer).text();
}

}  // namespace api::clickstream
