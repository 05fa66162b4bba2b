#include "api/clickstream/measure.h"

#include "json/lenient.h"

#include <algorithm>
#include <cmath>

namespace api::clickstream {
namespace {

constexpr std::int64_t kTimeMinMs = -62'135'596'800'000;  // 0001-01-01
constexpr std::int64_t kTimeMaxMs = 253'402'300'799'999;  // 9999-12-31

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

}  // namespace

std::optional<std::int64_t> to_time_us(std::int64_t time_ms) {
  if (time_ms < kTimeMinMs || time_ms > kTimeMaxMs) {
    return std::nullopt;
  }
  return time_ms * 1000;
}

std::optional<std::int64_t> read_time_us(json::Value value) {
  if (const std::optional<std::int64_t> time_ms = json::read_integer(value)) {
    return to_time_us(*time_ms);
  }
  const std::optional<double> time_ms = json::read_double(value);
  if (!time_ms || *time_ms < static_cast<double>(kTimeMinMs) ||
      *time_ms > static_cast<double>(kTimeMaxMs)) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(std::floor(*time_ms * 1000));
}

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return !is_continuation(byte); }));
}

}  // namespace api::clickstream
