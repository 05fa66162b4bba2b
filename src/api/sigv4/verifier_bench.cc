// What verifying a signed request costs, by the size of its body: the body's hash, the canonical
// form, and the chain of keys, which is kept for the day. The lookup in the registry is not in it.

#include "api/sigv4/canonical.h"
#include "api/sigv4/verifier.h"
#include "base/time_text.h"
#include "codec/hash.h"
#include "codec/text.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace api::sigv4 {
namespace {

constexpr std::string_view kTime = "20180201T100000Z";
constexpr std::string_view kContext =
    R"({"client":{"client_id":"0d6b6c4e-9a58-4ab5-8c1d-0b8d1f5b7a11","app_title":"My App",)"
    R"("app_version_name":"V2.0","app_version_code":"3","app_package_name":"com.example.my_app"},)"
    R"("custom":{},"env":{"platform":"ANDROID","model":"Nexus","make":"Samsung",)"
    R"("platform_version":"4.0.4","locale":"en_US"},)"
    R"("services":{"mobile_analytics":{"app_id":"ma-1"}}})";

/// The headers of a published client, and what it signs.
std::vector<std::pair<std::string_view, std::string_view>> headers() {
  return {{"Host", "mobileanalytics.us-east-1.amazonaws.com"},
          {"Content-Type", "application/x-amz-json-1.1"},
          {"User-Agent", "aws-sdk-android/2.7.7 Linux/3.10 Dalvik/2.1.0 en_US"},
          {"X-Amz-Date", kTime},
          {"x-amz-client-context", kContext}};
}

void verify(benchmark::State& state) {
  const std::string body(static_cast<std::size_t>(state.range(0)), 'x');
  const Scope scope{"20180201", "us-east-1", "mobileanalytics"};
  auto fields = headers();
  const std::vector<std::string> names = {"content-type", "host", "x-amz-client-context",
                                          "x-amz-date"};
  const auto canonical = canonical_request({"POST", "/2014-06-05/events", "", fields, body}, names,
                                           codec::to_hex(codec::sha256(body)));
  const std::string authorization =
      "AWS4-HMAC-SHA256 Credential=AK/" + to_text(scope) +
      ", SignedHeaders=content-type;host;x-amz-client-context;x-amz-date, Signature=" +
      signature(signing_key("s3cret", scope), string_to_sign(kTime, scope, *canonical));
  fields.emplace_back("Authorization", authorization);
  const Request request{"POST", "/2014-06-05/events", "", fields, body};
  const base::Time now = *base::parse_iso8601("2018-02-01T10:00:00Z");
  Verifier verifier;
  for (auto _ : state) {
    const Verdict verdict = verifier.verify(
        request, {.service = "mobileanalytics", .region = ""}, now,
        [](std::string_view) { return std::optional<Secret>(Secret{"s3cret", ""}); });
    if (!verdict.accepted()) {
      state.SkipWithError("the signature is refused");
      return;
    }
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(verify)->ArgName("body_bytes")->Arg(300)->Arg(3'000)->Arg(30'000);

}  // namespace
}  // namespace api::sigv4
