// Any hit, sent to /track or, by the SDK, to /collect: 204 is one event for the loader, 400 is one
// rejection.

#include "api/fuzz_world.h"
#include "api/segmentstream/decode.h"
#include "api/segmentstream/endpoint.h"
#include "codec/text.h"

namespace {

registry::CredentialInput credentials(const std::string& app_id) {
  registry::CredentialInput input;
  input.api_token = "token-" + app_id;
  input.segmentstream_project_id = "project-" + app_id;
  return input;
}

/// As the endpoint of Clickstream lets it: a POST to /collect without an appId.
class Collect final : public http::Handler {
 public:
  explicit Collect(api::Edge& edge) : edge_(edge) {}
  void handle(const http::Request& request, http::Responder respond) override {
    if (!api::segmentstream::take_collect(edge_, request, respond)) {
      http::Reply reply;
      reply.status = 403;
      respond(std::move(reply));
    }
  }

 private:
  api::Edge& edge_;
};

void check(const api::FuzzOutcome& outcome) {
  if (outcome.records == 0) {
    CHECK(outcome.reply.status >= 400);
    return;
  }
  const event::Decoded decoded = api::decode_twice(outcome.record, api::segmentstream::decode);
  CHECK(outcome.units() == 1 && api::units_of(decoded) == 1);
  CHECK(outcome.reply.status == (outcome.accepted() ? 204 : 400));
  CHECK(decoded.events.size() == (outcome.accepted() ? 1U : 0U));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static api::FuzzWorld track(event::Api::kSegmentstream, credentials, [](api::Edge& edge) {
    return api::segmentstream::make_endpoint(edge);
  });
  static api::FuzzWorld collect(event::Api::kSegmentstream, credentials,
                                [](api::Edge& edge) { return std::make_unique<Collect>(edge); });
  api::FuzzRequest fuzz(std::string_view(reinterpret_cast<const char*>(data), size));
  fuzz.set_header("Authorization", "Basic " + codec::encode_base64("token-" + fuzz.limits + ":"));
  check(track.send(fuzz));
  check(collect.send(fuzz));
  return 0;
}
