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

/// The schemas clickstream and clickstream_v1, and what their views compute with.
std::vector<std::string_view> clickstream_schema();
/// What their views show as project_id; `literal` is an SQL text. To be created before them.
std::string project_id(std::string_view literal);
/// event_v2, item_v2 and session of the schema clickstream, in the order to create them.
std::vector<std::string_view> clickstream();
/// event, event_parameter and item of the schema clickstream_v1.
std::vector<std::string_view> clickstream_v1();
/// clickstream.user_v2 and clickstream_v1.user. They need a table `users` with the columns api,
/// user_pseudo_id, user_id, user_properties, identities, first_seen, last_seen, first_touch_time
/// and first_touch.
std::vector<std::string_view> clickstream_users();
/// clickstream_v1.ingestion_events. Needs a table `ingestion_events`.
std::vector<std::string_view> clickstream_requests();

/// The schema mobile_analytics with event. `with_identities`: there are table functions
/// identity_pool_rows() and cognito_rows() that name the Amazon Cognito identities.
std::vector<std::string_view> mobile_analytics(bool with_identities);

}  // namespace store::views
