#pragma once
// Why a request, or one event of it, cannot be stored. Private to this API.

#include <string>
#include <string_view>

namespace api::mobile_analytics {

inline constexpr std::string_view kInvalidContext = "invalid_context";
inline constexpr std::string_view kInvalidEncoding = "invalid_encoding";
inline constexpr std::string_view kInvalidJson = "invalid_json";
inline constexpr std::string_view kInvalidBody = "invalid_body";
inline constexpr std::string_view kInvalidEvent = "invalid_event";
inline constexpr std::string_view kTooLarge = "too_large";
/// No bytes, or no event: there is nothing to keep, and the books count 0.
inline constexpr std::string_view kNothingSent = "nothing_sent";

struct Problem {
  std::string_view code;  ///< One of the above.
  std::string reason;     ///< Names the member.
};

}  // namespace api::mobile_analytics
