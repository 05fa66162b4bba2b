// Any body: what comes out is valid JSON in every JSON column, each record counts once, and the
// loader comes to what the edge came to.

#include "api/clevertap/decode.h"
#include "api/clevertap/test_record.h"
#include "base/check.h"
#include "json/value.h"

#include <cstddef>
#include <cstdint>

namespace {

bool is_clean_json(std::string_view text) {
  const base::Result<json::Document> document = json::Document::parse(text);
  return document && document->repairs() == 0;
}

void check_event(const event::Event& event) {
  CHECK(!event.event_name.empty());
  CHECK(event.event_timestamp.has_value());
  CHECK(!event.person.identities.empty());
  CHECK(is_clean_json(event.properties));
  CHECK(event.limit_errors.empty() || is_clean_json(event.limit_errors));
  for (const event::Item& item : event.items) {
    CHECK(is_clean_json(item.properties));
  }
}

void check_profile(const event::ProfileChange& profile) {
  CHECK(profile.booked);
  CHECK(!profile.identities.empty());
  for (const event::PropertyChange& property : profile.properties) {
    CHECK((property.op == event::PropertyOp::kDelete) == property.value_json.empty());
    CHECK(property.value_json.empty() || is_clean_json(property.value_json));
  }
}

void check_record(const event::Record& record) {
  using api::clevertap::decode;
  using api::clevertap::examine;
  const event::Decoded decoded = decode(record);
  const api::clevertap::Verdict verdict = examine(record);
  for (const event::Event& event : decoded.events) {
    check_event(event);
  }
  for (const event::ProfileChange& profile : decoded.profiles) {
    check_profile(profile);
  }
  if (verdict.refusal) {
    CHECK(decoded.events.empty() && decoded.profiles.empty() && decoded.rejections.size() == 1);
    return;
  }
  CHECK(verdict.decoded.events.size() == decoded.events.size());
  CHECK(verdict.decoded.rejections.size() == decoded.rejections.size());
  for (const event::Rejection& rejection : decoded.rejections) {
    CHECK(is_clean_json(rejection.record));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  event::Record record = api::clevertap::test_record(body);
  check_record(record);
  record.notes = {{"limits", "lenient"}, {"idempotency_key", "k"}};
  check_record(record);
  return 0;
}
