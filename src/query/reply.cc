#include "query/reply.h"

#include "base/path_text.h"
#include "json/writer.h"

#include <memory>
#include <utility>

namespace query {

http::Reply json_reply(int status, std::string body) {
  http::Reply reply;
  reply.status = status;
  reply.add("Content-Type", "application/json; charset=utf-8");
  reply.body = std::move(body);
  return reply;
}

http::Reply error_reply(int status, std::string_view code, std::string_view message) {
  json::Writer out;
  out.begin_object().key("error").begin_object();
  out.key("code").string(code).key("message").string(message);
  out.end_object().end_object();
  return json_reply(status, std::move(out).text() + "\n");
}

http::Reply error_reply(const base::Error& error) {
  switch (error.code) {
    case base::Code::kInvalid: return error_reply(400, "invalid", error.message);
    case base::Code::kNotFound: return error_reply(404, "not_found", error.message);
    case base::Code::kTooLarge: return error_reply(422, "too_large", error.message);
    case base::Code::kUnavailable:
      return error_reply(503, "unavailable", base::without_folders(error.message));
    default: return error_reply(500, "internal", base::without_folders(error.message));
  }
}

http::Reply method_not_allowed(std::string_view allowed) {
  http::Reply reply =
      error_reply(405, "method_not_allowed", "this path answers " + std::string(allowed) + " only");
  reply.add("Allow", std::string(allowed));
  return reply;
}

void answer_later(WorkerPool& pool, http::Responder respond, std::function<http::Reply()> work,
                  http::Reply busy) {
  // std::function wants copies, so the one Responder is shared between them.
  const auto answer = std::make_shared<http::Responder>(std::move(respond));
  std::function<void()> task = [answer, work = std::move(work)] { (*answer)(work()); };
  if (!pool.post(task)) {
    (*answer)(std::move(busy));
  }
}

}  // namespace query
