#pragma once
// The answers of /api/v1 in their one shape, and answering from a thread that may wait.

#include "base/result.h"
#include "http/message.h"
#include "query/worker_pool.h"

#include <functional>
#include <string>
#include <string_view>

namespace query {

http::Reply json_reply(int status, std::string body);
/// {"error": {"code", "message"}}.
http::Reply error_reply(int status, std::string_view code, std::string_view message);
/// With the status that fits the code. What is our own fault names no folders.
http::Reply error_reply(const base::Error& error);
http::Reply method_not_allowed(std::string_view allowed);

/// Answers with what `work` gives, on a thread of `pool`; at once with `busy` when too much waits.
void answer_later(WorkerPool& pool, http::Responder respond, std::function<http::Reply()> work,
                  http::Reply busy);

}  // namespace query
