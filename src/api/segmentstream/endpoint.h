#pragma once
// Answers the requests of the segmentstream API: POST /track with its preflight, and the hits that
// the JavaScript SDK posts to /collect.

#include "api/edge.h"
#include "http/message.h"

#include <memory>

namespace api::segmentstream {

/// Lifetime: `edge` outlives the handler.
std::unique_ptr<http::Handler> make_endpoint(Edge& edge);

/// Takes and answers a POST to /collect when it is a hit of the SDK: a JSON object with the
/// `projectId` of an application and an `event`. Otherwise false, and `respond` is untouched.
bool take_collect(Edge& edge, const http::Request& request, http::Responder& respond);

}  // namespace api::segmentstream
