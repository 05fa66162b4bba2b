#pragma once
// Answers the requests of the clevertap API.

#include "api/edge.h"
#include "http/message.h"

#include <memory>

namespace api::clevertap {

/// Lifetime: `edge` outlives the handler.
std::unique_ptr<http::Handler> make_endpoint(Edge& edge);

}  // namespace api::clevertap
