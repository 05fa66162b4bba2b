#include "api/mobile_analytics/reply.h"

#include "api/edge.h"
#include "api/mobile_analytics/client.h"
#include "json/writer.h"

#include <utility>

namespace api::mobile_analytics {
namespace {

// "*" as allowed headers would not cover `authorization`. Date is what clients correct their clock
// by.
constexpr CorsRules kCors{
    .methods = "POST, OPTIONS",
    .headers =
        "authorization, content-type, content-encoding, x-amz-client-context, "
        "x-amz-client-context-encoding, x-amz-content-sha256, x-amz-date, x-amz-security-token, "
        "x-amz-user-agent, x-amz-target, x-amzn-clientsdkversion, amz-sdk-invocation-id, "
        "amz-sdk-request",
    .expose_headers = "x-amzn-RequestId, x-amzn-ErrorType, X-Catchment-Position, Date, Retry-After",
    .credentials = false,
};
constexpr std::string_view kRetryAfterSeconds = "5";

/// The request's id in the form AWS gives its own: a UUID with dashes.
std::string aws_request_id(std::string_view id) {
  std::string out;
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) {
      out += '-';
    }
    out += id[i];
  }
  return out;
}

http::Reply make_reply(const Asker& asker, int status) {
  http::Reply reply;
  reply.status = status;
  add_request_id(asker, reply);
  add_cors(asker.request, asker.origins, kCors, reply);
  return reply;
}

std::string_view error_type(const Problem& problem) {
  if (problem.code == kTooLarge) {
    return "RequestEntityTooLarge";
  }
  return problem.code == kInvalidJson ? "SerializationException" : "BadRequestException";
}

}  // namespace

void add_request_id(const Asker& asker, http::Reply& reply) {
  reply.add("x-amzn-RequestId", aws_request_id(asker.request.request_id));
}

AwsError access_denied(const registry::App& app, std::string_view who, std::string_view action) {
  const std::string account =
      app.settings.account_id.empty() ? "000000000000" : app.settings.account_id;
  std::string message = "User: arn:aws:iam::" + account + ":user/";
  message.append(who).append(" is not authorized to perform: mobileanalytics:").append(action);
  message.append(" on resource: arn:aws:mobileanalytics:us-east-1:").append(account).append(":*");
  return {403, "AccessDeniedException", std::move(message)};
}

http::Reply accepted(const Asker& asker) {
  http::Reply reply = make_reply(asker, 202);
  reply.add("Content-Type", "application/json");
  return reply;
}

http::Reply refused(const Asker& asker, const AwsError& error) {
  http::Reply reply = make_reply(asker, error.status);
  reply.add("x-amzn-ErrorType", std::string(error.type));
  reply.add("Content-Type", "application/json");
  json::Writer writer;
  writer.begin_object().key("__type").string(error.type);
  // Front-end errors say "message", IAM says "Message".
  writer.key(error.type == "AccessDeniedException" ? "Message" : "message").string(error.message);
  writer.end_object();
  reply.body = std::move(writer).text();
  return reply;
}

http::Reply refused_content(const Asker& asker, const Problem& problem) {
  const int status = problem.code == kTooLarge ? 413 : 400;
  http::Reply reply = refused(asker, {status, error_type(problem), problem.reason});
  if (is_ios_client(asker.request.header("user-agent"))) {
    reply.body.clear();
  }
  return reply;
}

http::Reply push_back(const Asker& asker) {
  const bool javascript = is_javascript_client(asker.request.header("user-agent"),
                                               asker.request.header(kAmzUserAgentHeader));
  http::Reply reply =
      javascript ? refused(asker, {400, "ThrottlingException", "Rate exceeded"})
                 : refused(asker, {503, "ServiceUnavailableException",
                                   "The request could not be stored now. Send it again later."});
  reply.add("Retry-After", std::string(kRetryAfterSeconds));
  return reply;
}

http::Reply refused_trouble(const Asker& asker) {
  if (asker.request.trouble == http::Trouble::kBodyTooLarge) {
    return refused_content(asker, {kTooLarge, "The payload exceeds 1024 KB."});
  }
  if (asker.request.trouble == http::Trouble::kOverloaded) {
    return push_back(asker);
  }
  return refused(asker, {408, "RequestTimeoutException", "The body did not arrive in time."});
}

http::Reply preflight(const Asker& asker) {
  http::Reply reply = make_reply(asker, 204);
  reply.add("Access-Control-Max-Age", "86400");
  return reply;
}

}  // namespace api::mobile_analytics
