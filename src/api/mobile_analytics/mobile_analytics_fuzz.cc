// Any context and body against the decoder: no crash, every event of a batch accounted for, rows
// that are valid JSON, the same rows twice, and inspect() decides as decode() does.

#include "api/mobile_analytics/decode.h"
#include "json/value.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t split = std::min(text.find('\n'), text.size());
  constexpr std::array<std::string_view, 4> kModes = {"vendor", "lenient", "quarantine", "other"};
  event::Record record;
  record.api = event::Api::kMobileAnalytics;
  record.app_id = "app";
  record.user_agent = (data[0] & 4U) != 0 ? "aws-sdk-iOS/2.4.16 iOS/11.2.2" : "curl/8";
  record.headers = {{"x-amz-client-context", text.substr(0, split)}};
  if ((data[0] & 8U) != 0) {
    record.headers.push_back({"content-encoding", "gzip"});
  }
  record.notes = {{"limits", kModes.at(data[0] & 3U)}};
  record.body = text.substr(std::min(split + 1, text.size()));

  const api::mobile_analytics::Inspection seen = api::mobile_analytics::inspect(record);
  const event::Decoded decoded = api::mobile_analytics::decode(record);
  if (!seen.problem) {
    require(decoded.events.size() + decoded.rejections.size() == seen.events);
    require(record.note("limits") == "quarantine" || decoded.rejections.empty());
  } else if (seen.problem->code == api::mobile_analytics::kNothingSent) {
    require(decoded.events.empty() && decoded.rejections.empty());
  } else {
    require(!decoded.rejections.empty());
  }
  const event::Decoded again = api::mobile_analytics::decode(record);
  require(again.events.size() == decoded.events.size());
  for (std::size_t i = 0; i < decoded.events.size(); ++i) {
    const event::Event& row = decoded.events[i];
    require(again.events[i].event_id == row.event_id);
    for (const std::string* const json :
         {&row.properties, &row.attributes, &row.metrics, &row.context}) {
      require(json::Document::parse(*json).has_value());
    }
    require(row.limit_errors.empty() || json::Document::parse(row.limit_errors).has_value());
  }
  return 0;
}
