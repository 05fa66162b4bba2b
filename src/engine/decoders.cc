#include "engine/decoders.h"

#include "api/clevertap/decode.h"
#include "api/clickstream/decode.h"
#include "api/mobile_analytics/decode.h"
#include "api/segmentstream/decode.h"

namespace engine {

std::map<event::Api, loader::Decoder> all_decoders() {
  return {{event::Api::kClickstream, api::clickstream::decode},
          {event::Api::kClevertap, api::clevertap::decode},
          {event::Api::kMobileAnalytics, api::mobile_analytics::decode},
          {event::Api::kSegmentstream, api::segmentstream::decode}};
}

}  // namespace engine
