#pragma once
// Times and lengths as this API counts them.

#include "json/value.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace api::clickstream {

/// A number of milliseconds since 1970 as microseconds; only within the years 1 to 9999.
std::optional<std::int64_t> read_time_us(json::Value value);
std::optional<std::int64_t> to_time_us(std::int64_t time_ms);

/// How many characters (code points) `text` has.
std::size_t character_count(std::string_view text);

}  // namespace api::clickstream
