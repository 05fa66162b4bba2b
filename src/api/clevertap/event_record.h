#pragma once
// Records of type "event".

#include "api/clevertap/envelope.h"
#include "api/clevertap/problem.h"
#include "event/event.h"
#include "json/value.h"

#include <optional>

namespace api::clevertap {

/// Checks what is behind a good envelope and fills `out`, its person and items included; all but
/// event_id and journal_position.
std::optional<Problem> read_event(json::Value record, const RequestFacts& facts,
                                  const Envelope& envelope, event::Event& out);

}  // namespace api::clevertap
