// Any bytes as a request: nothing crashes, and what the edge counts is what the loader makes.

#include "api/clickstream/decode.h"
#include "base/check.h"
#include "json/value.h"

namespace {

void check_json(const std::string& text) {
  if (!text.empty()) {
    CHECK(json::Document::parse(text, {.depth_max = 128}));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t line_end = bytes.find('\n');
  event::Record record;
  record.app_id = "shop";
  record.target = "/collect?appId=shop";
  record.body = bytes;
  if (line_end != std::string_view::npos && line_end < 100) {
    record.target = bytes.substr(0, line_end);
    record.headers = {{"x-forwarded-for", record.target}};
    record.body = bytes.substr(line_end + 1);
  }
  const event::Decoded decoded = api::clickstream::decode(record);
  const api::clickstream::Review reviewed =
      api::clickstream::review(record, [](std::string_view) { return true; });
  CHECK(reviewed.units == decoded.events.size() + decoded.rejections.size());
  CHECK(reviewed.rejected == decoded.rejections.size());
  for (const event::Event& event : decoded.events) {
    CHECK(!event.event_id.empty() && !event.event_name.empty() && event.event_timestamp);
    check_json(event.properties);
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
