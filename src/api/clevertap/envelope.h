#pragma once
// What event, profile and token records have in common: who, when, and which kind.

#include "api/clevertap/problem.h"
#include "event/event.h"
#include "json/value.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace api::clevertap {

/// What all records of a request share. Lifetime: views the Record.
struct RequestFacts {
  std::string_view app_id;
  std::int64_t received_us = 0;
  std::string_view peer_ip;
  std::string user_agent;
  std::string_view idempotency_key;
  bool lenient = false;
  bool imported = false;  ///< History, in which the vendor's own events are as good as others.
  std::set<std::string, std::less<>> refused_types;  ///< Beyond the 512th, says the edge.
};

enum class Kind : std::uint8_t { kEvent, kProfile, kToken };

/// The checked outer part of one record.
struct Envelope {
  Kind kind = Kind::kEvent;
  std::vector<event::Identity> identities;  ///< objectId first, then identity, FBID, GPID.
  std::int64_t time_us = 0;
};

/// Checks in the vendor's order: shape, type, identifier, time.
std::optional<Problem> read_envelope(json::Value record, const RequestFacts& facts,
                                     Envelope& envelope);

/// The text of an identifier: a string without the blanks around it, or a number's digits. nullopt
/// for anything else and for what is empty then.
std::optional<std::string> read_identifier(json::Value value);

/// Whole epoch seconds as an integer, an integral double or a string of digits.
std::optional<std::int64_t> read_epoch_seconds(json::Value value);

/// The person of a record, without properties.
event::ProfileChange make_person(const RequestFacts& facts, const Envelope& envelope);

}  // namespace api::clevertap
