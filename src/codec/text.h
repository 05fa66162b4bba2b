#pragma once
// Encodings of bytes as text: base64, hex, percent and form encoding.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace codec {

/// Standard or URL-safe alphabet, padded or not, white space between groups ignored. nullopt for
/// anything else.
std::optional<std::string> decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);

std::string encode_hex(std::string_view bytes);  ///< Lower case.
std::optional<std::string> decode_hex(std::string_view text);

/// "%41" becomes "A"; a "%" without two hex digits stays as it is. `plus_is_space` as in forms.
std::string decode_percent(std::string_view text, bool plus_is_space);
/// Everything but A-Z a-z 0-9 - . _ ~ as %XX in upper case (RFC 3986), "/" kept when `keep_slash`.
std::string encode_percent(std::string_view text, bool keep_slash);

/// The pairs of a query string or form body in their order, decoded.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);
/// The last value of `name` in a query string, decoded.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace codec
