#pragma once
// Record -> events, profile changes and rejections of the segmentstream API. Pure: no I/O, no
// clock, no registry; everything it needs is in the Record and its notes.

#include "event/event.h"

namespace api::segmentstream {

/// Never fails: what cannot be stored is a Rejection. A kRefused record gives one Rejection from
/// its notes "code" and "reason".
event::Decoded decode(const event::Record& record);

}  // namespace api::segmentstream
