#pragma once
// Records of type "profile" and "token": what is said about a person.

#include "api/clevertap/envelope.h"
#include "api/clevertap/problem.h"
#include "event/event.h"
#include "json/value.h"

#include <optional>

namespace api::clevertap {

/// Checks what is behind a good envelope and fills `out`. Nothing of a refused record is kept.
std::optional<Problem> read_profile(json::Value record, const RequestFacts& facts,
                                    const Envelope& envelope, event::ProfileChange& out);

/// A token becomes the property "token.<type>" of the device's person: the tokenData as sent.
std::optional<Problem> read_token(json::Value record, const RequestFacts& facts,
                                  const Envelope& envelope, event::ProfileChange& out);

}  // namespace api::clevertap
