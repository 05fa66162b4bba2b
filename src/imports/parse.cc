#include "imports/parse.h"

namespace imports {

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
