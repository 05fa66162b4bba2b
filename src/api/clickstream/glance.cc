#include "api/clickstream/glance.h"

#include "api/clickstream/batch.h"
#include "api/clickstream/measure.h"
#include "json/skim.h"

namespace api::clickstream {
namespace {

/// What one unit has of what it must have. Of members sent twice the last counts, which is for the
/// full reading to sort out.
struct Seen {
  std::string_view app_id;
  std::string_view event_type;
  std::string_view event_id;
  bool timestamp = false;

  [[nodiscard]] bool everything() const {
    return !app_id.empty() && !event_type.empty() && !event_id.empty() && timestamp;
  }
};

bool take_name(json::Skimmer& text, std::string_view& name) {
  return name.empty() && text.take_string(name) && !name.empty();
}

bool take_timestamp(json::Skimmer& text, bool& seen) {
  std::int64_t time_ms = 0;
  if (seen || !text.take_digits(time_ms) || !to_time_us(time_ms)) {
    return false;
  }
  seen = true;
  return true;
}

bool take_member(json::Skimmer& text, std::string_view key, Seen& seen) {
  if (key == "app_id") {
    return take_name(text, seen.app_id);
  }
  if (key == "event_type") {
    return take_name(text, seen.event_type);
  }
  if (key == "event_id") {
    return take_name(text, seen.event_id);
  }
  return key == "timestamp" ? take_timestamp(text, seen.timestamp) : text.skip();
}

bool take_unit(json::Skimmer& text, Seen& seen) {
  return text.take_members([&](std::string_view key) { return take_member(text, key, seen); }) &&
         seen.everything();
}

}  // namespace

std::optional<std::uint32_t> glance(
    const event::Record& record, std::string_view body,
    const std::function<bool(std::string_view app_id)>& is_registered) {
  json::Skimmer text(body);
  const bool array = text.take('[');
  std::string_view known_app;
  std::uint32_t units = 0;
  do {
    Seen seen;
    if (!take_unit(text, seen)) {
      return std::nullopt;
    }
    if (seen.app_id != known_app && !is_registered(seen.app_id)) {
      return std::nullopt;
    }
    known_app = seen.app_id;
    ++units;
  } while (array && text.take(','));
  if ((array && !text.take(']')) || !text.at_end()) {
    return std::nullopt;
  }
  // Every item is among what was skipped.
  const bool proportionate = !check_proportion(record, units, units + text.skipped());
  return proportionate ? std::optional(units) : std::nullopt;
}

}  // namespace api::clickstream
