#pragma once
// The edge's short way to a verdict: most hits are plain JSON that says whose they are in
// `event.user`. One pass over the bytes shows that; whatever is not so plain is read in full.

#include "event/record.h"

namespace api::segmentstream {

/// True when the body of `record` is a hit against which read_hit() and check_hit() would find
/// nothing. False says nothing about it.
bool is_plainly_good(const event::Record& record);

}  // namespace api::segmentstream
