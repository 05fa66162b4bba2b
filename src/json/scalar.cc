#include "json/scalar.h"

#include "json/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <system_error>

namespace json {
namespace {

/// The four hex digits at `at`.
std::optional<char32_t> read_hex4(std::string_view source, std::size_t at) {
  if (at + 4 > source.size()) {
    return std::nullopt;
  }
  std::uint32_t value = 0;
  const char* const first = source.data() + at;
  const auto [end, error] = std::from_chars(first, first + 4, value, 16);
  if (error != std::errc() || end != first + 4) {
    return std::nullopt;
  }
  return value;
}

bool is_high_surrogate(char32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low_surrogate(char32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

char short_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/': return c;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return '\0';
  }
}

/// Undoes the escape whose backslash is at `at`; moves `at` behind it.
const char* read_escape(std::string_view source, std::size_t& at, char*& out,
                        std::uint8_t& repairs) {
  const char kind = at + 1 < source.size() ? source[at + 1] : '\0';
  if (kind != 'u') {
    const char plain = short_escape(kind);
    if (plain == '\0') {
      return "an unknown escape";
    }
    *out++ = plain;
    at += 2;
    return nullptr;
  }
  const std::optional<char32_t> unit = read_hex4(source, at + 2);
  if (!unit) {
    return "\\u without four hex digits";
  }
  at += 6;
  char32_t code_point = *unit;
  if (is_high_surrogate(*unit) && source.substr(at, 2) == "\\u") {
    const std::optional<char32_t> partner = read_hex4(source, at + 2);
    if (partner && is_low_surrogate(*partner)) {
      code_point = 0x10000U + ((*unit - 0xD800U) << 10U) + (*partner - 0xDC00U);
      at += 6;
    }
  }
  if (code_point >= 0xD800 && code_point <= 0xDFFF) {
    repairs |= kLoneSurrogate;
    code_point = 0xFFFD;
  }
  append_utf8(code_point, out);
  return nullptr;
}

StringToken string_error(const char* error, std::size_t at) {
  StringToken token;
  token.error = error;
  token.error_at = at;
  return token;
}

/// A string that holds an escape, the first at `at`. No escape is shorter than what it stands for,
/// so the text fits where its source would. The room for it is found with the closing quote.
StringToken read_escaped(std::string_view source, std::size_t at, Chunks& chunks) {
  std::size_t end = at;
  while (end < source.size() && source[end] != '"') {
    end += source[end] == '\\' ? 2 : 1;
  }
  if (end >= source.size()) {
    return string_error("a string that does not end", 0);
  }
  char* const begin = static_cast<char*>(chunks.take(end));
  char* out = std::copy_n(source.data() + 1, at - 1, begin);
  StringToken token;
  while (at < end) {
    if (source[at] == '\\') {
      const std::size_t escape_at = at;
      const char* const error = read_escape(source.substr(0, end), at, out, token.repairs);
      if (error != nullptr) {
        return string_error(error, escape_at);
      }
      continue;
    }
    const std::size_t stop = std::min(source.find('\\', at), end);
    out = std::copy_n(source.data() + at, stop - at, out);
    at = stop;
  }
  token.text = {begin, static_cast<std::size_t>(out - begin)};
  token.source_bytes = end + 1;
  return token;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::uint32_t size_of(std::string_view token) { return static_cast<std::uint32_t>(token.size()); }

std::size_t skip_digits(std::string_view token, std::size_t at) {
  while (at < token.size() && is_digit(token[at])) {
    ++at;
  }
  return at;
}

struct NumberShape {
  bool valid = false;
  bool whole = true;  ///< No fraction, no exponent.
};

/// RFC 8259, section 6.
NumberShape shape_of(std::string_view token) {
  NumberShape shape;
  std::size_t at = token.starts_with('-') ? 1 : 0;
  const std::size_t int_end = skip_digits(token, at);
  if (int_end == at || (token[at] == '0' && int_end > at + 1)) {
    return shape;
  }
  at = int_end;
  if (at < token.size() && token[at] == '.') {
    shape.whole = false;
    const std::size_t end = skip_digits(token, at + 1);
    if (end == at + 1) {
      return shape;
    }
    at = end;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    shape.whole = false;
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) {
      ++at;
    }
    const std::size_t end = skip_digits(token, at);
    if (end == at) {
      return shape;
    }
    at = end;
  }
  shape.valid = at == token.size();
  return shape;
}

/// from_chars says "out of range" both for 1e400 and for 1e-400; the power of ten of the first
/// digit that is not zero tells them apart.
bool is_below_one(std::string_view token) {
  const std::size_t exponent_at = std::min(token.find_first_of("eE"), token.size());
  const std::string_view mantissa = token.substr(0, exponent_at);
  std::int64_t exponent = 0;
  if (exponent_at < token.size()) {
    std::string_view digits = token.substr(exponent_at + 1);
    const bool negative = digits.starts_with('-');
    if (digits.starts_with('+')) {
      digits.remove_prefix(1);
    }
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (error != std::errc()) {
      return negative;
    }
  }
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t significant = mantissa.find_first_of("123456789");
  if (significant == std::string_view::npos) {
    return true;
  }
  const auto power = significant < point ? static_cast<std::int64_t>(point - significant) - 1
                                         : -static_cast<std::int64_t>(significant - point);
  // Neither addend can be near the ends of the range: a text is shorter than 2^32 bytes.
  return exponent < -power;
}

/// A whole number that is short enough to be nothing but its digits, as most are.
bool read_digits(std::string_view token, Node& node) {
  constexpr std::size_t kDigitsMax = 18;
  if (token.empty() || token.size() > kDigitsMax || (token[0] == '0' && token.size() > 1)) {
    return false;
  }
  std::int64_t number = 0;
  for (const char c : token) {
    if (!is_digit(c)) {
      return false;
    }
    number = number * 10 + (c - '0');
  }
  node.type = Type::kInteger;
  node.integer = number;
  node.sent_size = size_of(token);
  return true;
}

/// A number with a fraction that is short enough for both its digits and their power of ten to be
/// exact, so that one division rounds it as it must be. Most are.
bool read_decimal(std::string_view token, Node& node) {
  constexpr std::size_t kDigitsMax = 15;
  static constexpr auto kPowers = [] {
    std::array<double, kDigitsMax> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) {
      powers[i] = powers[i - 1] * 10;
    }
    return powers;
  }();
  if (token.size() < 3 || token.size() > kDigitsMax + 1 || (token[0] == '0' && token[1] != '.')) {
    return false;
  }
  std::int64_t digits = 0;
  std::size_t point = 0;
  for (std::size_t at = 0; at < token.size(); ++at) {
    if (is_digit(token[at])) {
      digits = digits * 10 + (token[at] - '0');
    } else if (token[at] == '.' && point == 0 && at > 0) {
      point = at;
    } else {
      return false;
    }
  }
  if (point == 0 || point + 1 == token.size()) {
    return false;
  }
  node.type = Type::kDouble;
  node.number = static_cast<double>(digits) / kPowers[token.size() - point - 1];
  // With a zero too many, or less than a tenth, write() may say it differently.
  const bool shortest = token.back() != '0' && (token[0] != '0' || token[2] != '0');
  node.sent_size = shortest ? size_of(token) : 0;
  return true;
}

bool read_number(std::string_view token, Node& node) {
  if (read_digits(token, node) || read_decimal(token, node)) {
    return true;
  }
  const NumberShape shape = shape_of(token);
  if (!shape.valid) {
    return false;
  }
  const char* const end = token.data() + token.size();
  if (shape.whole && token != "-0") {
    if (std::from_chars(token.data(), end, node.integer).ec == std::errc()) {
      node.type = Type::kInteger;
      node.sent_size = size_of(token);
      return true;
    }
  }
  double number = 0;
  if (std::from_chars(token.data(), end, number).ec == std::errc()) {
    node.type = Type::kDouble;
    node.number = number;
    return true;
  }
  if (is_below_one(token)) {
    node.type = Type::kDouble;
    node.number = token.starts_with('-') ? -0.0 : 0.0;
    return true;
  }
  node.type = Type::kString;
  node.text = token.data();
  node.size = size_of(token);
  node.repairs |= kHugeNumber;
  return true;
}

}  // namespace

StringToken read_string(std::string_view source, Chunks& chunks) {
  const std::size_t quote = source.find('"', 1);
  if (quote == std::string_view::npos) {
    return string_error("a string that does not end", 0);
  }
  const std::string_view text = source.substr(1, quote - 1);
  const std::size_t escape = text.find('\\');
  if (escape != std::string_view::npos) {
    return read_escaped(source, escape + 1, chunks);
  }
  StringToken token;
  token.text = text;
  token.source_bytes = quote + 1;
  return token;
}

bool read_plain(std::string_view token, Node& node) {
  if (!token.empty() && is_digit(token[0])) {
    return read_number(token, node);
  }
  if (token == "null") {
    node.type = Type::kNull;
    node.sent_size = size_of(token);
    return true;
  }
  if (token == "true" || token == "false") {
    node.type = Type::kBool;
    node.boolean = token == "true";
    node.sent_size = size_of(token);
    return true;
  }
  return read_number(token, node);
}

}  // namespace json
