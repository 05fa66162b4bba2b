#pragma once
// Answers the requests of the clickstream API: POST /collect and its preflight, and /ping. No
// answer of /collect carries a body; why a request was refused, or how many of its events will be
// put aside, stands in the header X-Catchment-Error.

#include "api/edge.h"
#include "http/message.h"

#include <functional>
#include <memory>

namespace api::clickstream {

/// Is shown each POST without an `appId`. Returns true when the request is its own: then it has
/// taken the responder and answers.
using OtherOwner = std::function<bool(const http::Request& request, http::Responder& respond)>;

/// Lifetime: `edge`, and what `other_owner` refers to, outlive the handler.
std::unique_ptr<http::Handler> make_endpoint(Edge& edge, OtherOwner other_owner = nullptr);

/// The handler of /ping: the server's time as JSON, for clients that measure their way to it.
std::unique_ptr<http::Handler> make_ping(Edge& edge);

}  // namespace api::clickstream
