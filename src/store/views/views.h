#pragma once
// The SQL of what is derived from the stored tables: event parameters, sessions, and the tables of
// the vendors under their own names. Plain text; the store creates the views when it opens, and
// people query them. They read event, item and rejected_event of the schema main, and `users`.
// docs/tables.md describes every column.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace store::views {

/// event_parameter: one row per entry of an event's properties.
std::string_view event_parameter();
/// session: by the client's session ids, and for events without one by `inactivity`.
std::string session(std::chrono::milliseconds inactivity);

/// The schema clickstream with event_v2, item_v2 and session, in the order to create them.
std::vector<std::string_view> clickstream();
/// clickstream.user_v2. Needs a table `users` with the columns api, user_pseudo_id, user_id,
/// user_properties, first_seen, last_seen, first_touch_time and first_touch.
std::string_view clickstream_user();

/// The schema mobile_analytics with event.
std::vector<std::string_view> mobile_analytics();

}  // namespace store::views
