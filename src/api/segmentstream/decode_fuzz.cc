// Any bytes as a hit: nothing crashes, the verdict is what the loader makes, columns are JSON.

#include "api/segmentstream/decode.h"
#include "base/check.h"
#include "json/value.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

void check_json(const std::string& text) {
  if (!text.empty()) {
    CHECK(json::Document::parse(text, {.depth_max = 128}));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  event::Record record;
  record.api = event::Api::kSegmentstream;
  record.app_id = "shop";
  record.target = "/track";
  record.body = std::string_view(reinterpret_cast<const char*>(data), size);
  const event::Decoded decoded = api::segmentstream::decode(record);
  const bool is_accepted = !api::segmentstream::check(record);
  CHECK(decoded.events.size() == (is_accepted ? 1U : 0U));
  CHECK(decoded.rejections.size() == (is_accepted ? 0U : 1U));
  for (const event::Event& event : decoded.events) {
    CHECK(!event.event_id.empty() && event.event_timestamp && !event.person.identities.empty());
    check_json(event.properties);
    check_json(event.context);
    check_json(event.integrations);
    check_json(event.limit_errors);
    for (const event::Item& item : event.items) {
      check_json(item.properties);
    }
    for (const event::PropertyChange& change : event.person.properties) {
      check_json(change.value_json);
    }
  }
  return 0;
}
