#include "api/mobile_analytics/validation.h"

#include "base/time_text.h"

#include <algorithm>

namespace api::mobile_analytics {
namespace {

constexpr std::size_t kShownCharactersMax = 60;

using Refusal = std::optional<std::string>;

/// `name` as a member below `parent`, cut to a length that can be shown.
std::string member(std::string_view parent, std::string_view name) {
  std::string out = std::string(parent) + ".";
  std::size_t end = name.size();
  std::size_t shown = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool starts_character = (static_cast<unsigned char>(name[i]) & 0xC0U) != 0x80U;
    if (starts_character && shown++ == kShownCharactersMax) {
      end = i;
      break;
    }
  }
  out += name.substr(0, end);
  return end < name.size() ? out + "..." : out;
}

class Checker {
 public:
  Checker(const Validation& validation, event::Marks& marks)
      : validation_(validation), marks_(marks) {}

  Refusal check(json::Value event) {
    if (!event.is_object()) {
      return "must be an object";
    }
    for (const auto step :
         {&Checker::check_type, &Checker::check_time, &Checker::check_session,
          &Checker::check_attributes, &Checker::check_metrics, &Checker::check_entries}) {
      if (Refusal refusal = (this->*step)(event)) {
        return refusal;
      }
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool is_absent(json::Value value) const {
    return !value || (value.is_null() && !validation_.rules.null_is_a_value);
  }

  Refusal check_type(json::Value event) {
    const json::Value type = event["eventType"];
    if (!type) {
      return "eventType is required";
    }
    return type.string().value_or("").empty()
               ? Refusal("eventType must be a string that is not empty")
               : std::nullopt;
  }

  Refusal check_time(json::Value event) {
    const json::Value timestamp = event["timestamp"];
    if (!timestamp) {
      return "timestamp is required";
    }
    if (!base::parse_iso8601(timestamp.string().value_or(""))) {
      return "timestamp must be a string in ISO 8601 format";
    }
    const json::Value version = event["version"];
    return !is_absent(version) && version.string() != "v2.0" ? Refusal("version must be v2.0")
                                                             : std::nullopt;
  }

  Refusal check_session(json::Value event) {
    const json::Value session = event["session"];
    if (is_absent(session)) {
      return std::nullopt;
    }
    if (!session.is_object()) {
      return "session must be an object";
    }
    if (!validation_.rules.session_is_complete) {
      return std::nullopt;
    }
    if (session["id"].string().value_or("").empty()) {
      return session["id"] ? "session.id must be a string that is not empty"
                           : "session.id is required";
    }
    if (!base::parse_iso8601(session["startTimestamp"].string().value_or(""))) {
      return session["startTimestamp"]
                 ? "session.startTimestamp must be a string in ISO 8601 format"
                 : "session.startTimestamp is required";
    }
    return std::nullopt;
  }

  Refusal check_attributes(json::Value event) {
    const json::Value attributes = event["attributes"];
    if (is_absent(attributes)) {
      return std::nullopt;
    }
    if (!attributes.is_object()) {
      return "attributes must be an object";
    }
    for (const auto [key, value] : attributes.members()) {
      if (!value.is_string()) {
        return member("attributes", key) + " must be a string";
      }
      if (key.size() <= kKeyCharactersMax &&
          value.string()->size() <= kLetter.value_characters_max) {
        continue;  // a text has no more characters than bytes
      }
      Refusal refusal = check_key("attributes", key);
      if (!refusal) {
        refusal =
            check_limit(member("attributes", key) + " has a value of", "characters",
                        characters(*value.string()),
                        {kLetter.value_characters_max, validation_.rules.value_characters_max});
      }
      if (refusal) {
        return refusal;
      }
    }
    return std::nullopt;
  }

  Refusal check_metrics(json::Value event) {
    const json::Value metrics = event["metrics"];
    if (is_absent(metrics)) {
      return std::nullopt;
    }
    if (!metrics.is_object()) {
      return "metrics must be an object";
    }
    for (const auto [key, value] : metrics.members()) {
      if (!value.is_number()) {
        return member("metrics", key) + " must be a number";
      }
      if (Refusal refusal = check_key("metrics", key)) {
        return refusal;
      }
    }
    return std::nullopt;
  }

  /// The guide counts "per custom event"; a purchase carries seven entries of its own.
  Refusal check_entries(json::Value event) {
    if (!is_custom(event["eventType"].string().value_or(""))) {
      return std::nullopt;
    }
    const std::size_t attributes = event["attributes"].size();
    const std::size_t metrics = event["metrics"].size();
    const Rules& rules = validation_.rules;
    Refusal refusal = check_limit("attributes and metrics are", "together", attributes + metrics,
                                  {kLetter.entries_max, rules.entries_max});
    if (!refusal && validation_.on_limit == LimitAction::kRefuse &&
        std::max(attributes, metrics) > rules.entries_of_a_kind_max) {
      refusal = std::string(attributes > metrics ? "attributes" : "metrics") + " has " +
                std::to_string(std::max(attributes, metrics)) + " entries, the limit is " +
                std::to_string(rules.entries_of_a_kind_max);
    }
    return refusal;
  }

  Refusal check_key(std::string_view parent, std::string_view key) {
    if (key.size() <= kKeyCharactersMax) {
      return std::nullopt;
    }
    return check_limit(member(parent, key) + " has a key of", "characters", characters(key),
                       {kKeyCharactersMax, kKeyCharactersMax});
  }

  struct Limits {
    std::size_t letter;
    std::size_t refused;
  };
  Refusal check_limit(const std::string& what, std::string_view unit, std::size_t count,
                      const Limits& limits) {
    if (count <= limits.letter) {
      return std::nullopt;
    }
    const bool refuse = count > limits.refused && validation_.on_limit == LimitAction::kRefuse;
    std::string text = what + " " + std::to_string(count) + " " + std::string(unit) +
                       ", the limit is " + std::to_string(refuse ? limits.refused : limits.letter);
    if (refuse) {
      return text;
    }
    marks_.add(std::move(text));
    return std::nullopt;
  }

  const Validation& validation_;
  event::Marks& marks_;
};

}  // namespace

std::optional<std::string> check_event(json::Value event, const Validation& validation,
                                       event::Marks& marks) {
  return Checker(validation, marks).check(event);
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

bool is_custom(std::string_view event_type) { return !event_type.starts_with('_'); }

}  // namespace api::mobile_analytics
