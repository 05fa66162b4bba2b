#include "imports/parse.h"

#include <utility>

namespace imports {

std::optional<json::Document> read_object(std::string_view line, Parsed& out) {
  auto document = json::Document::parse(line);
  if (!document || !document->root().is_object()) {
    out.refuse(document ? "it is no JSON object" : "it is no JSON: " + document.error().message);
    return std::nullopt;
  }
  return std::move(*document);
}

std::unique_ptr<Parser> make_parser(const Reading& reading) {
  switch (api_of(reading.format)) {
    case event::Api::kMobileAnalytics: return make_mobile_analytics_parser(reading);
    case event::Api::kClickstream: return make_clickstream_parser(reading);
    case event::Api::kClevertap: return make_clevertap_parser(reading);
    case event::Api::kSegmentstream: return make_segmentstream_parser(reading);
  }
  return nullptr;
}

}  // namespace imports
