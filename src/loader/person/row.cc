#include "loader/person/row.h"

#include "codec/hash.h"
#include "loader/person/row_bytes.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace loader::person {
namespace {

constexpr char kVersion = 2;
constexpr std::size_t kChecksumBytes = sizeof(std::uint32_t);
/// Kinds that take a byte. Never reordered: rows hold places in it.
constexpr std::string_view kKinds[] = {"device", "user", "identity", "objectid", "fbid", "gpid"};

/// What a row holds apart from what every person has.
enum Part : std::uint8_t {
  kPseudoId = 1,
  kUser = 2,
  kFirstTouch = 4,
  kPlatform = 8,
  kCountry = 16,
  kProperties = 32,
};

std::uint64_t bit(bool set, Part part) { return set ? std::uint64_t{part} : 0; }

std::uint64_t parts_of(const Person& person) {
  const bool user =
      !person.user_id.empty() || !person.user_id_kind.empty() || person.user_id_time_us != 0;
  const bool touched = !person.first_touch.empty() || person.first_touch_us != 0;
  return bit(!person.user_pseudo_id.empty(), kPseudoId) | bit(user, kUser) |
         bit(touched, kFirstTouch) | bit(!person.platform.empty(), kPlatform) |
         bit(!person.country_code.empty(), kCountry) | bit(!person.properties.empty(), kProperties);
}

/// The place of a known kind, or 0 and the kind.
void write_kind(std::string_view kind, RowWriter& writer) {
  for (std::size_t at = 0; at < std::size(kKinds); ++at) {
    if (kKinds[at] == kind) {
      return writer.number(at + 1);
    }
  }
  writer.number(0);
  writer.text(kind);
}

void read_kind(RowReader& reader, std::string& kind) {
  const std::uint64_t place = reader.number();
  if (place == 0) {
    return reader.text(kind);
  }
  kind.clear();
  if (place > std::size(kKinds)) {
    return reader.fail();
  }
  kind = kKinds[place - 1];
}

/// The first identity with this value, and kind unless that is nothing, from 1; 0 when there is
/// none.
std::size_t place_of(std::string_view value, const std::string* kind, const Person& person) {
  for (std::size_t at = 0; at < person.identities.size(); ++at) {
    const event::Identity& identity = person.identities[at];
    if (identity.value == value && (kind == nullptr || identity.kind == *kind)) {
      return at + 1;
    }
  }
  return 0;
}

void write_ids(const Person& person, std::uint64_t parts, RowWriter& writer) {
  writer.number(person.identities.size());
  for (const event::Identity& identity : person.identities) {
    write_kind(identity.kind, writer);
    writer.text(identity.value);
  }
  if ((parts & kPseudoId) != 0) {
    const std::size_t place = place_of(person.user_pseudo_id, nullptr, person);
    writer.number(place);
    if (place == 0) {
      writer.text(person.user_pseudo_id);
    }
  }
  if ((parts & kUser) != 0) {
    const std::size_t place = place_of(person.user_id, &person.user_id_kind, person);
    writer.number(place);
    if (place == 0) {
      writer.text(person.user_id);
      write_kind(person.user_id_kind, writer);
    }
    writer.near(person.user_id_time_us, person.last_seen_us);
  }
}

void write_parts(const Person& person, std::uint64_t parts, CommonTexts& texts, RowWriter& writer) {
  if ((parts & kFirstTouch) != 0) {
    writer.text(person.first_touch, texts, person.id);
    writer.near(person.first_touch_us, person.first_seen_us);
  }
  if ((parts & kPlatform) != 0) {
    writer.text(person.platform, texts, person.id);
  }
  if ((parts & kCountry) != 0) {
    writer.text(person.country_code, texts, person.id);
  }
  if ((parts & kProperties) == 0) {
    return;
  }
  writer.number(person.properties.size());
  for (const Property& property : person.properties) {
    writer.text(property.key, texts, person.id);
    writer.text(property.value_json, texts, person.id);
    writer.near(property.set_time_ms, person.first_seen_us / 1000);
  }
}

/// The identity in a place from 1 on; nullptr for place 0.
const event::Identity* read_place(const Person& person, RowReader& reader) {
  const std::uint64_t place = reader.number();
  if (place > person.identities.size()) {
    reader.fail();
    return nullptr;
  }
  return place == 0 ? nullptr : &person.identities[place - 1];
}

void read_user(RowReader& reader, Person& person) {
  if (const event::Identity* shown = read_place(person, reader)) {
    person.user_id = shown->value;
    person.user_id_kind = shown->kind;
  } else {
    reader.text(person.user_id);
    read_kind(reader, person.user_id_kind);
  }
  person.user_id_time_us = reader.near(person.last_seen_us);
}

void read_ids(std::uint64_t parts, RowReader& reader, Person& person) {
  person.identities.resize(reader.count());
  for (event::Identity& identity : person.identities) {
    read_kind(reader, identity.kind);
    reader.text(identity.value);
  }
  person.user_pseudo_id.clear();
  if ((parts & kPseudoId) != 0) {
    if (const event::Identity* shown = read_place(person, reader)) {
      person.user_pseudo_id = shown->value;
    } else {
      reader.text(person.user_pseudo_id);
    }
  }
  person.user_id.clear();
  person.user_id_kind.clear();
  person.user_id_time_us = 0;
  if ((parts & kUser) != 0) {
    read_user(reader, person);
  }
}

void read_parts(std::uint64_t parts, RowReader& reader, Person& person) {
  person.first_touch.clear();
  person.first_touch_us = 0;
  person.platform.clear();
  person.country_code.clear();
  if ((parts & kFirstTouch) != 0) {
    reader.text(person.first_touch);
    person.first_touch_us = reader.near(person.first_seen_us);
  }
  if ((parts & kPlatform) != 0) {
    reader.text(person.platform);
  }
  if ((parts & kCountry) != 0) {
    reader.text(person.country_code);
  }
  person.properties.resize((parts & kProperties) != 0 ? reader.count() : 0);
  for (Property& property : person.properties) {
    reader.text(property.key);
    reader.text(property.value_json);
    property.set_time_ms = reader.near(person.first_seen_us / 1000);
  }
}

base::Error corrupt(std::string_view what) {
  return base::fail(base::Code::kCorrupt, "loader state: the row of a person " + std::string(what));
}

}  // namespace

void write_row(const Person& person, CommonTexts& texts, std::string& out) {
  out.clear();
  out.push_back(kVersion);
  RowWriter writer(out);
  const std::uint64_t parts = parts_of(person);
  writer.number(static_cast<std::uint64_t>(person.api));
  writer.number(parts);
  writer.near(person.events, 0);
  writer.number(person.position);
  writer.near(person.first_seen_us, 0);
  writer.near(person.last_seen_us, person.first_seen_us);
  writer.text(person.app_id, texts, person.id);
  write_ids(person, parts, writer);
  write_parts(person, parts, texts, writer);
  const std::uint32_t checksum = codec::crc32c(out, writer.named());
  out.append(reinterpret_cast<const char*>(&checksum), kChecksumBytes);
}

base::Status read_row(std::string_view row, const CommonTexts& texts, Person& person) {
  if (row.size() <= kChecksumBytes) {
    return corrupt("is too short");
  }
  const std::string_view guarded = row.substr(0, row.size() - kChecksumBytes);
  std::uint32_t checksum = 0;
  std::memcpy(&checksum, row.data() + guarded.size(), kChecksumBytes);
  if (guarded.front() != kVersion) {
    return corrupt("is of version " + std::to_string(static_cast<int>(guarded.front())));
  }
  RowReader reader(guarded.substr(1), texts);
  person.api = static_cast<event::Api>(reader.number());
  const std::uint64_t parts = reader.number();
  person.events = reader.near(0);
  person.position = reader.number();
  person.first_seen_us = reader.near(0);
  person.last_seen_us = reader.near(person.first_seen_us);
  reader.text(person.app_id);
  read_ids(parts, reader, person);
  read_parts(parts, reader, person);
  if (!reader.ended_well()) {
    return corrupt("cannot be read");
  }
  return codec::crc32c(guarded, reader.named()) == checksum
             ? base::ok()
             : base::Status(corrupt("or a text it names does not match its checksum"));
}

}  // namespace loader::person
