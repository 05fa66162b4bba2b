#pragma once
// Makes any bytes valid UTF-8. Private to this room.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace json {

inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// A place where bytes were replaced.
struct Replacement {
  std::size_t at = 0;      ///< Offset of the U+FFFD in the repaired text.
  std::size_t source = 0;  ///< Offset of the bad bytes in the original.
  std::size_t source_bytes = 0;
};

bool is_utf8(std::string_view text);

/// Appends `text` to `out`; every maximal part of a sequence that is no UTF-8 becomes one U+FFFD,
/// as browsers do it. Notes each in `replaced` unless that is null.
void repair_utf8(std::string_view text, std::string& out, std::vector<Replacement>* replaced);

/// Appends a code point, which is no surrogate.
void append_utf8(char32_t code_point, char*& out);

}  // namespace json
