#include "api/clevertap/limits.h"

#include "event/marks.h"
#include "json/lenient.h"

#include <algorithm>
#include <utility>

namespace api::clevertap {
namespace {

constexpr std::size_t kFoundMax = 20;  // of one record; more tell nothing new

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string too_many(std::size_t count, std::string_view unit, std::size_t allowed) {
  std::string text = " has " + std::to_string(count) + " ";
  text += unit;
  return text + ", at most " + std::to_string(allowed) + " are allowed";
}

}  // namespace

void LimitCheck::check_key(std::string_view what, std::string_view key) {
  if (key.size() <= kKeyCharactersMax) {
    return;
  }
  const std::size_t characters = count_characters(key);
  if (characters > kKeyCharactersMax) {
    add(kBadStructure, std::string(what) + " " + json::quote_short(key) +
                           too_many(characters, "characters", kKeyCharactersMax));
  }
}

void LimitCheck::check_value(std::string_view key, json::Value value) {
  if (const std::optional<std::string_view> text = value.string()) {
    if (text->size() > kValueBytesMax) {
      add(kBadStructure, "the value of property " + json::quote_short(key) +
                             too_many(text->size(), "bytes", kValueBytesMax));
    }
    return;
  }
  for (const json::Value element : value.elements()) {
    check_value(key, element);
  }
  check_members(value);
}

void LimitCheck::check_members(json::Value object) {
  for (const json::Member member : object.members()) {
    check_key("property key", member.key);
    check_value(member.key, member.value);
  }
}

void LimitCheck::check_count(std::size_t properties) {
  if (properties > kPropertiesMax) {
    add(kTooManyProperties, std::to_string(properties) + " properties, at most " +
                                std::to_string(kPropertiesMax) + " are allowed");
  }
}

void LimitCheck::add(Code code, std::string detail) {
  if (found_.size() < kFoundMax) {
    found_.push_back({code, std::move(detail)});
  }
}

std::string limit_errors(const std::vector<Excess>& found, std::uint8_t repairs) {
  event::Marks marks;
  for (const Excess& excess : found) {
    marks.add(excess.detail);
  }
  marks.add_repairs(repairs);
  return marks.to_json();
}

}  // namespace api::clevertap
