#pragma once
// Record -> events, profile changes and rejections of the CleverTap API. Pure: no I/O, no clock, no
// registry; everything it needs is in the Record and its notes. The edge runs it for its answer,
// the loader again for its rows; both come to the same.
//
// Notes it reads: "limits" ("lenient": nothing is refused for a limit), "refused_event_types" (JSON
// array of the names beyond the 512th, which only the edge can count), "idempotency_key", and of a
// refused request "code" and "reason".

#include "event/event.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace api::clevertap {

/// Why a whole request is answered 400.
struct Refusal {
  std::string_view code;  ///< "malformed_request", "too_many_records".
  std::string reason;
};

struct Verdict {
  event::Decoded decoded;
  std::optional<Refusal> refusal;  ///< Then `decoded` is empty.
};

/// Reads the request as the edge must judge it.
Verdict examine(const event::Record& record);

/// Never fails: what cannot be stored is a Rejection. A kRefused record gives one Rejection from
/// its notes "code" and "reason". `event_id` is left empty, for the loader to make one of position
/// and index, except under an idempotency key: then it is made of the key, the index and the
/// record.
event::Decoded decode(const event::Record& record);

}  // namespace api::clevertap
