#include "api/clevertap/envelope.h"

#include "base/text.h"
#include "json/lenient.h"

#include <algorithm>
#include <array>
#include <utility>

namespace api::clevertap {
namespace {

// Later values are milliseconds sent where seconds belong.
constexpr std::int64_t kSecondsMax = 9'999'999'999;
constexpr std::size_t kObjectIdBytesMax = 64;

struct Identifier {
  std::string_view key;   ///< In the record.
  std::string_view kind;  ///< event::Identity::kind.
};

// With several in one record, the first is who did it and the rest are the same person.
constexpr std::array<Identifier, 4> kIdentifiers = {{
    {"objectId", "objectid"},
    {"identity", "identity"},
    {"FBID", "fbid"},
    {"GPID", "gpid"},
}};

/// What the SDKs allow for an id of one's own, and "~", with which ids of Windows devices start.
bool is_object_id(std::string_view id) {
  static constexpr std::string_view kSigns = "=|<>;+.()!:$@_-~";
  return id.size() <= kObjectIdBytesMax && std::ranges::all_of(id, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  kSigns.find(c) != std::string_view::npos;
         });
}

std::optional<Problem> read_kind(json::Value record, Kind& kind) {
  const std::optional<std::string_view> type = record["type"].string();
  if (type == "event") {
    kind = Kind::kEvent;
  } else if (type == "profile") {
    kind = Kind::kProfile;
  } else if (type == "token") {
    kind = Kind::kToken;
  } else {
    return Problem{kBadType, "Type should be event, profile or token. "};
  }
  return std::nullopt;
}

std::optional<Problem> read_identities(json::Value record, Envelope& envelope) {
  for (const Identifier& identifier : kIdentifiers) {
    if (std::optional<std::string> value = read_identifier(record[identifier.key])) {
      envelope.identities.push_back({std::string(identifier.kind), *std::move(value)});
    }
  }
  const bool has_object_id =
      !envelope.identities.empty() && envelope.identities.front().kind == "objectid";
  if (envelope.kind == Kind::kToken) {
    // Only objectId names a device.
    if (!has_object_id || !is_object_id(envelope.identities.front().value)) {
      return token_problem(kTokenBadObjectId, "objectId is not valid");
    }
    return std::nullopt;
  }
  if (envelope.identities.empty()) {
    return Problem{kNoIdentity, "One of identity, FBID, GPID or objectId is mandatory. "};
  }
  if (has_object_id && !is_object_id(envelope.identities.front().value)) {
    return Problem{kBadObjectId, "objectId is not valid. "};
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> read_identifier(json::Value value) {
  if (!value.is_string() && !value.is_number()) {
    return std::nullopt;
  }
  // 34322425.0 is the same customer number as 34322425.
  const std::optional<std::int64_t> whole = value.integer();
  std::string text = whole ? std::to_string(*whole)
                           : std::string(base::trim(json::to_text(value), base::kWhiteSpace));
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

std::optional<std::int64_t> read_epoch_seconds(json::Value value) {
  const std::optional<std::int64_t> seconds = json::read_integer(value);
  return seconds && *seconds > 0 && *seconds <= kSecondsMax ? seconds : std::nullopt;
}

std::optional<Problem> read_envelope(json::Value record, const RequestFacts& facts,
                                     Envelope& envelope) {
  if (!record.is_object()) {
    return event_problem(kBadStructure, "A record must be an object");
  }
  if (std::optional<Problem> problem = read_kind(record, envelope.kind)) {
    return problem;
  }
  if (std::optional<Problem> problem = read_identities(record, envelope)) {
    return problem;
  }
  envelope.time_us = facts.received_us;
  if (const json::Value time = record["ts"]) {
    const std::optional<std::int64_t> seconds = read_epoch_seconds(time);
    if (!seconds) {
      return Problem{kBadTimestamp, "Timestamp should be present in the Unix Epoch format. "};
    }
    envelope.time_us = *seconds * 1'000'000;
  }
  return std::nullopt;
}

event::ProfileChange make_person(const RequestFacts& facts, const Envelope& envelope) {
  event::ProfileChange person;
  person.app_id = std::string(facts.app_id);
  person.api = event::Api::kClevertap;
  person.identities = envelope.identities;
  person.time_us = envelope.time_us;
  return person;
}

}  // namespace api::clevertap
