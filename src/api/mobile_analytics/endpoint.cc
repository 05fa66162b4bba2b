#include "api/mobile_analytics/endpoint.h"

#include "api/mobile_analytics/batch.h"
#include "api/mobile_analytics/client.h"
#include "api/mobile_analytics/decode.h"
#include "api/mobile_analytics/reply.h"
#include "api/mobile_analytics/signer.h"
#include "codec/text.h"
#include "json/writer.h"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace api::mobile_analytics {
namespace {

/// Headers that decoding or an operator needs.
constexpr std::array<std::string_view, 7> kKeptHeaders = {
    kContextHeader,         "x-amz-client-context-encoding",
    kContentEncodingHeader, "content-type",
    kAmzUserAgentHeader,    kClientSdkHeader,
    "x-amz-target",
};

/// Waits for the journal.
struct Waiting {
  http::Responder respond;
  http::Reply stored;
  Asker asker;
  std::shared_ptr<const registry::Snapshot> snapshot;  ///< What the asker views.
};

std::string to_json(const std::vector<std::string>& texts) {
  json::Writer writer;
  writer.begin_array();
  for (const std::string& text : texts) {
    writer.string(text);
  }
  writer.end_array();
  return std::move(writer).text();
}

/// Signed or not by it: a query with one of these opens doors, and is not kept.
bool has_credentials(std::string_view query) {
  return codec::query_value(query, "X-Amz-Signature") ||
         codec::query_value(query, "X-Amz-Security-Token");
}

event::Record make_record(const http::Request& request, const registry::App& app) {
  event::Record record = record_of(request, event::Api::kMobileAnalytics, app.id);
  if (has_credentials(request.query)) {
    record.target = request.path;
  }
  for (const std::string_view name : kKeptHeaders) {
    const std::string_view value = request.header(name);
    if (!value.empty()) {
      record.headers.push_back({name, value});
    }
  }
  if (app.settings.limits != registry::LimitMode::kVendor) {
    record.notes.push_back({kLimitsNote, app.settings.limits == registry::LimitMode::kLenient
                                             ? "lenient"
                                             : "quarantine"});
  }
  return record;
}

class Endpoint final : public http::Handler {
 public:
  Endpoint(Edge& edge, const Options& options)
      : edge_(edge), signer_(edge.clock, options.clock_skew_max) {}

  void handle(const http::Request& request, http::Responder respond) override {
    const std::shared_ptr<const registry::Snapshot> snapshot = edge_.registry.snapshot();
    const Asker anyone{request, snapshot->all_origins()};
    if (request.method == "OPTIONS") {
      respond(preflight(anyone));
      return;
    }
    if (request.method != "POST") {
      http::Reply reply = refused(
          anyone, {405, "MethodNotAllowedException", "Only POST and OPTIONS are allowed here."});
      reply.add("Allow", "POST, OPTIONS");
      respond(std::move(reply));
      return;
    }
    if (request.trouble != http::Trouble::kNone) {
      respond(refused_trouble(anyone));
      return;
    }
    if (request.body.size() > kPayloadBytesMax) {
      respond(refused_content(anyone, {kTooLarge, "The payload exceeds 1024 KB."}));
      return;
    }
    const auto signer = signer_.signer_of(request, *snapshot);
    if (const auto* denial = std::get_if<sigv4::Denial>(&signer)) {
      respond(refused(anyone, {403, sigv4::aws_error_type(denial->reason), denial->message}));
      return;
    }
    take(request, snapshot, std::get<registry::Snapshot::AwsKey>(signer), std::move(respond));
  }

 private:
  /// Whose request it is, is settled.
  void take(const http::Request& request, const std::shared_ptr<const registry::Snapshot>& snapshot,
            const registry::Snapshot::AwsKey& key, http::Responder respond) {
    const registry::App& app = *key.app;
    const Asker asker{request, app.settings.cors_origins};
    event::Record record = make_record(request, app);
    const Inspection seen = inspect(record);
    if (!seen.app_id.empty() && snapshot->app_by_mobile_analytics_id(seen.app_id) != &app) {
      respond(refused(asker, access_denied(app, key.credential->id, "PutEvents")));
      return;
    }
    record.notes.push_back({kClientNote, seen.published_client ? "published" : "other"});
    record.notes.push_back({kAccessKeyNote, key.credential->id});
    if (seen.problem) {
      refuse(asker, std::move(record), *seen.problem, std::move(respond));
      return;
    }
    if (seen.events == 0) {
      respond(accepted(asker));
      return;
    }
    const std::vector<std::string> types_over = count_types(app.id, seen.custom_types);
    const std::string types_over_json = to_json(types_over);
    if (!types_over.empty()) {
      record.notes.push_back({kTypesOverNote, types_over_json});
    }
    const std::string units = std::to_string(seen.events);
    record.notes.push_back({"units", units});
    const auto waiting =
        std::make_shared<Waiting>(Waiting{std::move(respond), accepted(asker), asker, snapshot});
    edge_.intake.append(record, [waiting](const base::Result<event::Position>& position) {
      if (!position) {
        waiting->respond(push_back(waiting->asker));
        return;
      }
      add_position(*position, waiting->stored);
      waiting->respond(std::move(waiting->stored));
    });
  }

  /// The types that come after the 1,500th of this app.
  std::vector<std::string> count_types(std::string_view app_id,
                                       const std::vector<std::string>& types) {
    std::vector<std::string> over;
    for (const std::string& type : types) {
      if (!edge_.names.admit(app_id, event::Api::kMobileAnalytics, type, kCustomTypesMax)) {
        over.push_back(type);
      }
    }
    return over;
  }

  /// Refused for what it holds: kept whole, so that an operator can still get it back. What is too
  /// large, or holds nothing, is not.
  void refuse(const Asker& asker, event::Record record, const Problem& problem,
              http::Responder respond) {
    http::Reply reply = refused_content(asker, problem);
    if (problem.code == kTooLarge || problem.code == kNothingSent) {
      respond(std::move(reply));
      return;
    }
    const auto waiting =
        std::make_shared<Waiting>(Waiting{std::move(respond), std::move(reply), asker, nullptr});
    keep_refused(edge_, std::move(record), problem.code, problem.reason,
                 [waiting] { waiting->respond(std::move(waiting->stored)); });
  }

  Edge& edge_;
  Signer signer_;
};

}  // namespace

std::unique_ptr<http::Handler> make_endpoint(Edge& edge, Options options) {
  return std::make_unique<Endpoint>(edge, options);
}

}  // namespace api::mobile_analytics
