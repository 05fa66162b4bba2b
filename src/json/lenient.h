#pragma once
// Single values read as forgivingly as the vendors' own services read them: numbers given as text
// are parsed, numbers in text columns take their text form. Also the words error messages need.

#include "json/value.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace json {

/// A string, or the text of a number or boolean; nothing for anything else.
std::optional<std::string> read_text(Value value);
/// A whole number, or a string of decimal digits.
std::optional<std::int64_t> read_integer(Value value);
/// A finite number, or a string that is one.
std::optional<double> read_double(Value value);
/// All of `text` as a decimal number that fits.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// "a string", "an array", ..., "null" or "missing".
std::string_view describe(Value value);
/// `text` in quotes, cut behind 80 bytes (whole characters), for a message.
std::string quote_short(std::string_view text);

}  // namespace json
