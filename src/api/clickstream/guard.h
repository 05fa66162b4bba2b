#pragma once
// Small questions the endpoint asks about a request before it looks into the body.

#include <cstdint>
#include <string>
#include <string_view>

namespace api::clickstream {

/// Whether the Cookie header `sent` holds every "name=value" of `wanted` (an app's setting, itself
/// written as a Cookie header); a setting without "=" must be the value of some cookie. True when
/// the setting is empty.
bool has_auth_cookie(std::string_view wanted, std::string_view sent);

/// Whether `hash_code` is what the SDKs send: the first 8 hex digits of the SHA-256 of `body`.
bool is_hash_code(std::string_view hash_code, std::string_view body);

/// `text` as it may stand in a header: printable ASCII, anything else "?", 500 bytes at most.
std::string header_text(std::string_view text);

/// Epoch milliseconds as seconds with three decimals.
std::string seconds_text(std::int64_t time_ms);

}  // namespace api::clickstream
