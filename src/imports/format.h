#pragma once
// The vendors' export files that can be read, and what has to be said to read one.

#include "event/record.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace imports {

enum class Format : std::uint8_t {
  kMobileAnalytics,
  kPinpoint,
  kClickstream,
  kClevertap,
  kSegmentstream,
};

/// "mobile-analytics-export", "pinpoint-export", "clickstream-s3", "clevertap-export",
/// "segmentstream-hits".
std::string_view format_name(Format format);
std::optional<Format> format_from_name(std::string_view name);
event::Api api_of(Format format);

/// Longer lines are put aside. A page of CleverTap's export and a request kept by Clickstream's
/// sink are one line each.
std::size_t line_bytes_max(Format format);

/// What files are read as.
struct Reading {
  Format format = Format::kMobileAnalytics;
  std::string app_id;
  std::string event_name;              ///< CleverTap: of files that do not name it.
  std::chrono::seconds utc_offset{0};  ///< CleverTap: of the clock its times are read on.
};

}  // namespace imports
