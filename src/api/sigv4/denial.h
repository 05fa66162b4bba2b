#pragma once
// Why a request is not believed, in the words AWS uses, so that published clients find what they
// look for (clock correction, refreshing a token, giving up).

#include <cstdint>
#include <string>
#include <string_view>

namespace api::sigv4 {

enum class Reason : std::uint8_t {
  kNoSignature,     ///< Neither an Authorization header nor query parameters.
  kIncomplete,      ///< Parts of the signature are missing or malformed.
  kUnknownKey,      ///< No such access key.
  kWrongToken,      ///< Session token missing, wrong, or sent with a key that has none.
  kWrongScope,      ///< Signed for another service or region.
  kWrongScopeDate,  ///< The day of the scope is not the day of the request.
  kExpired,         ///< Too long ago.
  kNotYetCurrent,   ///< In the future.
  kNotSigned,       ///< A header that must be signed is not.
  kWrongBody,       ///< x-amz-content-sha256 is not the hash of the body.
  kMismatch,        ///< The signature is not the one we calculate.
};

struct Denial {
  Reason reason = Reason::kNoSignature;
  std::string message;  ///< For the answer's body; holds no secret and no canonical request.
};

/// The AWS error type, for x-amzn-ErrorType and `__type`. Everything about time and signature is
/// InvalidSignatureException: all published clients take that one as a hint to correct their clock.
std::string_view aws_error_type(Reason reason);

}  // namespace api::sigv4
