#pragma once
// Who signed a request: checks AWS Signature Version 4 against the keys of all applications. What
// the endpoints of Amazon Mobile Analytics ask first.

#include "api/sigv4/verifier.h"
#include "base/clock.h"
#include "http/message.h"
#include "registry/app.h"

#include <chrono>
#include <variant>

namespace api::mobile_analytics {

/// Threads: signer_of() from any thread.
class Signer {
 public:
  /// `clock` outlives it. `skew_max`: between the client's clock and ours, each way.
  Signer(const base::Clock& clock, std::chrono::milliseconds skew_max)
      : clock_(clock), skew_max_(std::chrono::floor<std::chrono::seconds>(skew_max)) {}

  /// The key, which lives as long as `snapshot`, or why nobody is believed.
  std::variant<registry::Snapshot::AwsKey, sigv4::Denial> signer_of(
      const http::Request& request, const registry::Snapshot& snapshot);

 private:
  const base::Clock& clock_;
  const std::chrono::seconds skew_max_;
  sigv4::Verifier verifier_;
};

}  // namespace api::mobile_analytics
