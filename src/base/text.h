#pragma once
// Small helpers for text that every room needs.

#include <string>
#include <string_view>

namespace base {

inline constexpr std::string_view kWhiteSpace = " \t\r\n\v\f";

/// Without the characters of `blanks` at both ends. Lifetime: of `text`.
std::string_view trim(std::string_view text, std::string_view blanks = " \t");
bool is_ascii(std::string_view text);
/// ASCII letters in lower case, everything else as it is.
std::string lower_case(std::string_view text);
/// Control characters as \xNN: what a client chose can then neither end a line nor speak to a
/// terminal.
std::string printable(std::string_view text);
/// A field of CSV, in quotes where it needs them (RFC 4180).
void append_csv_field(std::string_view text, std::string& out);

}  // namespace base
