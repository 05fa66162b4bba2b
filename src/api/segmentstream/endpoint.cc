#include "api/segmentstream/endpoint.h"

#include "api/segmentstream/basic_auth.h"
#include "api/segmentstream/decode.h"
#include "json/value.h"
#include "json/writer.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace api::segmentstream {
namespace {

constexpr CorsRules kCors{
    .methods = "POST, GET, OPTIONS",
    .headers = "",
    .expose_headers = "Retry-After, X-Catchment-Position",
    .credentials = true,
};

http::Reply make_reply(const http::Request& request, std::span<const std::string> origins,
                       int status) {
  http::Reply reply;
  reply.status = status;
  add_cors(request, origins, kCors, reply);
  return reply;
}

/// The error in place of `reply`, which has nothing but what make_reply() gave it.
http::Reply as_error(http::Reply reply, int status, const Problem& problem) {
  reply.status = status;
  reply.add("Content-Type", "application/json");
  if (status == 503) {
    reply.add("Retry-After", "5");
  }
  json::Writer body;
  body.begin_object().key("code").string(problem.code);
  body.key("message").string(problem.reason).end_object();
  reply.body = std::move(body).text();
  return reply;
}

http::Reply make_error(const http::Request& request, std::span<const std::string> origins,
                       int status, const Problem& problem) {
  return as_error(make_reply(request, origins, status), status, problem);
}

// "application/json", also with parameters, or a type that ends in "+json".
bool is_json_type(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  std::erase_if(type, [](char letter) { return letter == ' ' || letter == '\t'; });
  std::transform(type.begin(), type.end(), type.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return type == "application/json" ||
         (type.starts_with("application/") && type.ends_with("+json"));
}

std::optional<Problem> check_content_type(const http::Request& request, const registry::App& app) {
  const std::string_view content_type = request.header("content-type");
  if (app.settings.any_content_type || is_json_type(content_type)) {
    return std::nullopt;
  }
  return Problem{"invalid_content_type",
                 "Content-Type must be application/json, it is " +
                     (content_type.empty() ? std::string("missing") : json::quote(content_type))};
}

/// A request that belongs to an application, on its way into the journal.
class Taking {
 public:
  Taking(Edge& edge, const http::Request& request, const registry::App& app)
      : edge_(edge),
        request_(request),
        app_(app),
        content_encoding_(request.joined_header("content-encoding")) {
    record_ = record_of(request, event::Api::kSegmentstream, app.id);
    if (!content_encoding_.empty()) {
      record_.headers.push_back({"content-encoding", content_encoding_});
    }
    if (const std::string_view type = request.header("content-type"); !type.empty()) {
      record_.headers.push_back({"content-type", type});
    }
  }

  event::Record& record() { return record_; }

  // Answers 400 and keeps the request, or 204 once it is durable.
  void finish(std::optional<Problem> problem, http::Responder respond) {
    const std::vector<std::string>& origins = app_.settings.cors_origins;
    if (!problem) {
      problem = check(record_);
    }
    if (problem) {
      refuse(*problem, std::move(respond));
      return;
    }
    // The request's bytes are gone by the time the record is durable: the answer is made before.
    const auto waiting =
        std::make_shared<Waiting>(Waiting{std::move(respond), make_reply(request_, origins, 204)});
    edge_.intake.append(record_, [waiting](base::Result<event::Position> position) {
      if (!position) {
        waiting->respond(
            as_error(std::move(waiting->stored), 503,
                     {"unavailable", "the hit could not be stored, send it again later"}));
        return;
      }
      add_position(*position, waiting->stored);
      waiting->respond(std::move(waiting->stored));
    });
  }

 private:
  struct Waiting {
    http::Responder respond;
    http::Reply stored;
  };

  void refuse(const Problem& problem, http::Responder respond) {
    const auto waiting = std::make_shared<Waiting>(Waiting{
        std::move(respond), make_error(request_, app_.settings.cors_origins, 400, problem)});
    keep_refused(edge_, record_, problem.code, problem.reason,
                 [waiting] { waiting->respond(std::move(waiting->stored)); });
  }

  Edge& edge_;
  const http::Request& request_;
  const registry::App& app_;
  const std::string content_encoding_;
  event::Record record_;
};

// What kept the body from arriving; nullopt when it is there, or too large, which is a 400.
std::optional<http::Reply> refuse_trouble(const http::Request& request,
                                          std::span<const std::string> origins) {
  if (request.trouble == http::Trouble::kOverloaded) {
    return make_error(request, origins, 503,
                      {"unavailable", "too many bodies are being read, send it again later"});
  }
  if (request.trouble == http::Trouble::kBodyTimeout) {
    return make_error(request, origins, 408, {"timeout", "the body did not arrive in time"});
  }
  return std::nullopt;
}

std::optional<Problem> check_size(const http::Request& request) {
  if (request.trouble != http::Trouble::kBodyTooLarge) {
    return std::nullopt;
  }
  return Problem{"too_large", "the body is larger than " + std::to_string(kBodyBytesMax) +
                                  " bytes, by so much that it was not read"};
}

class Endpoint final : public http::Handler {
 public:
  explicit Endpoint(Edge& edge) : edge_(edge) {}

  void handle(const http::Request& request, http::Responder respond) override {
    const auto snapshot = edge_.registry.snapshot();
    if (request.method == "OPTIONS") {
      http::Reply reply = make_reply(request, snapshot->all_origins(), 204);
      reply.add("Access-Control-Max-Age", "86400");
      respond(std::move(reply));
      return;
    }
    if (request.method != "POST") {
      http::Reply reply = make_error(request, snapshot->all_origins(), 405,
                                     {"method_not_allowed", "only POST is answered here"});
      reply.add("Allow", "POST, OPTIONS");
      respond(std::move(reply));
      return;
    }
    const registry::App* const app = find_app_by_basic(*snapshot, request.header("authorization"));
    if (app == nullptr) {
      respond(unauthorized(request, snapshot->all_origins()));
      return;
    }
    if (std::optional<http::Reply> reply = refuse_trouble(request, app->settings.cors_origins)) {
      respond(*std::move(reply));
      return;
    }
    std::optional<Problem> problem = check_size(request);
    if (!problem && request.body.empty()) {  // nothing to keep
      respond(make_error(request, app->settings.cors_origins, 400,
                         {"invalid_json", "the body is empty; a JSON object is required"}));
      return;
    }
    if (!problem) {
      problem = check_content_type(request, *app);
    }
    Taking(edge_, request, *app).finish(std::move(problem), std::move(respond));
  }

 private:
  static http::Reply unauthorized(const http::Request& request,
                                  std::span<const std::string> origins) {
    http::Reply reply =
        make_error(request, origins, 401, {"unauthorized", "the API token is missing or wrong"});
    // A browser would open its login window over somebody's shop.
    if (request.header("origin").empty()) {
      reply.add("WWW-Authenticate", "Basic realm=\"track\"");
    }
    return reply;
  }

  Edge& edge_;
};

}  // namespace

std::unique_ptr<http::Handler> make_endpoint(Edge& edge) {
  return std::make_unique<Endpoint>(edge);
}

bool take_collect(Edge& edge, const http::Request& request, http::Responder& respond) {
  const base::Result<json::Document> document = json::Document::parse(request.body);
  if (!document) {
    return false;
  }
  const json::Value root = document->root();
  const std::optional<std::string_view> project = root["projectId"].string();
  if (!project || !root["event"]) {
    return false;
  }
  const auto snapshot = edge.registry.snapshot();
  const registry::App* const app = snapshot->app_by_segmentstream_project(*project);
  if (app == nullptr) {
    return false;
  }
  Taking taking(edge, request, *app);
  taking.record().notes.push_back({"surface", "collect"});
  taking.finish(std::nullopt, std::move(respond));
  return true;
}

}  // namespace api::segmentstream
