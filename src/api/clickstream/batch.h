#pragma once
// A request body as a list of units: one for each element of the array, or one for a single object.

#include "api/clickstream/body.h"
#include "event/record.h"
#include "json/value.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace api::clickstream {

/// Why a unit, or a whole body, cannot be stored.
struct Problem {
  std::string_view code;  ///< Stable; the `code` of rejected_event.
  std::string reason;
};

/// Lifetime: `units` point into `document`; `text` views the record's body or `body`.
struct Batch {
  std::optional<BodyText> body;
  std::optional<json::Document> document;
  std::vector<json::Value> units;
  std::optional<Problem> failure;  ///< Set when there are no units because the body is broken.

  /// The body as text for a person: unpacked where that worked.
  [[nodiscard]] std::string_view text(const event::Record& record) const {
    return body ? body->text() : record.body;
  }
};

/// Unwraps the body.
Batch open_batch(const event::Record& record);
/// Parses it, if it is there. An empty body is a batch without units and without failure.
void read_units(const event::Record& record, Batch& batch);
/// Both.
Batch read_batch(const event::Record& record);

/// Why so many rows (events and items) would be out of proportion to the request.
std::optional<Problem> check_proportion(const event::Record& record, std::size_t units,
                                        std::size_t rows);

/// What every event must have.
struct Required {
  std::string_view event_type;
  std::string_view event_id;
  std::string_view app_id;
  std::int64_t timestamp_us = 0;
};
/// Fills `required` from one unit, or says what is missing or has the wrong type.
std::optional<Problem> read_required(json::Value unit, Required& required);

}  // namespace api::clickstream
