#include "api/mobile_analytics/kpi_endpoint.h"

#include "api/mobile_analytics/reply.h"
#include "api/mobile_analytics/signer.h"
#include "base/path_text.h"
#include "codec/text.h"
#include "json/lenient.h"
#include "query/reply.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace api::mobile_analytics {
namespace {

constexpr std::string_view kPrefix = "/2016-07-01/apps/";
constexpr std::string_view kAppParameter = "app-id";
constexpr std::string_view kBearer = "Bearer ";

/// What the target asks for.
struct Asked {
  std::optional<std::string> app_id;
  std::string_view path;  ///< Of the KPI, still percent-encoded.
  kpi::Parameters parameters;
};

bool is_of_signature(std::string_view name) {
  return http::equal_ignoring_case(name.substr(0, 6), "x-amz-");
}

Asked read_target(const http::Request& request) {
  Asked asked{{}, request.path, codec::parse_query(request.query)};
  std::erase_if(asked.parameters, [](const auto& pair) { return is_of_signature(pair.first); });
  if (asked.path.starts_with(kPrefix)) {
    asked.path.remove_prefix(kPrefix.size());
    const std::size_t slash = std::min(asked.path.find('/'), asked.path.size());
    asked.app_id = codec::decode_percent(asked.path.substr(0, slash), false);
    asked.path.remove_prefix(slash);
    return asked;
  }
  const auto named =
      std::ranges::find(asked.parameters, kAppParameter, &kpi::Parameters::value_type::first);
  if (named != asked.parameters.end()) {
    asked.app_id = std::move(named->second);
    asked.parameters.erase(named);  // a second one is then an unknown parameter
  }
  return asked;
}

/// Who asks. Lifetime: of the registry's snapshot.
struct Caller {
  const registry::App* app = nullptr;  ///< The only one it may ask about; nullptr: all.
  std::string_view name;
  bool may_read = true;
};

AwsError aws_error(const base::Error& error) {
  switch (error.code) {
    case base::Code::kInvalid:
    case base::Code::kTooLarge: return {400, "BadRequestException", error.message};
    case base::Code::kNotFound: return {404, "NotFoundException", error.message};
    case base::Code::kUnavailable:
      return {503, "ServiceUnavailableException", base::without_folders(error.message)};
    default: return {500, "InternalFailure", base::without_folders(error.message)};
  }
}

class KpiEndpoint final : public http::Handler {
 public:
  explicit KpiEndpoint(const KpiParts& parts)
      : parts_(parts), signer_(parts.clock, parts.clock_skew_max) {}

  void handle(const http::Request& request, http::Responder respond) override {
    const Asker asker{request, {}};
    if (request.trouble != http::Trouble::kNone) {
      respond(refused_trouble(asker));
      return;
    }
    if (request.method != "GET") {
      http::Reply reply =
          refused(asker, {405, "MethodNotAllowedException", "Only GET is allowed here."});
      reply.add("Allow", "GET");
      respond(std::move(reply));
      return;
    }
    const std::shared_ptr<const registry::Snapshot> snapshot = parts_.registry.snapshot();
    std::variant<query::KpiWork, AwsError> prepared = prepare(request, *snapshot);
    if (const auto* error = std::get_if<AwsError>(&prepared)) {
      respond(refused(asker, *error));
      return;
    }
    http::Reply busy =
        refused(asker, {503, "ServiceUnavailableException", "too many queries are waiting"});
    busy.add("Retry-After", "1");
    // Nothing of the request is read on the other thread but its id.
    query::answer_later(
        parts_.pool, std::move(respond),
        [id = std::string(request.request_id),
         work = std::get<query::KpiWork>(std::move(prepared))] {
          http::Request answered;
          answered.request_id = id;
          const Asker waiting{answered, {}};
          base::Result<http::Reply> reply = work();
          if (!reply) {
            return refused(waiting, aws_error(reply.error()));
          }
          add_request_id(waiting, *reply);
          return *std::move(reply);
        },
        std::move(busy));
  }

 private:
  std::variant<query::KpiWork, AwsError> prepare(const http::Request& request,
                                                 const registry::Snapshot& snapshot) {
    const std::variant<Caller, AwsError> caller = caller_of(request, snapshot);
    if (const auto* error = std::get_if<AwsError>(&caller)) {
      return *error;
    }
    Asked asked = read_target(request);
    if (!asked.app_id) {
      return AwsError{400, "BadRequestException",
                      "parameter \"app-id\" is missing: expected a Mobile Analytics app id"};
    }
    const registry::App* app = app_of(*asked.app_id, snapshot, std::get<Caller>(caller));
    if (app == nullptr) {
      return AwsError{404, "NotFoundException",
                      "there is no application " + json::quote_short(*asked.app_id)};
    }
    const Caller& who = std::get<Caller>(caller);
    if (who.app != nullptr && (who.app != app || !who.may_read)) {
      const auto kpi = kpi::find_kpi(codec::decode_percent(asked.path, false));
      return access_denied(*who.app, who.name,
                           kpi && kpi->financial() ? "GetFinancialReports" : "GetReports");
    }
    base::Result<query::KpiWork> work =
        parts_.kpis.question(*app, {*asked.app_id, asked.path}, std::move(asked.parameters));
    if (!work) {
      return aws_error(work.error());
    }
    return *std::move(work);
  }

  std::variant<Caller, AwsError> caller_of(const http::Request& request,
                                           const registry::Snapshot& snapshot) {
    const std::string_view authorization = request.header("authorization");
    if (authorization.starts_with(kBearer)) {
      const registry::Token* token = snapshot.token(authorization.substr(kBearer.size()));
      // The app of a token may have been deleted: it may then ask about none.
      const registry::App* app = token == nullptr ? nullptr : snapshot.app(token->app_id);
      if (token == nullptr || (app == nullptr && !token->app_id.empty())) {
        return AwsError{403, "UnrecognizedClientException",
                        "The security token included in the request is invalid."};
      }
      return Caller{app, token->id};
    }
    const auto signer = signer_.signer_of(request, snapshot);
    if (const auto* denial = std::get_if<sigv4::Denial>(&signer)) {
      return AwsError{403, sigv4::aws_error_type(denial->reason), denial->message};
    }
    const auto& key = std::get<registry::Snapshot::AwsKey>(signer);
    return Caller{key.app, key.credential->id, key.app->settings.keys_read_kpis};
  }

  /// An id may be both, of two applications: then the caller's own is meant, else the one that
  /// sends events under it.
  static const registry::App* app_of(std::string_view id, const registry::Snapshot& snapshot,
                                     const Caller& caller) {
    const registry::App* const sends = snapshot.app_by_mobile_analytics_id(id);
    const registry::App* const named = snapshot.app(id);
    if (named != nullptr && (sends == nullptr || named == caller.app)) {
      return named;
    }
    return sends;
  }

  const KpiParts parts_;
  Signer signer_;
};

}  // namespace

std::unique_ptr<http::Handler> make_kpi_endpoint(KpiParts parts) {
  return std::make_unique<KpiEndpoint>(parts);
}

}  // namespace api::mobile_analytics
