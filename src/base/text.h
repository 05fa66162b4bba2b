#pragma once
// Small helpers for text that every room needs.

#include <string_view>

namespace base {

inline constexpr std::string_view kWhiteSpace = " \t\r\n\v\f";

/// Without the characters of `blanks` at both ends. Lifetime: of `text`.
std::string_view trim(std::string_view text, std::string_view blanks = " \t");

}  // namespace base
