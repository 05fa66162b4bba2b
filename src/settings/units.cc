#include "settings/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace settings {
namespace {

// "ms" stands before "m" so that the longer unit is tried first.
constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kTimeUnits = {{
    {"d", 86'400'000},
    {"h", 3'600'000},
    {"ms", 1},
    {"m", 60'000},
    {"s", 1'000},
}};

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 10> kSizeUnits = {{
    {"TiB", std::uint64_t{1} << 40U},
    {"GiB", std::uint64_t{1} << 30U},
    {"MiB", std::uint64_t{1} << 20U},
    {"KiB", std::uint64_t{1} << 10U},
    {"TB", 1'000'000'000'000},
    {"GB", 1'000'000'000},
    {"MB", 1'000'000},
    {"KB", 1'000},
    {"kB", 1'000},
    {"B", 1},
}};

/// Takes a number without sign off the front; nullopt leaves `text` alone.
template <class Number>
std::optional<Number> take_number(std::string_view& text) {
  Number value{};
  if (text.empty() || text.front() < '0' || text.front() > '9') {
    return std::nullopt;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<std::int64_t> take_time_unit(std::string_view& text) {
  for (const auto& [name, ms] : kTimeUnits) {
    if (text.starts_with(name)) {
      text.remove_prefix(name.size());
      return ms;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  std::int64_t total = 0;
  const bool bare = text.find_first_not_of("0123456789") == std::string_view::npos;
  do {
    const std::optional<std::int64_t> count = take_number<std::int64_t>(text);
    const std::optional<std::int64_t> unit = bare ? 1'000 : take_time_unit(text);
    if (!count || !unit || *count > (kMax - total) / *unit) {
      return std::nullopt;
    }
    total += *count * *unit;
  } while (!text.empty());
  return std::chrono::milliseconds(total);
}

std::string format_duration(std::chrono::milliseconds duration) {
  std::int64_t left = duration.count();
  if (left == 0) {
    return "0s";
  }
  std::string out;
  for (const std::size_t index : {0U, 1U, 3U, 4U, 2U}) {  // days to milliseconds
    const auto& [name, ms] = kTimeUnits.at(index);
    if (left / ms > 0) {
      out += std::to_string(left / ms);
      out += name;
      left %= ms;
    }
  }
  return out;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  const std::optional<double> count = take_number<double>(text);
  if (!count) {
    return std::nullopt;
  }
  if (text.starts_with(' ')) {
    text.remove_prefix(1);
  }
  std::uint64_t unit = text.empty() ? 1 : 0;
  for (const auto& [name, bytes] : kSizeUnits) {
    if (text == name) {
      unit = bytes;
    }
  }
  const double total = *count * static_cast<double>(unit);
  if (unit == 0 || total >= 9.0e18 || total != std::floor(total)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(total);
}

std::string format_size(std::uint64_t bytes) {
  for (const std::size_t index : {0U, 1U, 2U, 3U}) {  // the powers of 1024
    const auto& [name, unit] = kSizeUnits.at(index);
    if (bytes >= unit && bytes % unit == 0) {
      return std::to_string(bytes / unit) + std::string(name);
    }
  }
  return std::to_string(bytes) + "B";
}

}  // namespace settings
