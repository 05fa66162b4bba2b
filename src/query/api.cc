#include "query/api.h"

#include "codec/text.h"
#include "json/lenient.h"
#include "json/value.h"
#include "json/writer.h"
#include "query/reply.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

namespace query {
namespace {

constexpr std::string_view kPrefix = "/api/v1/";
constexpr std::string_view kReceipts = "receipts/";
constexpr std::string_view kApps = "apps/";
constexpr std::uint64_t kAnswerBytesMax = std::uint64_t{256} << 20U;

/// What a client asked of POST /api/v1/sql.
struct SqlRequest {
  std::string sql;
  store::ResultFormat format = store::ResultFormat::kJson;
  event::Position not_before = 0;
};

base::Result<store::ResultFormat> format_from(std::string_view name) {
  if (name == "json") {
    return store::ResultFormat::kJson;
  }
  if (name == "csv") {
    return store::ResultFormat::kCsv;
  }
  return base::fail(base::Code::kInvalid,
                    "format \"" + std::string(name) + "\" is not json or csv");
}

base::Result<SqlRequest> sql_from_json(std::string_view body) {
  const base::Result<json::Document> document = json::Document::parse(body);
  if (!document) {
    return base::fail(base::Code::kInvalid, "the body is not JSON: " + document.error().message);
  }
  const json::Value named = document->root()["sql"];
  const std::optional<std::string_view> sql = (named ? named : document->root()["query"]).string();
  if (!sql) {
    return base::fail(base::Code::kInvalid, "the body has no text member \"sql\" or \"query\"");
  }
  SqlRequest out;
  out.sql = *sql;
  out.not_before = static_cast<event::Position>(
      std::max<std::int64_t>(0, document->root()["not_before"].integer().value_or(0)));
  if (const std::optional<std::string_view> name = document->root()["format"].string()) {
    const base::Result<store::ResultFormat> format = format_from(*name);
    if (!format) {
      return format.error();
    }
    out.format = *format;
  }
  return out;
}

/// The body is JSON by its Content-Type, otherwise the SQL text itself with the rest in the query.
base::Result<SqlRequest> read_sql_request(const http::Request& request) {
  if (request.header("content-type").starts_with("application/json")) {
    return sql_from_json(request.body);
  }
  SqlRequest out;
  out.sql = request.body;
  if (const auto position = codec::query_value(request.query, "not_before")) {
    std::from_chars(position->data(), position->data() + position->size(), out.not_before);
  }
  const base::Result<store::ResultFormat> format =
      format_from(codec::query_value(request.query, "format").value_or("json"));
  if (!format) {
    return format.error();
  }
  out.format = *format;
  return out;
}

class Api final : public http::Handler {
 public:
  Api(Sources sources, const Options& options) : sources_(std::move(sources)), options_(options) {}

  void handle(const http::Request& request, http::Responder respond) override;

 private:
  void sql(const http::Request& request, const registry::Token& token, http::Responder respond);
  http::Reply run_sql(const SqlRequest& asked);
  http::Reply apps(const registry::Token& token) const;
  void of_app(const http::Request& request, std::string_view path, const registry::Token& token,
              http::Responder respond);
  void receipt(std::string_view name, const registry::Token& token, http::Responder respond);
  void post(http::Responder respond, std::function<http::Reply()> work);

  Sources sources_;
  const Options options_;
};

void Api::handle(const http::Request& request, http::Responder respond) {
  if (request.trouble != http::Trouble::kNone) {
    respond(error_reply(request.trouble == http::Trouble::kBodyTooLarge ? 413 : 503, "refused",
                        "the request could not be read whole"));
    return;
  }
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view authorization = request.header("authorization");
  const std::shared_ptr<const registry::Snapshot> snapshot = sources_.registry.snapshot();
  const registry::Token* token = authorization.starts_with(kBearer)
                                     ? snapshot->token(authorization.substr(kBearer.size()))
                                     : nullptr;
  if (token == nullptr) {
    http::Reply reply =
        error_reply(401, "unauthorized",
                    "send 'Authorization: Bearer TOKEN'; 'catchment token create' makes one");
    reply.add("WWW-Authenticate", "Bearer");
    respond(std::move(reply));
    return;
  }
  const std::string_view path = request.path.substr(std::min(kPrefix.size(), request.path.size()));
  if (path == "sql") {
    if (request.method != "POST") {
      respond(method_not_allowed("POST"));
      return;
    }
    sql(request, *token, std::move(respond));
  } else if (path.starts_with(kReceipts)) {
    if (request.method != "GET") {
      respond(method_not_allowed("GET"));
      return;
    }
    receipt(path.substr(kReceipts.size()), *token, std::move(respond));
  } else if (path.starts_with(kApps)) {
    of_app(request, path.substr(kApps.size()), *token, std::move(respond));
  } else if (path == "status" || path == "apps") {
    if (request.method != "GET") {
      respond(method_not_allowed("GET"));
      return;
    }
    if (path == "status" && !token->app_id.empty()) {
      respond(error_reply(403, "forbidden", "a token of one application has no status of all"));
      return;
    }
    respond(path == "status" ? json_reply(200, sources_.status_json()) : apps(*token));
  } else {
    respond(error_reply(404, "not_found", "there is no " + std::string(request.path)));
  }
}

http::Reply Api::apps(const registry::Token& token) const {
  json::Writer out;
  out.begin_array();
  for (const registry::App& app : sources_.registry.snapshot()->apps()) {
    if (token.app_id.empty() || token.app_id == app.id) {
      out.begin_object().key("app_id").string(app.id);
      out.key("name").string(app.settings.name);
      out.key("time_zone").string(app.settings.time_zone).end_object();
    }
  }
  out.end_array();
  return json_reply(200, std::move(out).text() + "\n");
}

void Api::sql(const http::Request& request, const registry::Token& token, http::Responder respond) {
  if (!token.app_id.empty()) {
    respond(error_reply(403, "forbidden",
                        "a token of one application may not run SQL, which sees all of them"));
    return;
  }
  const base::Result<SqlRequest> asked = read_sql_request(request);
  if (!asked) {
    respond(error_reply(asked.error()));
    return;
  }
  post(std::move(respond), [this, query = *asked] { return run_sql(query); });
}

void Api::receipt(std::string_view name, const registry::Token& token, http::Responder respond) {
  event::Position position = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), position);
  if (end != name.data() + name.size() || name.empty() || error == std::errc::invalid_argument) {
    respond(error_reply(400, "invalid",
                        "\"" + std::string(name) + "\" is not a position, a whole number"));
    return;
  }
  if (error == std::errc::result_out_of_range) {
    respond(error_reply(404, "not_found", "no request was given position " + std::string(name)));
    return;
  }
  post(std::move(respond), [this, position, app_id = token.app_id] {
    base::Result<std::string> json = sources_.receipt_json(position, app_id);
    return json ? json_reply(200, *std::move(json) + "\n") : error_reply(json.error());
  });
}

/// GET apps/{id}/kpis/…, apps/{id}/events/… and apps/{id}/report.
void Api::of_app(const http::Request& request, std::string_view path, const registry::Token& token,
                 http::Responder respond) {
  const std::size_t slash = std::min(path.find('/'), path.size());
  const std::string id = codec::decode_percent(path.substr(0, slash), false);
  path.remove_prefix(slash);
  const bool report = path == "/report";
  if (!report && !path.starts_with("/kpis/") && !path.starts_with("/events/")) {
    respond(error_reply(404, "not_found", "there is no " + std::string(request.path)));
    return;
  }
  if (request.method != "GET") {
    respond(method_not_allowed("GET"));
    return;
  }
  const std::shared_ptr<const registry::Snapshot> snapshot = sources_.registry.snapshot();
  const registry::App* app = snapshot->app(id);
  if (app == nullptr) {
    respond(error_reply(404, "not_found", "there is no application " + json::quote_short(id)));
    return;
  }
  if (!token.app_id.empty() && token.app_id != app->id) {
    respond(error_reply(403, "forbidden", "the token is of another application"));
    return;
  }
  kpi::Parameters parameters = codec::parse_query(request.query);
  const base::Result<KpiWork> work =
      report ? sources_.kpis.report(*app, std::move(parameters))
             : sources_.kpis.question(*app, {id, path}, std::move(parameters));
  if (!work) {
    respond(error_reply(work.error()));
    return;
  }
  post(std::move(respond), [work = *work] {
    base::Result<http::Reply> reply = work();
    return reply ? *std::move(reply) : error_reply(reply.error());
  });
}

/// Answers with what `work` gives, on a thread that may wait.
void Api::post(http::Responder respond, std::function<http::Reply()> work) {
  http::Reply busy = error_reply(503, "unavailable", "too many queries are waiting");
  busy.add("Retry-After", "1");
  answer_later(sources_.pool, std::move(respond), std::move(work), std::move(busy));
}

http::Reply Api::run_sql(const SqlRequest& asked) {
  if (asked.not_before != 0 && !sources_.wait_visible(asked.not_before, options_.deadline)) {
    return error_reply(503, "unavailable",
                       "position " + std::to_string(asked.not_before) + " is not loaded yet");
  }
  store::QueryLimits limits;
  limits.deadline = options_.deadline;
  limits.text_bytes_max = kAnswerBytesMax;
  base::Result<store::QueryResult> result = sources_.store.query(asked.sql, asked.format, limits);
  if (!result) {
    return error_reply(result.error());
  }
  if (asked.format == store::ResultFormat::kJson) {
    return json_reply(200, std::move(result->text));
  }
  http::Reply reply;
  reply.add("Content-Type", "text/csv; charset=utf-8");
  reply.body = std::move(result->text);
  return reply;
}

}  // namespace

std::unique_ptr<http::Handler> make_api(Sources sources, const Options& options) {
  return std::make_unique<Api>(std::move(sources), options);
}

}  // namespace query
