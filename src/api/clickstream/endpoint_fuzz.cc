// Any request to /collect: what the answer says of the events is what the loader makes of the
// record, however they are packed and whatever application they name.

#include "api/clickstream/decode.h"
#include "api/clickstream/endpoint.h"
#include "api/fuzz_world.h"

namespace {

/// "2 of 3 events will not be stored; ..." must be what happens.
void check_announced(const std::string& header, const event::Decoded& decoded) {
  CHECK(header == "(none)" ||
        header.starts_with(std::to_string(decoded.rejections.size()) + " of " +
                           std::to_string(api::units_of(decoded)) + " events"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static api::FuzzWorld world(
      event::Api::kClickstream, [](const std::string&) { return registry::CredentialInput(); },
      [](api::Edge& edge) { return api::clickstream::make_endpoint(edge); });
  api::FuzzRequest fuzz(std::string_view(reinterpret_cast<const char*>(data), size));
  fuzz.request.target.append(fuzz.request.target.find('?') == std::string::npos ? "?" : "&")
      .append("appId=")
      .append(fuzz.limits);
  const api::FuzzOutcome outcome = world.send(fuzz);
  if (outcome.records == 0) {
    CHECK(outcome.reply.status != 200 || fuzz.request.body.empty());
    return 0;
  }
  CHECK(outcome.accepted() && outcome.reply.status == 200);
  const event::Decoded decoded = api::decode_twice(outcome.record, api::clickstream::decode);
  CHECK(outcome.units() == api::units_of(decoded));
  const std::string announced = api::header_of(outcome.reply, "X-Catchment-Error");
  // What the application wishes to have put aside is not the client's business.
  if (fuzz.limits != "quarantine") {
    CHECK((announced == "(none)") == decoded.rejections.empty());
    check_announced(announced, decoded);
  }
  for (const event::Event& event : decoded.events) {
    CHECK(event.app_id.empty() || event.app_id == "vendor" || event.app_id == "lenient" ||
          event.app_id == "quarantine" || event.app_id == "shop");
  }
  return 0;
}
