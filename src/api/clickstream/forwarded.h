#pragma once
// Whose address a request came from, by the API's contract: the left-most in X-Forwarded-For.

#include <string_view>

namespace api::clickstream {

/// The left-most valid IPv4 or IPv6 address of the list, without port and brackets; "" when there
/// is none. Lifetime: views `header`.
std::string_view leftmost_address(std::string_view header);

}  // namespace api::clickstream
