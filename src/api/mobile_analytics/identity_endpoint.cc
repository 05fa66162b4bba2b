#include "api/mobile_analytics/identity_endpoint.h"

#include "api/mobile_analytics/reply.h"
#include "codec/hash.h"
#include "json/value.h"
#include "json/writer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace api::mobile_analytics {
namespace {

constexpr std::string_view kService = "AWSCognitoIdentityService.";
constexpr std::string_view kContentType = "application/x-amz-json-1.1";
constexpr std::size_t kBodyBytesMax = std::size_t{64} << 10U;
/// Clients ask again then: so another key reaches them.
constexpr std::chrono::hours kCredentialsLast{1};
/// An id ends in digits that only its pool has.
constexpr std::size_t kUuidDigits = 32;
constexpr std::size_t kOwnDigits = 17;

bool answers(const registry::App& app) {
  return app.settings.cognito_identities && !app.settings.cognito_identity_pool_id.empty();
}

/// "us-east-1" of "us-east-1:1234…".
std::string_view region_of(std::string_view pool) { return pool.substr(0, pool.find(':')); }

std::string dashed(std::string_view digits) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) {
      out += '-';
    }
    out += digits[i];
  }
  return out;
}

/// The identity of `pool` that `own`, 17 digits, names.
std::string identity_of(std::string_view pool, std::string_view own) {
  std::string text(pool);
  text.append("\n").append(own);
  std::string digits(own);
  digits += codec::to_hex(codec::hash128(text)).substr(0, kUuidDigits - kOwnDigits);
  return std::string(region_of(pool)) + ":" + dashed(digits);
}

bool is_of_pool(std::string_view identity, std::string_view pool) {
  std::string digits;
  const std::size_t colon = std::min(identity.find(':'), identity.size());
  for (const char c : identity.substr(colon)) {
    if (c != '-' && c != ':') {
      digits += c;
    }
  }
  return digits.size() == kUuidDigits &&
         identity == identity_of(pool, digits.substr(0, kOwnDigits));
}

/// The newest that a client can use as a temporary one.
const registry::Credential* key_of(const registry::App& app) {
  const registry::Credential* newest = nullptr;
  for (const registry::Credential& credential : app.credentials) {
    if (credential.kind == registry::CredentialKind::kMobileAnalytics &&
        !credential.session_token.empty()) {
      newest = &credential;
    }
  }
  return newest;
}

class IdentityEndpoint final : public http::Handler {
 public:
  IdentityEndpoint(const base::Clock& clock, base::Random& random, registry::Registry& registry,
                   http::Handler& others)
      : clock_(clock), random_(random), registry_(registry), others_(others) {}

  void handle(const http::Request& request, http::Responder respond) override {
    const bool may_be =
        request.path == "/" && (request.method == "POST" || request.method == "OPTIONS");
    if (!may_be) {
      others_.handle(request, std::move(respond));
      return;
    }
    const std::shared_ptr<const registry::Snapshot> snapshot = registry_.snapshot();
    const Asker asker{request, snapshot->all_origins()};
    if (!std::ranges::any_of(snapshot->apps(), answers)) {
      others_.handle(request, std::move(respond));
    } else if (request.method == "OPTIONS") {
      respond(preflight(asker));
    } else if (!request.header("x-amz-target").starts_with(kService)) {
      others_.handle(request, std::move(respond));
    } else {
      http::Reply reply = answer(asker, *snapshot);
      respond(std::move(reply));
    }
  }

 private:
  [[nodiscard]] http::Reply answer(const Asker& asker, const registry::Snapshot& snapshot) const {
    const http::Request& request = asker.request;
    if (request.trouble != http::Trouble::kNone) {
      return refused_trouble(asker);
    }
    if (request.body.size() > kBodyBytesMax) {
      return refused(asker, {413, "RequestEntityTooLarge", "The request could not be read."});
    }
    const base::Result<json::Document> document = json::Document::parse(request.body);
    if (!document || !document->root().is_object()) {
      return refused(asker, {400, "SerializationException", "The body must be a JSON object."});
    }
    const std::string_view operation = request.header("x-amz-target").substr(kService.size());
    if (operation == "GetId") {
      return get_id(asker, snapshot, json::to_text(document->root()["IdentityPoolId"]));
    }
    if (operation == "GetCredentialsForIdentity") {
      return get_credentials(asker, snapshot, json::to_text(document->root()["IdentityId"]));
    }
    return refused(asker, {400, "UnknownOperationException",
                           "Only GetId and GetCredentialsForIdentity are answered."});
  }

  http::Reply get_id(const Asker& asker, const registry::Snapshot& snapshot,
                     const std::string& pool) const {
    for (const registry::App& app : snapshot.apps()) {
      if (answers(app) && app.settings.cognito_identity_pool_id == pool) {
        std::string own = base::random_hex(random_, kUuidDigits / 2);
        own.resize(kOwnDigits);
        json::Writer out;
        out.begin_object().key("IdentityId").string(identity_of(pool, own)).end_object();
        return granted({asker.request, app.settings.cors_origins}, std::move(out).text());
      }
    }
    return refused(asker,
                   {400, "ResourceNotFoundException", "IdentityPool '" + pool + "' not found."});
  }

  [[nodiscard]] http::Reply get_credentials(const Asker& asker, const registry::Snapshot& snapshot,
                                            const std::string& identity) const {
    const auto app = std::ranges::find_if(snapshot.apps(), [&identity](const registry::App& one) {
      return answers(one) && is_of_pool(identity, one.settings.cognito_identity_pool_id);
    });
    if (app == snapshot.apps().end()) {
      return refused(asker,
                     {400, "ResourceNotFoundException", "Identity '" + identity + "' not found."});
    }
    const registry::Credential* key = key_of(*app);
    if (key == nullptr) {
      return refused(asker, {400, "InvalidIdentityPoolConfigurationException",
                             "The application has no AWS key with a session token."});
    }
    const base::Time until = clock_.now() + kCredentialsLast;
    json::Writer out;
    out.begin_object().key("IdentityId").string(identity).key("Credentials").begin_object();
    out.key("AccessKeyId").string(key->id).key("SecretKey").string(key->secret);
    out.key("SessionToken").string(key->session_token);
    out.key("Expiration").integer(base::to_ms(until) / 1000).end_object().end_object();
    return granted({asker.request, app->settings.cors_origins}, std::move(out).text());
  }

  static http::Reply granted(const Asker& asker, std::string body) {
    http::Reply reply = accepted(asker);
    reply.status = 200;
    for (auto& [name, value] : reply.headers) {
      if (name == "Content-Type") {
        value = kContentType;
      }
    }
    reply.add("Cache-Control", "no-store");
    reply.body = std::move(body);
    return reply;
  }

  const base::Clock& clock_;
  base::Random& random_;
  registry::Registry& registry_;
  http::Handler& others_;
};

}  // namespace

std::unique_ptr<http::Handler> make_identity_endpoint(const base::Clock& clock,
                                                      base::Random& random,
                                                      registry::Registry& registry,
                                                      http::Handler& others) {
  return std::make_unique<IdentityEndpoint>(clock, random, registry, others);
}

}  // namespace api::mobile_analytics
