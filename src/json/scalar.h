#pragma once
// Reads the tokens of a JSON text that are no brackets. Private to this room.

#include "json/node.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace json {

/// A string token read. `text` lies in the source, or in the arena when it held an escape.
struct StringToken {
  std::string_view text;
  std::size_t source_bytes = 0;  ///< Quotes included; 0 when `error` is set.
  std::uint8_t repairs = 0;
  const char* error = nullptr;
  std::size_t error_at = 0;  ///< Offset in the source.
};

/// Reads the string at the start of `source` (its first byte is the opening quote). Does not look
/// for control characters: simdjson's first stage refuses texts that have them in strings.
StringToken read_string(std::string_view source, Chunks& chunks);

/// Reads a number, true, false or null, which must be all of `token`, into `node`. False when it is
/// none of them. A number that no finite double holds becomes a string, marked kHugeNumber; it
/// points into `token`.
bool read_plain(std::string_view token, Node& node);

}  // namespace json
