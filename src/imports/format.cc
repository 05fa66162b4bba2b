#include "imports/format.h"

#include <array>
#include <utility>

namespace imports {
namespace {

constexpr std::array<std::pair<Format, std::string_view>, 5> kNames = {{
    {Format::kMobileAnalytics, "mobile-analytics-export"},
    {Format::kPinpoint, "pinpoint-export"},
    {Format::kClickstream, "clickstream-s3"},
    {Format::kClevertap, "clevertap-export"},
    {Format::kSegmentstream, "segmentstream-hits"},
}};

}  // namespace

std::string_view format_name(Format format) {
  return kNames.at(static_cast<std::size_t>(format)).second;
}

std::optional<Format> format_from_name(std::string_view name) {
  for (const auto& [format, text] : kNames) {
    if (text == name) {
      return format;
    }
  }
  return std::nullopt;
}

event::Api api_of(Format format) {
  switch (format) {
    case Format::kMobileAnalytics:
    case Format::kPinpoint: return event::Api::kMobileAnalytics;
    case Format::kClickstream: return event::Api::kClickstream;
    case Format::kClevertap: return event::Api::kClevertap;
    case Format::kSegmentstream: return event::Api::kSegmentstream;
  }
  return event::Api::kMobileAnalytics;
}

std::size_t line_bytes_max(Format format) {
  constexpr std::size_t kMiB = std::size_t{1} << 20U;
  switch (format) {
    case Format::kClevertap: return 32 * kMiB;
    case Format::kClickstream: return 4 * kMiB;
    case Format::kMobileAnalytics:
    case Format::kPinpoint:
    case Format::kSegmentstream: break;
  }
  return kMiB;
}

}  // namespace imports
