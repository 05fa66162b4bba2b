#pragma once
// Record -> events and rejections of the Mobile Analytics API. Pure: no I/O, no clock, no registry;
// everything it needs is in the Record and its notes. The endpoint runs inspect() for its verdict,
// the loader runs decode() for the rows.

#include "api/mobile_analytics/problem.h"
#include "event/event.h"

#include <optional>
#include <string>
#include <vector>

namespace api::mobile_analytics {

/// Notes the endpoint writes into a Record, so that later decoding decides the same.
inline constexpr std::string_view kClientNote = "client";            ///< "published" or "other".
inline constexpr std::string_view kAccessKeyNote = "access_key_id";  ///< Whose signature it had.
inline constexpr std::string_view kLimitsNote = "limits";            ///< "lenient" or "quarantine".
/// JSON array of the custom event types that came after the 1,500th.
inline constexpr std::string_view kTypesOverNote = "event_types_over";

/// Custom event types per application; later ones are stored, marked and left out of reports.
inline constexpr std::size_t kCustomTypesMax = 1500;

/// Never fails: what cannot be stored is a Rejection. A kRefused record gives one Rejection from
/// its notes "code" and "reason".
event::Decoded decode(const event::Record& record);

/// What the endpoint has to know about a request before it answers.
struct Inspection {
  std::string app_id;  ///< Of the client context, once that could be read.
  bool published_client = false;
  /// Why the whole batch is refused; its reason names the member.
  std::optional<Problem> problem;
  bool context_read = false;              ///< `problem` is not in the context.
  std::vector<std::string> custom_types;  ///< Of the events that will be stored, each once.
  std::size_t events = 0;
};

/// Looks at `record` as decode() will: its `limits` note must be set, its `client` note need not.
Inspection inspect(const event::Record& record);

}  // namespace api::mobile_analytics
