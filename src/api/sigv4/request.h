#pragma once
// What a signature is made over: the request as it came off the wire, nothing decoded or put in
// order. Both the canonical form and the verifier read it.

#include <span>
#include <string_view>
#include <utility>

namespace api::sigv4 {

/// Names in any case, values as sent, in the order sent.
using Headers = std::span<const std::pair<std::string_view, std::string_view>>;

/// Lifetime: views into the connection's buffers.
struct Request {
  std::string_view method;
  std::string_view path;   ///< Up to "?", still percent-encoded.
  std::string_view query;  ///< Behind "?", still percent-encoded.
  Headers headers;
  std::string_view body;  ///< As sent: still compressed, no transfer coding.
};

/// ASCII only.
bool equal_ignoring_case(std::string_view left, std::string_view right);
/// True when a header of that name is there, in any case.
bool has_header(Headers headers, std::string_view name);
/// The first value of that name in any case, without surrounding white space, or "".
std::string_view header_value(Headers headers, std::string_view name);

}  // namespace api::sigv4
