#pragma once
// The members of one event: which are columns, which are attributes, and the JSON object that keeps
// every attribute and everything no column can show.

#include "api/clickstream/limits.h"
#include "event/event.h"
#include "json/value.h"

namespace api::clickstream {

/// Fills the columns of `out` that come from the event's own members and from its attributes, and
/// `out.properties`. `keep_user` and `keep_items` put those members into the properties too, for
/// when no table can take them.
struct Keep {
  bool user = false;
  bool items = false;
};
void read_members(json::Value unit, Keep keep, Marks& marks, event::Event& out);

}  // namespace api::clickstream
