// Any context and batch, signed as its owner would: 202 means that the loader makes rows of every
// event (or, where the application wants that, puts single ones aside), 400 that it makes
// rejections.

#include "api/fuzz_world.h"
#include "api/mobile_analytics/decode.h"
#include "api/mobile_analytics/endpoint.h"
#include "api/sigv4/canonical.h"
#include "api/sigv4/presented.h"
#include "codec/hash.h"
#include "codec/text.h"

namespace {

using api::mobile_analytics::decode;

registry::CredentialInput credentials(const std::string& app_id) {
  registry::CredentialInput input;
  input.mobile_analytics_app_id = "ma-" + app_id;
  input.aws_access_key_id = "AK" + app_id;
  input.aws_secret_access_key = "secret";
  return input;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

/// Every header is signed. Without effect where a request cannot be signed.
void sign(api::FuzzRequest& fuzz, base::Time now) {
  api::TestRequest& request = fuzz.request;
  const std::string time = api::sigv4::iso_basic(now);
  std::erase_if(request.headers,
                [](const auto& header) { return lower(header.first) == "authorization"; });
  request.target.resize(std::min(request.target.find('?'), request.target.size()));
  fuzz.set_header("Host", "localhost");
  fuzz.set_header("X-Amz-Date", time);
  std::set<std::string> names;
  for (const auto& [name, value] : request.headers) {
    names.insert(lower(name));
  }
  std::string list;
  for (const std::string& name : names) {
    list.append(list.empty() ? "" : ";").append(name);
  }
  const api::sigv4::Scope scope{time.substr(0, 8), "us-east-1", "mobileanalytics"};
  const std::vector<std::pair<std::string_view, std::string_view>> views(request.headers.begin(),
                                                                         request.headers.end());
  const auto canonical =
      api::sigv4::canonical_request({request.method, request.target, "", views, request.body},
                                    std::vector<std::string>(names.begin(), names.end()),
                                    codec::to_hex(codec::sha256(request.body)));
  CHECK(canonical.has_value());
  const std::string signature =
      api::sigv4::signature(api::sigv4::signing_key("secret", scope),
                            api::sigv4::string_to_sign(time, scope, *canonical));
  request.headers.emplace_back("Authorization", "AWS4-HMAC-SHA256 Credential=AK" + fuzz.limits +
                                                    "/" + api::sigv4::to_text(scope) +
                                                    ", SignedHeaders=" + list +
                                                    ", Signature=" + signature);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static api::FuzzWorld world(event::Api::kMobileAnalytics, credentials, [](api::Edge& edge) {
    return api::mobile_analytics::make_endpoint(edge);
  });
  api::FuzzRequest fuzz(std::string_view(reinterpret_cast<const char*>(data), size));
  sign(fuzz, world.now());
  const api::FuzzOutcome outcome = world.send(fuzz);
  if (outcome.records == 0) {
    return 0;
  }
  const event::Decoded decoded = api::decode_twice(outcome.record, decode);
  CHECK(outcome.reply.status == (outcome.accepted() ? 202 : 400));
  if (outcome.accepted()) {
    CHECK(outcome.units() == api::units_of(decoded));
    CHECK(decoded.rejections.empty() || fuzz.limits == "quarantine");
  } else {
    CHECK(decoded.events.empty() && decoded.rejections.size() == 1);
  }
  return 0;
}
