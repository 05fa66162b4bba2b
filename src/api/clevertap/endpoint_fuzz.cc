// Any upload: "processed" and "unprocessed" of the answer are the rows and rejections that the
// loader makes of the record, and a request that is refused is one rejection.

#include "api/clevertap/decode.h"
#include "api/clevertap/endpoint.h"
#include "api/clevertap/reply.h"
#include "api/fuzz_world.h"
#include "json/value.h"

namespace {

registry::CredentialInput credentials(const std::string& app_id) {
  registry::CredentialInput input;
  input.clevertap_account_id = "ACCOUNT-" + app_id;
  input.clevertap_passcode = "passcode";
  return input;
}

void check_accepted(const api::FuzzOutcome& outcome) {
  CHECK(outcome.reply.status == 200);
  const event::Decoded decoded = api::decode_twice(outcome.record, api::clevertap::decode);
  CHECK(outcome.units() == api::units_of(decoded) && outcome.units() > 0);
  CHECK(api::clevertap::upload_answer(decoded.events.size() + decoded.profiles.size(),
                                      decoded.rejections) == outcome.reply.body);
  const auto answer = json::Document::parse(outcome.reply.body, {.depth_max = 1024});
  CHECK(answer.has_value());
  CHECK(json::to_text(answer->root()["processed"]) ==
        std::to_string(decoded.events.size() + decoded.profiles.size()));
  CHECK(answer->root()["unprocessed"].size() == decoded.rejections.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static api::FuzzWorld world(event::Api::kClevertap, credentials,
                              [](api::Edge& edge) { return api::clevertap::make_endpoint(edge); });
  api::FuzzRequest fuzz(std::string_view(reinterpret_cast<const char*>(data), size));
  fuzz.set_header("X-CleverTap-Account-Id", "ACCOUNT-" + fuzz.limits);
  fuzz.set_header("X-CleverTap-Passcode", "passcode");
  const api::FuzzOutcome outcome = world.send(fuzz);
  if (outcome.accepted()) {
    check_accepted(outcome);
  } else if (outcome.records == 1) {
    CHECK(outcome.reply.status == 400);
    const event::Decoded decoded = api::decode_twice(outcome.record, api::clevertap::decode);
    CHECK(api::units_of(decoded) == 1 && decoded.rejections.size() == 1);
  }
  return 0;
}
