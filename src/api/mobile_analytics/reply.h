#pragma once
// The answers of this API, in the words AWS uses.

#include "api/mobile_analytics/problem.h"
#include "http/message.h"
#include "registry/app.h"

#include <span>
#include <string>
#include <string_view>

namespace api::mobile_analytics {

/// What every answer to one request needs to know of it.
struct Asker {
  const http::Request& request;
  std::span<const std::string> origins;  ///< Whose pages may read the answer.
};

struct AwsError {
  int status = 400;
  std::string_view type;  ///< "BadRequestException".
  std::string message;
};

/// The text IAM answers with when the key is right but may not do `action`; an account number of
/// zeros where the app has none.
AwsError access_denied(const registry::App& app, std::string_view who, std::string_view action);

/// 202 without a body. The iOS client takes any other JSON than {} for a failure and sends the
/// batch again for ever.
http::Reply accepted(const Asker& asker);
/// `{"__type", "message"}` with x-amzn-ErrorType. Android reads that header, in this spelling, and
/// crashes without it.
http::Reply refused(const Asker& asker, const AwsError& error);
/// A refusal for what the request holds. Without a body for iOS.
http::Reply refused_content(const Asker& asker, const Problem& problem);
/// "Not now". 503 to everyone but aws-sdk-js, which would throw the batch away after four of them.
http::Reply push_back(const Asker& asker);
/// The request could not be read whole.
http::Reply refused_trouble(const Asker& asker);
/// Adds x-amzn-RequestId.
void add_request_id(const Asker& asker, http::Reply& reply);
/// Preflight: no signature, no app.
http::Reply preflight(const Asker& asker);

}  // namespace api::mobile_analytics
