#include "api/sigv4/denial.h"

namespace api::sigv4 {

std::string_view aws_error_type(Reason reason) {
  switch (reason) {
    case Reason::kNoSignature: return "MissingAuthenticationTokenException";
    case Reason::kIncomplete: return "IncompleteSignatureException";
    case Reason::kUnknownKey:
    case Reason::kWrongToken: return "UnrecognizedClientException";
    case Reason::kWrongScope:
    case Reason::kWrongScopeDate:
    case Reason::kExpired:
    case Reason::kNotYetCurrent:
    case Reason::kNotSigned:
    case Reason::kWrongBody:
    case Reason::kMismatch: return "InvalidSignatureException";
  }
  return "InvalidSignatureException";
}

}  // namespace api::sigv4
