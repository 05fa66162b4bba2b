#pragma once
// Reading single JSON values the way the vendor's own job does: integers given as text are parsed,
// numbers in text columns take their text form, anything else is absent.

#include "json/value.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace api::clickstream {

std::optional<std::string> read_text(json::Value value);
std::optional<std::int64_t> read_integer(json::Value value);
std::optional<double> read_double(json::Value value);
/// A number of milliseconds since 1970 as microseconds; only within the years 1 to 9999.
std::optional<std::int64_t> read_time_us(json::Value value);
/// The same for decimal digits, such as a query parameter.
std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<std::int64_t> to_time_us(std::int64_t time_ms);

/// `text`, or its first 80 bytes (whole characters) and "..." for messages.
std::string clip(std::string_view text);
/// How many characters (code points) `text` has.
std::size_t character_count(std::string_view text);

}  // namespace api::clickstream
