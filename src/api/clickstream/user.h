#pragma once
// The `user` of an event: who did it, and what is known about that person.

#include "api/clickstream/limits.h"
#include "event/event.h"
#include "json/value.h"

namespace api::clickstream {

/// Whether the event has a `unique_id` or a `_user_id`, without which nobody can be given the
/// user attributes it brings.
bool names_somebody(json::Value unit);

/// Fills `out.user_id` and `out.person` from `user`; `out.user_pseudo_id` and the event's time must
/// be there already.
void read_user(json::Value user, Marks& marks, event::Event& out);

}  // namespace api::clickstream
