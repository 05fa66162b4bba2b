#pragma once
// Answers POST /2014-06-05/events (PutEvents of Amazon Mobile Analytics): verifies the signature,
// inspects context and events, hands the request to the journal and answers 202 when it is durable.

#include "api/edge.h"
#include "http/message.h"

#include <chrono>
#include <memory>

namespace api::mobile_analytics {

struct Options {
  /// Between the client's clock and ours, each way (`mobile_analytics.clock_skew_max`).
  std::chrono::milliseconds clock_skew_max{std::chrono::minutes(15)};
};

/// Lifetime: `edge` outlives the handler.
std::unique_ptr<http::Handler> make_endpoint(Edge& edge, Options options = {});

}  // namespace api::mobile_analytics
