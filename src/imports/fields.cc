#include "imports/fields.h"

#include "base/time_text.h"

#include <charconv>
#include <cmath>
#include <string>

namespace imports {
namespace {

/// Years 1 to 9999: what is outside is no time.
constexpr double kMillisecondsMin = -62'135'596'800'000.0;
constexpr double kMillisecondsMax = 253'402'300'799'999.0;

std::optional<base::Time> from_ms(double milliseconds) {
  if (!(milliseconds >= kMillisecondsMin && milliseconds <= kMillisecondsMax)) {
    return std::nullopt;
  }
  return base::from_us(std::llround(milliseconds * 1000));
}

std::optional<double> number_of(json::Value value) {
  if (const auto number = value.number()) {
    return number;
  }
  const std::string_view text = value.string().value_or("");
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}

}  // namespace

std::optional<base::Time> read_time(json::Value value) {
  if (const auto number = number_of(value)) {
    return from_ms(*number);
  }
  std::string_view text = value.string().value_or("");
  constexpr std::string_view kZone = " UTC";
  if (text.ends_with(kZone)) {
    text.remove_suffix(kZone.size());
  }
  return base::parse_iso8601(text);
}

std::optional<base::Time> read_seconds(json::Value value) {
  const auto number = number_of(value);
  return number ? from_ms(*number * 1000) : read_time(value);
}

void write_text(json::Writer& out, std::string_view key, json::Value value) {
  const std::string text = json::to_text(value);
  if (!text.empty()) {
    out.key(key).string(text);
  }
}

}  // namespace imports
