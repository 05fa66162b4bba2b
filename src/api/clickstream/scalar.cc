#include "api/clickstream/scalar.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace api::clickstream {
namespace {

constexpr std::int64_t kTimeMinMs = -62'135'596'800'000;  // 0001-01-01
constexpr std::int64_t kTimeMaxMs = 253'402'300'799'999;  // 9999-12-31

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

std::optional<double> parse_double(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) {
    return std::nullopt;
  }
  return number;
}

std::optional<std::string> read_text(json::Value value) {
  if (value.is_string() || value.is_number() || value.is_bool()) {
    return json::to_text(value);
  }
  return std::nullopt;
}

std::optional<std::int64_t> read_integer(json::Value value) {
  if (value.is_string()) {
    return parse_integer(*value.string());
  }
  return value.integer();
}

std::optional<double> read_double(json::Value value) {
  if (value.is_string()) {
    return parse_double(*value.string());
  }
  return value.number();
}

std::optional<std::int64_t> to_time_us(std::int64_t time_ms) {
  if (time_ms < kTimeMinMs || time_ms > kTimeMaxMs) {
    return std::nullopt;
  }
  return time_ms * 1000;
}

std::optional<std::int64_t> read_time_us(json::Value value) {
  if (const std::optional<std::int64_t> time_ms = read_integer(value)) {
    return to_time_us(*time_ms);
  }
  const std::optional<double> time_ms = read_double(value);
  if (!time_ms || *time_ms < static_cast<double>(kTimeMinMs) ||
      *time_ms > static_cast<double>(kTimeMaxMs)) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(std::floor(*time_ms * 1000));
}

std::string clip(std::string_view text) {
  constexpr std::size_t kBytesMax = 80;
  if (text.size() <= kBytesMax) {
    return std::string(text);
  }
  std::size_t end = kBytesMax;
  while (end > 0 && is_continuation(text[end])) {
    --end;
  }
  return std::string(text.substr(0, end)) + "...";
}

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return !is_continuation(byte); }));
}

}  // namespace api::clickstream
