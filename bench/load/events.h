#pragma once
// The texts of made-up events, API by API, in the shape and size of what the published clients
// send: a shop's web pages (Clickstream), its back end (CleverTap, SegmentStream) and a game on
// phones (Mobile Analytics). Holes are those of template.h, and the constant <app>.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace load {

enum class Api : std::uint8_t { kClickstream, kClevertap, kMobile, kSegmentstream };
inline constexpr std::array kApis = {Api::kClickstream, Api::kClevertap, Api::kMobile,
                                     Api::kSegmentstream};
/// As --api takes it.
std::string_view to_text(Api api);

struct EventKind {
  std::string text;
  unsigned share = 0;  ///< Of 100.
};
/// Few names, unevenly frequent; the shares make 100.
std::vector<EventKind> event_kinds(Api api);

/// What a hole <device> holds: some members of an object.
std::span<const std::string_view> devices(Api api);

/// The client context of a Mobile Analytics request, a template with the constant <app>.
std::string_view client_context();

std::span<const std::string_view> browsers();  ///< User-Agent of web pages.

}  // namespace load
