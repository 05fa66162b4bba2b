#include "api/clevertap/glance.h"

#include "api/clevertap/event_record.h"
#include "api/clevertap/items.h"
#include "api/clevertap/limits.h"
#include "json/skim.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace api::clevertap {
namespace {

/// Holds fewer values than a document may.
constexpr std::size_t kBodyBytesMax = std::size_t{1} << 20U;
constexpr unsigned kDepthMax = 8;
constexpr std::int64_t kSecondsMax = 9'999'999'999;
constexpr std::size_t kObjectIdBytesMax = 64;

/// What one record has of what it may have. Of members sent twice the last counts, which is for the
/// full reading to sort out.
struct Seen {
  bool type = false;
  std::string_view name;
  bool data = false;
  bool time = false;
  std::size_t values = 0;  ///< In the data.
  std::string_view object_id;
  std::string_view identity;
  std::string_view fbid;
  std::string_view gpid;

  [[nodiscard]] bool good() const {
    return type && !name.empty() && data &&
           !(object_id.empty() && identity.empty() && fbid.empty() && gpid.empty());
  }
};

bool is_shown(char c) { return c > ' ' && c <= '~'; }

/// A text that is none of blanks, or a number.
bool take_identifier(json::Skimmer& text, std::string_view& out) {
  if (!out.empty()) {
    return false;
  }
  if (text.next() != '"') {
    std::int64_t number = 0;
    out = "number";
    return text.take_digits(number);
  }
  return text.take_string(out) && !out.empty() && is_shown(out.front());
}

/// Stricter than the full reading, which knows more signs.
bool take_object_id(json::Skimmer& text, std::string_view& out) {
  return out.empty() && text.take_string(out) && !out.empty() && out.size() <= kObjectIdBytesMax &&
         std::ranges::all_of(out, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-' || c == '_';
         });
}

bool take_name(json::Skimmer& text, std::string_view& name) {
  return name.empty() && text.take_string(name) && name.size() <= kKeyCharactersMax &&
         is_free_name(name);
}

bool take_time(json::Skimmer& text, bool& seen) {
  std::int64_t seconds = 0;
  const bool first = !std::exchange(seen, true);
  return first && text.take_digits(seconds) && seconds > 0 && seconds <= kSecondsMax;
}

bool take_value(json::Skimmer& text, unsigned depth, std::size_t& values);

/// Keys have no more characters than bytes.
bool take_members(json::Skimmer& text, unsigned depth, std::size_t& values) {
  return text.take_members([&](std::string_view key) {
    return key.size() <= kKeyCharactersMax && take_value(text, depth, values);
  });
}

bool take_elements(json::Skimmer& text, unsigned depth, std::size_t& values) {
  text.take('[');
  if (text.take(']')) {
    return true;
  }
  do {
    if (!take_value(text, depth, values)) {
      return false;
    }
  } while (text.take(','));
  return text.take(']');
}

/// Counts the value, and those in it, in `values`.
bool take_value(json::Skimmer& text, unsigned depth, std::size_t& values) {
  ++values;
  switch (text.next()) {
    case '"': {
      std::string_view value;
      return text.take_string(value) && value.size() <= kValueBytesMax;
    }
    case '{': return depth < kDepthMax && take_members(text, depth + 1, values);
    case '[': return depth < kDepthMax && take_elements(text, depth + 1, values);
    case 't':
    case 'f':
    case 'n': return text.skip();
    default: {
      // One that is too large for a number counts as a text.
      std::string_view number;
      return text.take_number(number) && number.size() <= kValueBytesMax;
    }
  }
}

/// However they are nested, there are no more properties, and no more items, than values.
bool take_data(json::Skimmer& text, Seen& seen) {
  const bool first = !std::exchange(seen.data, true);
  return first && take_members(text, 0, seen.values) && seen.values <= kPropertiesMax;
}

bool take_member(json::Skimmer& text, std::string_view key, Seen& seen) {
  if (key == "type") {
    std::string_view type;
    const bool first = !std::exchange(seen.type, true);
    return first && text.take_string(type) && type == "event";
  }
  if (key == "evtName") {
    return take_name(text, seen.name);
  }
  if (key == "evtData") {
    return take_data(text, seen);
  }
  if (key == "ts") {
    return take_time(text, seen.time);
  }
  if (key == "identity") {
    return take_identifier(text, seen.identity);
  }
  if (key == "FBID") {
    return take_identifier(text, seen.fbid);
  }
  if (key == "GPID") {
    return take_identifier(text, seen.gpid);
  }
  return key == "objectId" ? take_object_id(text, seen.object_id) : text.skip();
}

bool take_record(json::Skimmer& text, Seen& seen) {
  return text.take_members([&](std::string_view key) { return take_member(text, key, seen); }) &&
         seen.good();
}

}  // namespace

std::optional<std::vector<std::string>> glance(const event::Record& record) {
  if (!record.header("content-encoding").empty() || record.body.size() > kBodyBytesMax ||
      record.note("refused_event_types")) {
    return std::nullopt;
  }
  json::Skimmer text(record.body);
  std::string_view key;
  if (!text.take('{') || !text.take_key(key) || key != "d" || !text.take('[')) {
    return std::nullopt;
  }
  std::vector<std::string> names;
  std::size_t rows = 0;
  do {
    Seen seen;
    if (names.size() == kRecordsMax || !take_record(text, seen)) {
      return std::nullopt;
    }
    names.emplace_back(seen.name);
    rows += 1 + seen.values;
  } while (text.take(','));
  const bool whole = text.take(']') && text.take('}') && text.at_end() && rows <= kRowsMax;
  return whole ? std::optional(std::move(names)) : std::nullopt;
}

}  // namespace api::clevertap
