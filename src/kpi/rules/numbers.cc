#include "kpi/rules/numbers.h"

#include "json/value.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace kpi {
namespace {

constexpr std::size_t kTextMax = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) {
    ++at;
  }
  return at;
}

/// -?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?
bool is_decimal(std::string_view text) {
  std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  std::size_t end = skip_digits(text, at);
  if (end == at) {
    return false;
  }
  if (end < text.size() && text[end] == '.') {
    at = end + 1;
    end = skip_digits(text, at);
    if (end == at) {
      return false;
    }
  }
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    at = end + 1;
    at += at < text.size() && (text[at] == '-' || text[at] == '+') ? 1U : 0U;
    end = skip_digits(text, at);
    if (end == at) {
      return false;
    }
  }
  return end == text.size();
}

/// Digits alone, so few that a double holds the number exactly.
std::optional<double> short_whole(std::string_view text) {
  constexpr std::size_t kDigitsMax = 15;
  if (text.size() > kDigitsMax) {
    return std::nullopt;
  }
  std::int64_t number = 0;
  for (const char c : text) {
    if (!is_digit(c)) {
      return std::nullopt;
    }
    number = number * 10 + (c - '0');
  }
  return static_cast<double>(number);
}

/// Walks over the members of one object of canonical JSON.
class Scanner {
 public:
  explicit Scanner(std::string_view json) : json_(json) {}

  void run(const std::function<void(std::string_view, double)>& visit) {
    skip_blanks();
    if (!take('{')) {
      return;
    }
    skip_blanks();
    while (at_ < json_.size() && json_[at_] == '"') {
      const std::string_view key = string();
      skip_blanks();
      if (!take(':')) {
        return;
      }
      skip_blanks();
      const std::string_view text = value();
      if (const auto number = decimal_number(text)) {
        give(key, *number, visit);
      }
      skip_blanks();
      if (!take(',')) {
        return;
      }
      skip_blanks();
    }
  }

 private:
  void skip_blanks() {
    while (at_ < json_.size() && (json_[at_] == ' ' || json_[at_] == '\n')) {
      ++at_;
    }
  }
  bool take(char c) {
    if (at_ < json_.size() && json_[at_] == c) {
      ++at_;
      return true;
    }
    return false;
  }
  /// Past eight bytes at a time that are neither quote nor backslash.
  [[nodiscard]] std::size_t plain_until(std::size_t at) const {
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    constexpr std::uint64_t kHighs = 0x8080808080808080;
    const auto has_zero = [](std::uint64_t word) { return (word - kOnes) & ~word & kHighs; };
    for (; at + sizeof(std::uint64_t) <= json_.size(); at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, json_.data() + at, sizeof(word));
      if ((has_zero(word ^ (kOnes * '"')) | has_zero(word ^ (kOnes * '\\'))) != 0) {
        break;
      }
    }
    return at;
  }
  /// What is between the quotes, escapes as they are.
  std::string_view string() {
    const std::size_t begin = ++at_;
    at_ = plain_until(at_);
    while (at_ < json_.size() && json_[at_] != '"') {
      at_ += json_[at_] == '\\' ? 2U : 1U;
    }
    const std::size_t end = at_ < json_.size() ? at_ : json_.size();
    at_ = end + 1;
    return json_.substr(begin, end - begin);
  }
  /// A number's or a string's text; empty for anything else.
  std::string_view value() {
    if (at_ >= json_.size()) {
      return {};
    }
    if (json_[at_] == '"') {
      return string();
    }
    if (json_[at_] == '{' || json_[at_] == '[') {
      skip_nested();
      return {};
    }
    const std::size_t begin = at_;
    at_ = json_.find_first_of(",} \n", at_);
    at_ = at_ == std::string_view::npos ? json_.size() : at_;
    return json_.substr(begin, at_ - begin);
  }
  void skip_nested() {
    std::size_t depth = 0;
    while (at_ < json_.size()) {
      const char c = json_[at_];
      if (c == '"') {
        string();
        continue;
      }
      ++at_;
      depth += c == '{' || c == '[' ? 1U : 0U;
      if ((c == '}' || c == ']') && --depth == 0) {
        return;
      }
    }
  }
  static void give(std::string_view key, double number,
                   const std::function<void(std::string_view, double)>& visit) {
    if (key.find('\\') == std::string_view::npos) {
      visit(key, number);
      return;
    }
    std::string quoted = "[\"";
    quoted.append(key).append("\"]");
    if (const auto document = json::Document::parse(quoted)) {
      for (const json::Value plain : document->root().elements()) {
        visit(plain.string().value_or(""), number);
      }
    }
  }

  std::string_view json_;
  std::size_t at_ = 0;
};

}  // namespace

Millionths to_millionths(double value) {
  const double rounded = std::round(value * 1e6);
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::abs(rounded) < kExact) {
    const auto whole = static_cast<std::int64_t>(rounded);
    return {whole / 1'000'000, whole % 1'000'000};
  }
  // Both are exact: the remainder has no bits below those of `rounded`, the quotient is whole.
  const double micro = std::fmod(rounded, 1e6);
  return {static_cast<std::int64_t>((rounded - micro) / 1e6), static_cast<std::int64_t>(micro)};
}

std::optional<double> decimal_number(std::string_view text) {
  if (text.empty() || text.size() > kTextMax) {
    return std::nullopt;
  }
  if (const auto whole = short_whole(text)) {
    return whole;
  }
  if (!is_decimal(text)) {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    // Too near to 0 for a double, or too far: the text is short, so its exponent says which.
    const bool tiny =
        text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos;
    return tiny ? std::optional<double>(0) : std::nullopt;
  }
  if (error != std::errc() || std::abs(value) > kNumberMax) {
    return std::nullopt;
  }
  return value;
}

void each_number(std::string_view json,
                 const std::function<void(std::string_view, double)>& visit) {
  Scanner(json).run(visit);
}

}  // namespace kpi
