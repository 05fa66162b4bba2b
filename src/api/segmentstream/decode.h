#pragma once
// Record -> events, profile changes and rejections of the segmentstream API: what back ends send to
// /track and what the JavaScript SDK sends to /collect, folded into one model. Pure: no I/O, no
// clock, no registry; everything it needs is in the Record and its notes.
//
// Notes of a record: "surface" ("collect": a browser sent it without credentials, its context.ip is
// not believed); a refused record has "code" and "reason".

#include "api/segmentstream/hit.h"
#include "event/event.h"

#include <optional>

namespace api::segmentstream {

/// Never fails: what cannot be stored is a Rejection. A kRefused record gives one Rejection from
/// its notes "code" and "reason".
event::Decoded decode(const event::Record& record);

/// Why the body cannot be accepted (400), or nothing.
std::optional<Problem> check(const event::Record& record);

}  // namespace api::segmentstream
