#pragma once
// The body of a request taken apart into its events, before any of them is looked at.

#include "api/mobile_analytics/exceptions.h"
#include "api/mobile_analytics/problem.h"
#include "event/record.h"
#include "json/value.h"

#include <optional>
#include <string>
#include <vector>

namespace api::mobile_analytics {

/// "The payload cannot exceed 1024 KB": as sent, and unpacked.
inline constexpr std::size_t kPayloadBytesMax = std::size_t{1024} << 10U;

/// Lifetime: the events are valid as long as the Batch, and until it is moved.
struct Batch {
  std::optional<json::Document> document;
  std::vector<json::Value> events;
};

/// Unpacks and parses the body. kTooLarge past the limit, kNothingSent for an empty body or, where
/// `rules` do not allow it, an empty list.
std::optional<Problem> read_batch(const event::Record& record, const Rules& rules, Batch& out);

/// The body as text a person can read: unpacked where that is possible.
std::string readable_body(const event::Record& record);

}  // namespace api::mobile_analytics
