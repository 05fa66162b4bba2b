#pragma once
// One valid event as a row: its columns, its attributes and metrics, its session.

#include "api/mobile_analytics/context.h"
#include "api/mobile_analytics/validation.h"
#include "event/event.h"
#include "event/record.h"
#include "json/value.h"

namespace api::mobile_analytics {

/// What the events of one request have in common: received_at, addresses, user agent, the columns
/// of the context.
event::Event common_columns(const event::Record& record, const Context& context);

/// Makes of `out`, which has the common columns, the row of `source`, which check_event() let
/// through; without its event_id.
void fill_row(json::Value source, const event::Marks& marks, event::Event& out);

/// What makes two events the same: type, timestamp, session id, attributes and metrics, whatever
/// the order of their members. The event's id is made of it (see EventIds).
std::string fingerprint(const event::Event& row, json::Value source);

}  // namespace api::mobile_analytics
