#include "api/mobile_analytics/glance.h"

#include "api/mobile_analytics/batch.h"
#include "api/mobile_analytics/client.h"
#include "api/mobile_analytics/exceptions.h"
#include "api/mobile_analytics/validation.h"
#include "base/time_text.h"
#include "json/skim.h"

#include <utility>

namespace api::mobile_analytics {
namespace {

/// A number of so many characters without an exponent is one for a double.
constexpr std::size_t kDigitsMax = 18;

/// What one event has of what it may have. Of members sent twice the last counts, which is for the
/// full reading to sort out.
struct Seen {
  std::string_view type;
  std::string_view timestamp;
  std::string_view version;
  bool session = false;
  bool attributes = false;
  bool metrics = false;
  std::size_t entries = 0;  ///< Of both.

  [[nodiscard]] bool good() const {
    return !type.empty() && !timestamp.empty() && entries <= kLetter.entries_max;
  }
};

bool take_text(json::Skimmer& text, std::string_view& out) {
  return out.empty() && text.take_string(out) && !out.empty();
}

bool take_time(json::Skimmer& text, std::string_view& out) {
  return take_text(text, out) && base::parse_iso8601(out).has_value();
}

bool take_session(json::Skimmer& text) {
  std::string_view id;
  std::string_view start;
  const auto take_value = [&](std::string_view key) {
    if (key == "id") {
      return take_text(text, id);
    }
    return key == "startTimestamp" ? take_time(text, start) : text.skip();
  };
  return text.take_members(take_value) && !id.empty() && !start.empty();
}

/// A text has no more characters than bytes.
bool take_attribute(json::Skimmer& text) {
  std::string_view value;
  return text.take_string(value) && value.size() <= kLetter.value_characters_max;
}

bool take_metric(json::Skimmer& text) {
  std::string_view value;
  return text.take_number(value) && value.size() <= kDigitsMax &&
         value.find_first_of("eE") == std::string_view::npos;
}

/// An object of values that `take_value` takes, in place of `seen`, which it must not be yet.
bool take_entries(json::Skimmer& text, bool (*take_value)(json::Skimmer&), bool& seen,
                  std::size_t& entries) {
  const bool first = !std::exchange(seen, true);
  return first && text.take_members([&](std::string_view key) {
    ++entries;
    return key.size() <= kKeyCharactersMax && take_value(text);
  });
}

bool take_member(json::Skimmer& text, std::string_view key, Seen& seen) {
  if (key == "eventType") {
    return take_text(text, seen.type);
  }
  if (key == "timestamp") {
    return take_time(text, seen.timestamp);
  }
  if (key == "version") {
    return take_text(text, seen.version) && seen.version == "v2.0";
  }
  if (key == "session") {
    const bool first = !std::exchange(seen.session, true);
    return first && take_session(text);
  }
  if (key == "attributes") {
    return take_entries(text, take_attribute, seen.attributes, seen.entries);
  }
  return key == "metrics" ? take_entries(text, take_metric, seen.metrics, seen.entries)
                          : text.skip();
}

bool take_event(json::Skimmer& text, Seen& seen) {
  return text.take_members([&](std::string_view key) { return take_member(text, key, seen); }) &&
         seen.good();
}

}  // namespace

std::optional<Glance> glance(const event::Record& record) {
  if (!record.header(kContentEncodingHeader).empty() || record.body.size() > kPayloadBytesMax) {
    return std::nullopt;
  }
  json::Skimmer text(record.body);
  std::string_view key;
  if (!text.take('{') || !text.take_key(key) || key != "events" || !text.take('[')) {
    return std::nullopt;
  }
  Glance out;
  do {
    Seen seen;
    if (!take_event(text, seen)) {
      return std::nullopt;
    }
    if (is_custom(seen.type)) {
      out.custom_types.insert(seen.type);
    }
    ++out.events;
  } while (text.take(','));
  const bool whole = text.take(']') && text.take('}') && text.at_end();
  return whole ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace api::mobile_analytics
