#include "api/clickstream/endpoint.h"

#include "api/clickstream/decode.h"
#include "api/clickstream/guard.h"
#include "codec/text.h"
#include "json/writer.h"

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace api::clickstream {
namespace {

constexpr std::size_t kBodyBytesMax = 1'048'576;
constexpr std::string_view kRetryAfterSeconds = "5";

// The vendor's list, and X-Forwarded-For, which the JavaScript example of its HTTP API page sends.
constexpr CorsRules kCors{
    .methods = "GET, POST, OPTIONS",
    .headers =
        "DNT,X-CustomHeader,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,"
        "Cache-Control,Content-Type,X-Forwarded-For",
    .expose_headers = "X-Catchment-Error, X-Catchment-Position, Retry-After",
    .credentials = true,
};

/// What answers one request: the application it names, if there is one.
struct Context {
  std::shared_ptr<const registry::Snapshot> snapshot;
  std::optional<std::string> app_id;
  const registry::App* app = nullptr;

  [[nodiscard]] std::span<const std::string> origins() const {
    return app != nullptr ? app->settings.cors_origins : snapshot->all_origins();
  }
};

Context find_app(Edge& edge, const http::Request& request) {
  Context context;
  context.snapshot = edge.registry.snapshot();
  context.app_id = codec::query_value(request.query, "appId");
  if (context.app_id) {
    context.app = context.snapshot->app(*context.app_id);
  }
  return context;
}

http::Reply make_reply(const http::Request& request, const Context& context, int status,
                       std::string_view reason = {}) {
  http::Reply reply;
  reply.status = status;
  if (!reason.empty()) {
    reply.add("X-Catchment-Error", header_text(reason));
  }
  if (status == 503) {
    reply.add("Retry-After", std::string(kRetryAfterSeconds));
  }
  add_cors(request, context.origins(), kCors, reply);
  return reply;
}

std::string list_apps(const registry::Snapshot& snapshot) {
  constexpr std::size_t kListedMax = 50;
  std::string list;
  std::size_t count = 0;
  for (const registry::App& app : snapshot.apps()) {
    if (++count > kListedMax) {
      return list + " and " + std::to_string(snapshot.apps().size() - kListedMax) + " more";
    }
    list += (list.empty() ? "" : ", ") + app.id;
  }
  return list;
}

std::string to_json(const std::set<std::string, std::less<>>& texts) {
  json::Writer writer;
  writer.begin_array();
  for (const std::string& text : texts) {
    writer.string(text);
  }
  writer.end_array();
  return std::move(writer).text();
}

/// The texts a Record of one request views.
struct RecordTexts {
  std::string forwarded_for;
  std::string content_encoding;
  std::string unknown_apps;
  std::string registered_apps;
  std::string units;
};

event::Record make_record(const http::Request& request, const registry::App& app,
                          RecordTexts& texts) {
  event::Record record = record_of(request, event::Api::kClickstream, app.id);
  texts.forwarded_for = request.joined_header("x-forwarded-for");
  texts.content_encoding = request.joined_header("content-encoding");
  const auto keep_header = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) {
      record.headers.push_back({name, value});
    }
  };
  keep_header("x-forwarded-for", texts.forwarded_for);
  keep_header("content-encoding", texts.content_encoding);
  keep_header("content-type", request.header("content-type"));
  if (!app.settings.trust_forwarded_for) {
    record.notes.push_back({"trust_forwarded_for", "0"});
  }
  if (app.settings.limits == registry::LimitMode::kQuarantine) {
    record.notes.push_back({"limits", "quarantine"});
  }
  return record;
}

std::string rejected_text(const Review& review) {
  return std::to_string(review.rejected) + " of " + std::to_string(review.units) +
         " events will not be stored; " + review.first_reason;
}

class Endpoint final : public http::Handler {
 public:
  Endpoint(Edge& edge, OtherOwner other_owner)
      : edge_(edge), other_owner_(std::move(other_owner)) {}

  void handle(const http::Request& request, http::Responder respond) override {
    Context context = find_app(edge_, request);
    if (request.method == "OPTIONS") {
      respond(make_reply(request, context, 204));
      return;
    }
    if (!context.app_id && request.method == "POST" && other_owner_ &&
        other_owner_(request, respond)) {
      return;
    }
    if (std::optional<http::Reply> refusal = refuse(request, context)) {
      respond(*std::move(refusal));
      return;
    }
    if (request.body.empty()) {
      respond(make_reply(request, context, 200));
      return;
    }
    take(request, std::move(context), std::move(respond));
  }

 private:
  // What is answered without looking into the body.
  std::optional<http::Reply> refuse(const http::Request& request, const Context& context) {
    if (!context.app_id) {
      return make_reply(request, context, 403, "the query parameter appId is missing");
    }
    if (context.app == nullptr) {
      return make_reply(
          request, context, 403,
          "appId " + json::quote(*context.app_id) + " is not a registered application");
    }
    if (!has_auth_cookie(context.app->settings.auth_cookie, request.joined_header("cookie"))) {
      return make_reply(request, context, 403,
                        "the authentication cookie of this application is missing or wrong");
    }
    return refuse_size(request, context);
  }

  static std::optional<http::Reply> refuse_size(const http::Request& request,
                                                const Context& context) {
    if (request.trouble == http::Trouble::kBodyTooLarge || request.body.size() > kBodyBytesMax) {
      return make_reply(request, context, 413, "the body is larger than 1048576 bytes");
    }
    if (request.trouble == http::Trouble::kOverloaded) {
      return make_reply(request, context, 503,
                        "too many bodies are being read, send it again later");
    }
    if (request.trouble == http::Trouble::kBodyTimeout) {
      return make_reply(request, context, 408, "the body did not arrive in time");
    }
    return std::nullopt;
  }

  void take(const http::Request& request, Context context, http::Responder respond) {
    RecordTexts texts;
    event::Record record = make_record(request, *context.app, texts);
    if (context.app->settings.verify_hash_code) {
      const std::optional<std::string> sent = codec::query_value(request.query, "hashCode");
      if (sent && !is_hash_code(*sent, request.body)) {
        refuse_hash_code(request, context, std::move(record), std::move(respond));
        return;
      }
    }
    const registry::Snapshot& snapshot = *context.snapshot;
    const Review reviewed =
        review(record, [&](std::string_view app_id) { return snapshot.app(app_id) != nullptr; });
    if (!reviewed.unknown_apps.empty()) {
      texts.unknown_apps = to_json(reviewed.unknown_apps);
      texts.registered_apps = list_apps(snapshot);
      record.notes.push_back({"unknown_apps", texts.unknown_apps});
      record.notes.push_back({"registered_apps", texts.registered_apps});
    }
    texts.units = std::to_string(reviewed.units);
    record.notes.push_back({"units", texts.units});
    const std::string warning = reviewed.rejected > 0 ? rejected_text(reviewed) : std::string();
    struct Waiting {
      http::Responder respond;
      http::Reply stored;
      const http::Request& request;  // lives until it is answered
      Context context;
    };
    http::Reply stored = make_reply(request, context, 200, warning);
    const auto waiting = std::make_shared<Waiting>(
        Waiting{std::move(respond), std::move(stored), request, std::move(context)});
    edge_.intake.append(record, [waiting](base::Result<event::Position> position) {
      if (!position) {
        waiting->respond(make_reply(waiting->request, waiting->context, 503,
                                    "the request could not be stored, send it again later"));
        return;
      }
      add_position(*position, waiting->stored);
      waiting->respond(std::move(waiting->stored));
    });
  }

  void refuse_hash_code(const http::Request& request, const Context& context, event::Record record,
                        http::Responder respond) {
    constexpr std::string_view kReason =
        "hashCode is not the first 8 hex digits of the SHA-256 of the body";
    struct Waiting {
      http::Responder respond;
      http::Reply reply;
    };
    const auto waiting = std::make_shared<Waiting>(
        Waiting{std::move(respond), make_reply(request, context, 403, kReason)});
    keep_refused(edge_, std::move(record), "wrong_hash_code", kReason,
                 [waiting] { waiting->respond(std::move(waiting->reply)); });
  }

  Edge& edge_;
  const OtherOwner other_owner_;
};

class Ping final : public http::Handler {
 public:
  explicit Ping(Edge& edge) : edge_(edge) {}

  void handle(const http::Request& request, http::Responder respond) override {
    const Context context = find_app(edge_, request);
    if (request.method == "OPTIONS") {
      respond(make_reply(request, context, 204));
      return;
    }
    if (context.app_id && context.app == nullptr) {
      respond(
          make_reply(request, context, 403,
                     "appId " + json::quote(*context.app_id) + " is not a registered application"));
      return;
    }
    http::Reply reply = make_reply(request, context, 200);
    reply.add("Content-Type", "application/json");
    reply.body = "{\"timestamp\": " + seconds_text(base::to_ms(edge_.clock.now())) + "}";
    respond(std::move(reply));
  }

 private:
  Edge& edge_;
};

}  // namespace

std::unique_ptr<http::Handler> make_endpoint(Edge& edge, OtherOwner other_owner) {
  return std::make_unique<Endpoint>(edge, std::move(other_owner));
}

std::unique_ptr<http::Handler> make_ping(Edge& edge) { return std::make_unique<Ping>(edge); }

}  // namespace api::clickstream
