#include "api/mobile_analytics/signer.h"

#include <optional>
#include <string_view>
#include <utility>

namespace api::mobile_analytics {
namespace {

constexpr std::string_view kService = "mobileanalytics";

}  // namespace

std::variant<registry::Snapshot::AwsKey, sigv4::Denial> Signer::signer_of(
    const http::Request& request, const registry::Snapshot& snapshot) {
  const sigv4::Request signed_request{request.method, request.path, request.query, request.headers,
                                      request.body};
  sigv4::Verdict verdict =
      verifier_.verify(signed_request, {kService, {}, skew_max_}, clock_.now(),
                       [&snapshot](std::string_view access_key_id) -> std::optional<sigv4::Secret> {
                         const auto key = snapshot.aws_key(access_key_id);
                         return key ? std::optional<sigv4::Secret>(sigv4::Secret{
                                          key->credential->secret, key->credential->session_token})
                                    : std::nullopt;
                       });
  if (verdict.denial) {
    return *std::move(verdict.denial);
  }
  return *snapshot.aws_key(verdict.access_key_id);
}

}  // namespace api::mobile_analytics
