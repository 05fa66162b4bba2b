#include "api/segmentstream/glance.h"

#include "api/segmentstream/hit.h"
#include "base/time_text.h"
#include "json/skim.h"

#include <string_view>
#include <utility>

namespace api::segmentstream {
namespace {

/// Of members sent twice the last counts, which is for the full reading to sort out.
struct Seen {
  bool event = false;
  bool user = false;
  bool sent_at = false;
  std::string_view user_id;
  std::string_view anonymous_id;
};

using TakeValue = bool (*)(json::Skimmer& text, std::string_view key, Seen& seen);

bool take_members(json::Skimmer& text, TakeValue take_value, Seen& seen) {
  return text.take_members([&](std::string_view key) { return take_value(text, key, seen); });
}

bool take_id(json::Skimmer& text, std::string_view& id) {
  return id.empty() && text.take_string(id) && !id.empty();
}

bool take_user_value(json::Skimmer& text, std::string_view key, Seen& seen) {
  if (key == "userId") {
    return take_id(text, seen.user_id);
  }
  return key == "anonymousId" ? take_id(text, seen.anonymous_id) : text.skip();
}

bool take_event_value(json::Skimmer& text, std::string_view key, Seen& seen) {
  if (key != "user") {
    return text.skip();
  }
  const bool first = !std::exchange(seen.user, true);
  return first && take_members(text, take_user_value, seen);
}

bool take_root_value(json::Skimmer& text, std::string_view key, Seen& seen) {
  if (key == "event") {
    const bool first = !std::exchange(seen.event, true);
    return first && take_members(text, take_event_value, seen);
  }
  if (key == "sentAt") {
    std::string_view time;
    const bool first = !std::exchange(seen.sent_at, true);
    return first && text.take_string(time) && base::parse_iso8601(time).has_value();
  }
  return text.skip();
}

}  // namespace

bool is_plainly_good(const event::Record& record) {
  if (!record.header("content-encoding").empty() || record.body.size() > kBodyBytesMax) {
    return false;
  }
  json::Skimmer text(record.body);
  Seen seen;
  return take_members(text, take_root_value, seen) && text.at_end() &&
         !(seen.user_id.empty() && seen.anonymous_id.empty());
}

}  // namespace api::segmentstream
