#pragma once
// Verifies AWS Signature Version 4, in the Authorization header or in the query of a presigned URL.
// Runs first in the endpoints of AWS APIs: who signed decides whose event it is. Does no I/O; the
// time and the secrets are handed in.

#include "api/sigv4/denial.h"
#include "api/sigv4/key_cache.h"
#include "api/sigv4/presented.h"
#include "api/sigv4/request.h"
#include "base/clock.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace api::sigv4 {

/// What belongs to an access key. Lifetime: the views outlive the call of verify().
struct Secret {
  std::string_view secret_access_key;
  std::string_view session_token;  ///< "" for a key that is not temporary.
};

/// The secret of an access key, or nothing when there is no such key.
using SecretLookup = std::function<std::optional<Secret>(std::string_view access_key_id)>;

struct Rules {
  std::string_view service;  ///< The service a signature must be scoped to: "mobileanalytics".
  /// The region it must be scoped to; "" takes any: aws-sdk-js signs with whatever region the app
  /// configured, wherever the server is.
  std::string_view region;
  std::chrono::seconds skew_max{900};  ///< Between the client's clock and `now`, each way.
};

struct Verdict {
  std::optional<Denial> denial;  ///< Nothing: the request is what the owner of the key sent.
  std::string access_key_id;     ///< As presented; believe it only without a denial.

  [[nodiscard]] bool accepted() const { return !denial.has_value(); }
};

/// Threads: verify() from any thread.
class Verifier {
 public:
  /// The body is hashed here, whatever x-amz-content-sha256 says. `host`, the date and every
  /// x-amz- header that is present must be signed, otherwise somebody on the way could exchange
  /// the client context. Signatures are compared in constant time.
  Verdict verify(const Request& request, const Rules& rules, base::Time now,
                 const SecretLookup& secret_of);

 private:
  std::optional<Denial> check_signature(const Request& request, const Presented& presented,
                                        const Secret& secret);
  KeyCache keys_;
};

}  // namespace api::sigv4
