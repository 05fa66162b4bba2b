#pragma once
// Durations and sizes as people write them in a settings file.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace settings {

/// "250ms", "15m", "30d", "1h30m"; a number alone is seconds. No upper bound but std::int64_t of
/// milliseconds; nullopt for anything else, also for negative ones.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// "15m": the largest units that fit exactly.
std::string format_duration(std::chrono::milliseconds duration);

/// "4096", "64KiB", "1.5MB", "2GiB": powers of 1024 with "i", of 1000 without.
std::optional<std::uint64_t> parse_size(std::string_view text);
/// "64MiB" where it divides evenly, otherwise bytes.
std::string format_size(std::uint64_t bytes);

}  // namespace settings
