#include "loader/person/row.h"

#include "codec/hash.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace loader::person {
namespace {

constexpr char kVersion = 1;
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

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void number(std::uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<char>(value | 0x80U));
      value >>= 7U;
    }
    out_.push_back(static_cast<char>(value));
  }
  /// `value` as what lies between it and `base`, whichever is later.
  void near(std::int64_t value, std::int64_t base) {
    const auto between = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) -
                                                   static_cast<std::uint64_t>(base));
    number((static_cast<std::uint64_t>(between) << 1U) ^
           static_cast<std::uint64_t>(between >> 63U));
  }
  void text(std::string_view text) {
    number(text.size());
    out_.append(text);
  }
  /// The place of a known kind, or 0 and the kind.
  void kind(std::string_view kind) {
    for (std::size_t at = 0; at < std::size(kKinds); ++at) {
      if (kKinds[at] == kind) {
        return number(at + 1);
      }
    }
    number(0);
    text(kind);
  }

 private:
  std::string& out_;
};

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

void write_ids(const Person& person, std::uint64_t parts, Writer& writer) {
  writer.number(person.identities.size());
  for (const event::Identity& identity : person.identities) {
    writer.kind(identity.kind);
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
      writer.kind(person.user_id_kind);
    }
    writer.near(person.user_id_time_us, person.last_seen_us);
  }
}

void write_parts(const Person& person, std::uint64_t parts, Writer& writer) {
  if ((parts & kFirstTouch) != 0) {
    writer.text(person.first_touch);
    writer.near(person.first_touch_us, person.first_seen_us);
  }
  if ((parts & kPlatform) != 0) {
    writer.text(person.platform);
  }
  if ((parts & kCountry) != 0) {
    writer.text(person.country_code);
  }
  if ((parts & kProperties) == 0) {
    return;
  }
  writer.number(person.properties.size());
  for (const Property& property : person.properties) {
    writer.text(property.key);
    writer.text(property.value_json);
    writer.near(property.set_time_ms, person.first_seen_us / 1000);
  }
}

/// Reads what Writer wrote. After a failure everything is 0 or empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  [[nodiscard]] bool ended_well() const { return !failed_ && left_.empty(); }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (left_.empty()) {
        break;
      }
      const auto byte = static_cast<std::uint8_t>(left_.front());
      left_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
    fail();
    return 0;
  }
  std::int64_t near(std::int64_t base) {
    const std::uint64_t coded = number();
    const std::uint64_t between = (coded >> 1U) ^ (~(coded & 1U) + 1U);
    return static_cast<std::int64_t>(between + static_cast<std::uint64_t>(base));
  }
  std::string_view text() {
    const std::uint64_t size = number();
    if (size > left_.size()) {
      fail();
      return {};
    }
    const std::string_view text = left_.substr(0, size);
    left_.remove_prefix(size);
    return text;
  }
  std::string_view kind() {
    const std::uint64_t place = number();
    if (place > std::size(kKinds)) {
      fail();
      return {};
    }
    return place == 0 ? text() : kKinds[place - 1];
  }
  /// A number of things that take two bytes each, at least.
  std::size_t count() {
    const std::uint64_t count = number();
    if (count > left_.size() / 2) {
      fail();
      return 0;
    }
    return count;
  }
  /// The identity in a place from 1 on; nullptr for place 0.
  const event::Identity* identity(const Person& person) {
    const std::uint64_t place = number();
    if (place > person.identities.size()) {
      fail();
      return nullptr;
    }
    return place == 0 ? nullptr : &person.identities[place - 1];
  }

 private:
  void fail() {
    failed_ = true;
    left_ = {};
  }

  std::string_view left_;
  bool failed_ = false;
};

void read_ids(std::uint64_t parts, Reader& reader, Person& person) {
  person.identities.resize(reader.count());
  for (event::Identity& identity : person.identities) {
    identity.kind = reader.kind();
    identity.value = reader.text();
  }
  person.user_pseudo_id.clear();
  if ((parts & kPseudoId) != 0) {
    const event::Identity* shown = reader.identity(person);
    person.user_pseudo_id = shown != nullptr ? std::string_view(shown->value) : reader.text();
  }
  person.user_id.clear();
  person.user_id_kind.clear();
  person.user_id_time_us = 0;
  if ((parts & kUser) != 0) {
    const event::Identity* shown = reader.identity(person);
    person.user_id = shown != nullptr ? std::string_view(shown->value) : reader.text();
    person.user_id_kind = shown != nullptr ? std::string_view(shown->kind) : reader.kind();
    person.user_id_time_us = reader.near(person.last_seen_us);
  }
}

void read_parts(std::uint64_t parts, Reader& reader, Person& person) {
  const bool touched = (parts & kFirstTouch) != 0;
  person.first_touch = touched ? reader.text() : std::string_view();
  person.first_touch_us = touched ? reader.near(person.first_seen_us) : 0;
  person.platform = (parts & kPlatform) != 0 ? reader.text() : std::string_view();
  person.country_code = (parts & kCountry) != 0 ? reader.text() : std::string_view();
  person.properties.resize((parts & kProperties) != 0 ? reader.count() : 0);
  for (Property& property : person.properties) {
    property.key = reader.text();
    property.value_json = reader.text();
    property.set_time_ms = reader.near(person.first_seen_us / 1000);
  }
}

base::Error corrupt(std::string_view what) {
  return base::fail(base::Code::kCorrupt, "loader state: the row of a person " + std::string(what));
}

}  // namespace

void write_row(const Person& person, std::string& out) {
  out.clear();
  out.push_back(kVersion);
  Writer writer(out);
  const std::uint64_t parts = parts_of(person);
  writer.number(static_cast<std::uint64_t>(person.api));
  writer.number(parts);
  writer.near(person.events, 0);
  writer.number(person.position);
  writer.near(person.first_seen_us, 0);
  writer.near(person.last_seen_us, person.first_seen_us);
  writer.text(person.app_id);
  write_ids(person, parts, writer);
  write_parts(person, parts, writer);
  const std::uint32_t checksum = codec::crc32c(out);
  out.append(reinterpret_cast<const char*>(&checksum), kChecksumBytes);
}

base::Status read_row(std::string_view row, Person& person) {
  if (row.size() <= kChecksumBytes) {
    return corrupt("is too short");
  }
  const std::string_view guarded = row.substr(0, row.size() - kChecksumBytes);
  std::uint32_t checksum = 0;
  std::memcpy(&checksum, row.data() + guarded.size(), kChecksumBytes);
  if (codec::crc32c(guarded) != checksum) {
    return corrupt("does not match its checksum");
  }
  if (guarded.front() != kVersion) {
    return corrupt("is of version " + std::to_string(static_cast<int>(guarded.front())));
  }
  Reader reader(guarded.substr(1));
  person.api = static_cast<event::Api>(reader.number());
  const std::uint64_t parts = reader.number();
  person.events = reader.near(0);
  person.position = reader.number();
  person.first_seen_us = reader.near(0);
  person.last_seen_us = reader.near(person.first_seen_us);
  person.app_id = reader.text();
  read_ids(parts, reader, person);
  read_parts(parts, reader, person);
  return reader.ended_well() ? base::ok() : base::Status(corrupt("cannot be read"));
}

}  // namespace loader::person
