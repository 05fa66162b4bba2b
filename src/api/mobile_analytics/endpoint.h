#pragma once
// Answers the requests of the mobile_analytics API.

#include "api/edge.h"
#include "http/message.h"

#include <memory>

namespace api::mobile_analytics {

/// Lifetime: `edge` outlives the handler.
std::unique_ptr<http::Handler> make_endpoint(Edge& edge);

}  // namespace api::mobile_analytics
