#include "json/lenient.h"

#include "json/writer.h"

#include <charconv>
#include <cmath>

namespace json {
namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

template <class Number>
std::optional<Number> parse(std::string_view text) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  return parse<std::int64_t>(text);
}

std::optional<std::string> read_text(Value value) {
  if (value.is_string() || value.is_number() || value.is_bool()) {
    return to_text(value);
  }
  return std::nullopt;
}

std::optional<std::int64_t> read_integer(Value value) {
  return value.is_string() ? parse_integer(*value.string()) : value.integer();
}

std::optional<double> read_double(Value value) {
  if (!value.is_string()) {
    return value.number();
  }
  const std::optional<double> number = parse<double>(*value.string());
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::string_view describe(Value value) {
  if (!value) {
    return "missing";
  }
  switch (value.type()) {
    case Type::kNull: return "null";
    case Type::kBool: return "a boolean";
    case Type::kInteger:
    case Type::kDouble: return "a number";
    case Type::kString: return "a string";
    case Type::kArray: return "an array";
    case Type::kObject: return "an object";
  }
  return "unreadable";
}

std::string quote_short(std::string_view text) {
  constexpr std::size_t kBytesMax = 80;
  if (text.size() <= kBytesMax) {
    return quote(text);
  }
  std::size_t end = kBytesMax;
  while (end > 0 && is_continuation(text[end])) {
    --end;
  }
  return quote(std::string(text.substr(0, end)) + "...");
}

}  // namespace json
