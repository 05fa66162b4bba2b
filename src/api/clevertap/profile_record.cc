#include "api/clevertap/profile_record.h"

#include "api/clevertap/limits.h"
#include "api/clevertap/profile_fields.h"
#include "json/lenient.h"
#include "json/writer.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace api::clevertap {
namespace {

struct Command {
  std::string_view name;
  event::PropertyOp op;
};

constexpr std::array<Command, 6> kCommands = {{
    {"$set", event::PropertyOp::kSet},
    {"$add", event::PropertyOp::kAdd},
    {"$remove", event::PropertyOp::kRemove},
    {"$incr", event::PropertyOp::kIncrement},
    {"$decr", event::PropertyOp::kIncrement},
    {"$delete", event::PropertyOp::kDelete},
}};

const Command* find_command(std::string_view name) {
  const auto* const found = std::ranges::find(kCommands, name, &Command::name);
  return found == kCommands.end() ? nullptr : found;
}

/// An object of commands and nothing else.
bool is_command(json::Value value) {
  if (value.size() == 0 || !value.is_object()) {
    return false;
  }
  for (const json::Member member : value.members()) {
    if (find_command(member.key) == nullptr) {
      return false;
    }
  }
  return true;
}

/// The vendor stores nothing for these, so that an empty form field never wipes out a value.
bool is_nothing(json::Value value) {
  return value.is_null() || value.string() == "" ||
         ((value.is_array() || value.is_object()) && value.size() == 0);
}

std::string negated(json::Value number) {
  json::Writer writer;
  const std::optional<std::int64_t> whole =
      number.is_integer() ? number.integer() : std::optional<std::int64_t>();
  if (whole && *whole != std::numeric_limits<std::int64_t>::min()) {
    writer.integer(-*whole);
  } else {
    writer.number(-*number.number());
  }
  return std::move(writer).text();
}

std::string as_list(json::Value value) {
  return value.is_array() ? json::write(value) : "[" + json::write(value) + "]";
}

/// Reads profileData key by key.
class ProfileReader {
 public:
  ProfileReader(std::int64_t set_time_ms, event::ProfileChange& out)
      : set_time_ms_(set_time_ms), out_(out) {}

  std::optional<Problem> read(json::Member member) {
    if (add_identity(member)) {
      return std::nullopt;
    }
    if (is_command(member.value)) {
      return read_commands(member);
    }
    if (!is_nothing(member.value)) {
      add(member.key, event::PropertyOp::kSet, json::write(member.value));
    }
    return std::nullopt;
  }

 private:
  /// "identity" inside profileData gives the person one more name: Rudder's alias call is an outer
  /// identity (the old id) with this one (the new id).
  bool add_identity(json::Member member) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kKinds = {{
        {"identity", "identity"},
        {"Identity", "identity"},
        {"FBID", "fbid"},
        {"GPID", "gpid"},
        {"objectId", "objectid"},
    }};
    const auto* const found =
        std::ranges::find(kKinds, member.key, [](const auto& kind) { return kind.first; });
    if (found == kKinds.end()) {
      return false;
    }
    std::optional<std::string> value = read_identifier(member.value);
    if (!value) {
      return false;
    }
    event::Identity identity{std::string(found->second), *std::move(value)};
    if (std::ranges::find(out_.identities, identity) == out_.identities.end()) {
      out_.identities.push_back(std::move(identity));
    }
    return true;
  }

  std::optional<Problem> read_commands(json::Member property) {
    for (const json::Member member : property.value.members()) {
      const Command& command = *find_command(member.key);
      switch (command.op) {
        case event::PropertyOp::kSet:
          add(property.key, command.op, json::write(member.value));
          break;
        case event::PropertyOp::kAdd:
        case event::PropertyOp::kRemove:
          add(property.key, command.op, as_list(member.value));
          break;
        case event::PropertyOp::kDelete: add(property.key, command.op, ""); break;
        case event::PropertyOp::kIncrement:
          if (!member.value.is_number()) {
            return profile_problem(kBadStructure, std::string(member.key) + " of property " +
                                                      json::quote_short(property.key) +
                                                      " needs a number");
          }
          add(property.key, command.op,
              member.key == "$decr" ? negated(member.value) : json::write(member.value));
      }
    }
    return std::nullopt;
  }

  void add(std::string_view key, event::PropertyOp op, std::string value_json) {
    out_.properties.push_back({std::string(key), op, std::move(value_json), set_time_ms_});
  }

  std::int64_t set_time_ms_;
  event::ProfileChange& out_;
};

std::optional<Problem> check_profile_limits(json::Value data) {
  std::size_t own = 0;
  for (const json::Member member : data.members()) {
    own += is_reserved_field(member.key) ? 0U : 1U;
  }
  LimitCheck check;
  check.check_count(own);
  check.check_members(data);
  if (check.found().empty()) {
    return std::nullopt;
  }
  const Excess& first = check.found().front();
  return profile_problem(first.code, first.detail);
}

struct TokenType {
  std::string_view type;
  std::string_view prefix;  ///< Of object ids of its platform.
};

constexpr std::array<TokenType, 6> kTokenTypes = {{
    {"apns", "-"},
    {"gcm", "__"},
    {"fcm", "__"},
    {"wns", "~"},
    {"mpns", "~"},
    {"chrome", ""},
}};

/// An id with another platform's prefix; one without any may be of the customer's own making.
bool is_of_other_platform(std::string_view object_id, const TokenType& type) {
  for (const std::string_view prefix : {"-", "__", "~"}) {
    if (object_id.starts_with(prefix)) {
      return type.prefix != prefix;
    }
  }
  return false;
}

}  // namespace

std::optional<Problem> read_profile(json::Value record, const RequestFacts& facts,
                                    const Envelope& envelope, event::ProfileChange& out) {
  const json::Value data = record["profileData"];
  if (!data.is_object()) {
    return profile_problem(kBadStructure, "profileData must be an object");
  }
  if (std::optional<Problem> problem = check_profile_fields(data)) {
    return problem;
  }
  if (!facts.lenient) {
    if (std::optional<Problem> problem = check_profile_limits(data)) {
      return problem;
    }
  }
  out = make_person(facts, envelope);
  out.booked = true;
  ProfileReader reader(envelope.time_us / 1000, out);
  for (const json::Member member : data.members()) {
    if (std::optional<Problem> problem = reader.read(member)) {
      return problem;
    }
  }
  return std::nullopt;
}

std::optional<Problem> read_token(json::Value record, const RequestFacts& facts,
                                  const Envelope& envelope, event::ProfileChange& out) {
  const json::Value data = record["tokenData"];
  if (!data.is_object()) {
    return token_problem(kTokenBadData, "tokenData must be an object");
  }
  if (data["id"].string().value_or("").empty()) {
    return token_problem(kTokenIdMissing, "id is mandatory");
  }
  const std::string_view type = data["type"].string().value_or("");
  if (type.empty()) {
    return token_problem(kTokenTypeMissing, "type is mandatory");
  }
  const auto* const known = std::ranges::find(kTokenTypes, type, &TokenType::type);
  if (known == kTokenTypes.end()) {
    return token_problem(kTokenBadType, "type must be apns, gcm, fcm, wns, mpns or chrome");
  }
  if (is_of_other_platform(envelope.identities.front().value, *known)) {
    return token_problem(kTokenTypeOfOtherPlatform, "type does not fit the platform of objectId");
  }
  out = make_person(facts, envelope);
  out.booked = true;
  out.properties.push_back({"token." + std::string(type), event::PropertyOp::kSet,
                            json::write(data), envelope.time_us / 1000});
  return std::nullopt;
}

}  // namespace api::clevertap
