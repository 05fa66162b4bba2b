#include "api/clevertap/endpoint.h"

#include "api/clevertap/access.h"
#include "api/clevertap/decode.h"
#include "api/clevertap/glance.h"
#include "api/clevertap/limits.h"
#include "api/clevertap/reply.h"
#include "codec/hash.h"
#include "codec/text.h"
#include "json/writer.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace api::clevertap {
namespace {

constexpr CorsRules kCors{
    .methods = "POST, OPTIONS",
    .headers = "",
    .expose_headers = "Retry-After, X-Catchment-Error, X-Catchment-Position",
    .credentials = true,
};

constexpr std::string_view kTooLargeText = "Request body is larger than 7 MB";
constexpr std::string_view kUnavailableText = "Service unavailable, please retry later";

using Names = std::set<std::string, std::less<>>;

std::string header_text(std::string_view text) {
  constexpr std::size_t kBytesMax = 500;
  std::string out(text.substr(0, kBytesMax));
  std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

http::Reply make_reply(const http::Request& request, std::span<const std::string> origins,
                       int status, std::string body) {
  http::Reply reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.add("Content-Type", "application/json;charset=utf-8");
  add_cors(request, origins, kCors, reply);
  return reply;
}

/// The failure instead of `reply`, whatever that says.
http::Reply as_failure(http::Reply reply, int status, std::string_view error) {
  reply.status = status;
  reply.body = failure_answer(status, error);
  if (status == 409 || status == 429 || status == 503) {
    reply.add("Retry-After", status == 503 ? "5" : "1");
  }
  return reply;
}

http::Reply make_failure(const http::Request& request, std::span<const std::string> origins,
                         int status, std::string_view error) {
  return as_failure(make_reply(request, origins, status, ""), status, error);
}

/// What is answered to a request that could not be read whole.
std::optional<std::pair<int, std::string_view>> find_trouble(const http::Request& request) {
  if (request.trouble == http::Trouble::kBodyTooLarge || request.body.size() > kBodyBytesMax) {
    return {{413, kTooLargeText}};
  }
  if (request.trouble == http::Trouble::kOverloaded) {
    return {{503, kUnavailableText}};
  }
  if (request.trouble == http::Trouble::kBodyTimeout) {
    return {{408, "Request body did not arrive in time"}};
  }
  return std::nullopt;
}

// The Ruby client sends dryRun=0 with every real upload.
bool is_dry_run(std::string_view query) {
  const std::string value = codec::query_value(query, "dryRun").value_or("");
  return value == "1" || value == "true";
}

/// Event types that would be beyond the 512th. Counts the new ones, unless `dry`.
Names refuse_types(EventNames& names, std::string_view app_id, const std::vector<std::string>& seen,
                   bool dry) {
  Names refused;
  Names fresh;  // of a dry run
  for (const std::string& name : seen) {
    bool good = true;
    if (!dry) {
      good = names.admit(app_id, event::Api::kClevertap, name, kEventTypesMax);
    } else if (!fresh.contains(name) && !names.is_known(app_id, event::Api::kClevertap, name)) {
      good = names.count(app_id, event::Api::kClevertap) + fresh.size() < kEventTypesMax;
      if (good) {
        fresh.insert(name);
      }
    }
    if (!good) {
      refused.insert(name);
    }
  }
  return refused;
}

std::vector<std::string> names_of(const std::vector<event::Event>& events) {
  std::vector<std::string> out;
  out.reserve(events.size());
  for (const event::Event& event : events) {
    out.push_back(event.event_name);
  }
  return out;
}

std::string to_json(const Names& names) {
  json::Writer writer;
  writer.begin_array();
  for (const std::string& name : names) {
    writer.string(name);
  }
  writer.end_array();
  return std::move(writer).text();
}

/// An upload of a known application, on its way into the journal.
class Upload {
 public:
  Upload(Edge& edge, const http::Request& request, const registry::App& app, InFlight::Place place)
      : edge_(edge),
        request_(request),
        app_(app),
        place_(std::move(place)),
        content_encoding_(request.joined_header("content-encoding")),
        dry_(is_dry_run(request.query)) {
    record_ = record_of(request, event::Api::kClevertap, app.id);
    keep_header("content-encoding", content_encoding_);
    keep_header("content-type", request.header("content-type"));
    if (lenient()) {
      record_.notes.push_back({"limits", "lenient"});
    }
    constexpr std::size_t kKeyBytesMax = 255;
    if (!dry_) {
      key_ = request.header("idempotency-key");
    }
    if (key_.size() > kKeyBytesMax) {
      key_ = codec::to_hex(codec::sha256(key_));
    }
    if (!key_.empty()) {
      record_.notes.push_back({"idempotency_key", key_});
    }
  }

  void run(http::Responder respond) {
    std::optional<std::vector<std::string>> seen = glance(record_);
    Verdict verdict;
    if (!seen) {
      verdict = examine(record_);
    }
    if (verdict.refusal) {
      refuse(*verdict.refusal, std::move(respond));
      return;
    }
    if (!key_.empty() && answer_again(respond)) {
      return;
    }
    const Names refused =
        refuse_types(edge_.names, app_.id, seen ? *seen : names_of(verdict.decoded.events), dry_);
    if (!refused.empty()) {
      refused_types_ = to_json(refused);
      record_.notes.push_back({"refused_event_types", refused_types_});
      seen.reset();
      verdict = examine(record_);  // which only marks them when limits are lenient
    }
    const event::Decoded& decoded = verdict.decoded;
    const std::size_t processed =
        seen ? seen->size() : decoded.events.size() + decoded.profiles.size();
    answer_ = upload_answer(processed, decoded.rejections);
    const std::size_t units = processed + decoded.rejections.size();
    if (dry_ || units == 0) {
      respond(make_reply(request_, origins(), 200, answer_));
      return;
    }
    units_ = std::to_string(units);
    store(std::move(respond));
  }

 private:
  /// Shared with the callback of the intake. The request's bytes are gone by the time it is
  /// called, so the answer is made before.
  struct Waiting {
    http::Responder respond;
    http::Reply stored;
    InFlight::Place place;
    std::optional<IdempotencyKeys::Hold> hold;  ///< Of a request with a key.
  };

  [[nodiscard]] bool lenient() const {
    return app_.settings.limits == registry::LimitMode::kLenient;
  }
  [[nodiscard]] std::span<const std::string> origins() const { return app_.settings.cors_origins; }

  void keep_header(std::string_view name, std::string_view value) {
    if (!value.empty()) {
      record_.headers.push_back({name, value});
    }
  }

  /// The reason goes into a header: clients compare the text of the body.
  void refuse(const Refusal& refusal, http::Responder respond) {
    http::Reply reply = make_failure(request_, origins(), 400, "Malformed request");
    reply.add("X-Catchment-Error", header_text(refusal.reason));
    if (dry_ || request_.body.empty()) {
      respond(std::move(reply));
      return;
    }
    const auto waiting = std::make_shared<std::pair<http::Responder, http::Reply>>(
        std::move(respond), std::move(reply));
    keep_refused(edge_, record_, refusal.code, refusal.reason,
                 [waiting] { waiting->first(std::move(waiting->second)); });
  }

  /// True when the key was used before, and this is answered.
  bool answer_again(http::Responder& respond) {
    IdempotencyKeys::Answer earlier;
    switch (edge_.idempotency.claim(app_.id, key_, earlier)) {
      case IdempotencyKeys::Claim::kFirst:
        hold_.emplace(edge_.idempotency, app_.id, key_);
        return false;
      case IdempotencyKeys::Claim::kInProgress:
        respond(make_failure(request_, origins(), 409,
                             "A request with this Idempotency-Key is being processed"));
        return true;
      case IdempotencyKeys::Claim::kAnswered: break;
    }
    http::Reply reply = make_reply(request_, origins(), earlier.status, std::move(earlier.body));
    add_position(earlier.position, reply);
    reply.add("Idempotent-Replayed", "true");
    respond(std::move(reply));
    return true;
  }

  void store(http::Responder respond) {
    record_.notes.push_back({"units", units_});
    if (!key_.empty()) {
      record_.notes.push_back({"idempotency_answer", answer_});
    }
    const auto waiting = std::make_shared<Waiting>(
        Waiting{std::move(respond), make_reply(request_, origins(), 200, answer_),
                std::move(place_), std::move(hold_)});
    edge_.intake.append(record_, [waiting](const base::Result<event::Position>& position) {
      finish(*waiting, position);
    });
  }

  static void finish(Waiting& waiting, const base::Result<event::Position>& position) {
    waiting.place.reset();
    if (!position) {
      waiting.hold.reset();
      const bool too_large = position.error().code == base::Code::kTooLarge;
      waiting.respond(too_large ? as_failure(std::move(waiting.stored), 413, kTooLargeText)
                                : as_failure(std::move(waiting.stored), 503, kUnavailableText));
      return;
    }
    if (waiting.hold) {
      waiting.hold->settle({200, waiting.stored.body, *position});
    }
    add_position(*position, waiting.stored);
    waiting.respond(std::move(waiting.stored));
  }

  Edge& edge_;
  const http::Request& request_;
  const registry::App& app_;
  InFlight::Place place_;
  std::optional<IdempotencyKeys::Hold> hold_;
  // Texts the record views.
  const std::string content_encoding_;
  std::string key_;
  std::string refused_types_;
  std::string answer_;
  std::string units_;
  const bool dry_;
  event::Record record_;
};

class Endpoint final : public http::Handler {
 public:
  explicit Endpoint(Edge& edge) : edge_(edge) {}

  void handle(const http::Request& request, http::Responder respond) override {
    const std::shared_ptr<const registry::Snapshot> snapshot = edge_.registry.snapshot();
    if (request.method == "OPTIONS") {
      http::Reply reply;
      reply.status = 204;
      add_cors(request, snapshot->all_origins(), kCors, reply);
      respond(std::move(reply));
      return;
    }
    if (request.method != "POST") {
      http::Reply reply = make_failure(request, snapshot->all_origins(), 405, "Method Not Allowed");
      reply.add("Allow", "POST, OPTIONS");
      respond(std::move(reply));
      return;
    }
    const Access access = authenticate(request, *snapshot);
    if (access.app == nullptr) {
      respond(make_failure(request, snapshot->all_origins(), 401, access.error));
      return;
    }
    const std::vector<std::string>& origins = access.app->settings.cors_origins;
    if (const auto trouble = find_trouble(request)) {
      respond(make_failure(request, origins, trouble->first, trouble->second));
      return;
    }
    InFlight::Place place =
        in_flight_.enter(access.app->id, access.app->settings.requests_in_flight_max);
    if (!place) {
      respond(make_failure(request, origins, 429, "Too many concurrent requests"));
      return;
    }
    Upload(edge_, request, *access.app, std::move(place)).run(std::move(respond));
  }

 private:
  Edge& edge_;
  InFlight in_flight_;
};

}  // namespace

std::unique_ptr<http::Handler> make_endpoint(Edge& edge) {
  return std::make_unique<Endpoint>(edge);
}

}  // namespace api::clevertap
