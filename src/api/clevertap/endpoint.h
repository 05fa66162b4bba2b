#pragma once
// Answers POST /1/upload: authenticates, runs decode() for the verdict, takes the verdicts that
// need memory (event types in use, idempotency keys, requests under way), and answers once the
// request is durable. Notes it leaves for decode() and the loader: "limits",
// "refused_event_types", "idempotency_key" with "idempotency_answer" (the body of the 200 to
// repeat), "units".

#include "api/edge.h"
#include "http/message.h"

#include <cstddef>
#include <memory>

namespace api::clevertap {

/// Of a request as sent: 1,000 records of 7 KB. A record of the journal (8 MiB) holds it with all
/// that goes with it.
inline constexpr std::size_t kBodyBytesMax = std::size_t{7} << 20U;

/// Lifetime: `edge` outlives the handler.
std::unique_ptr<http::Handler> make_endpoint(Edge& edge);

}  // namespace api::clevertap
