#pragma once
// Records of type "event".

#include "api/clevertap/envelope.h"
#include "api/clevertap/problem.h"
#include "event/event.h"
#include "json/value.h"

#include <optional>
#include <string_view>

namespace api::clevertap {

/// Whether an event may be called `name`: it is not blank, and no system event of the vendor's.
bool is_free_name(std::string_view name);

/// Checks what is behind a good envelope and fills `out`, its person and items included; all but
/// event_id and journal_position.
std::optional<Problem> read_event(json::Value record, const RequestFacts& facts,
                                  const Envelope& envelope, event::Event& out);

}  // namespace api::clevertap
