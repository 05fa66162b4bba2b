#pragma once
// Values of export files as the clients' own requests write them.

#include "base/clock.h"
#include "json/value.h"
#include "json/writer.h"

#include <optional>
#include <string_view>

namespace imports {

/// Milliseconds since 1970 as a number or a text of digits, or a date as text; also as BigQuery
/// writes it ("2020-10-01 08:00:00.123 UTC").
std::optional<base::Time> read_time(json::Value value);
/// The same, of seconds.
std::optional<base::Time> read_seconds(json::Value value);

/// Writes a member that is a text, unless it is empty; numbers as text.
void write_text(json::Writer& out, std::string_view key, json::Value value);

}  // namespace imports
