#pragma once
// What is known about one person: the identities that name it, its properties, and when it was
// seen. A value; PersonStore keeps it, People changes it.

#include "base/result.h"
#include "event/event.h"
#include "event/record.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loader::person {

struct Property {
  std::string key;
  std::string value_json;
  std::int64_t set_time_ms = 0;
};

struct Person {
  std::int64_t id = 0;
  std::string app_id;
  event::Api api = event::Api::kClickstream;
  std::string user_pseudo_id;  ///< The device it was named by last.
  std::string user_id;         ///< The user identity it was named by last; empty: anonymous.
  std::string user_id_kind;
  std::int64_t user_id_time_us = 0;
  std::vector<event::Identity> identities;
  std::vector<Property> properties;  ///< Sorted by key.
  std::int64_t first_seen_us = 0;
  std::int64_t last_seen_us = 0;
  std::int64_t events = 0;
  std::string platform;      ///< Of the latest event that says one.
  std::string country_code;  ///< The same.
  std::string first_touch;   ///< JSON object: where the earliest visit came from.
  std::int64_t first_touch_us = 0;
  event::Position position = 0;  ///< Of the latest record that changed it.

  [[nodiscard]] bool anonymous() const { return user_id.empty(); }
};

/// Bytes kept of one person's properties, keys and values, and as many of its identities.
inline constexpr std::size_t kPartsBytesMax = std::size_t{1} << 20U;
/// Properties kept of one person; a new key beyond is not taken (events keep what they carry).
inline constexpr std::size_t kPropertiesMax = 1000;
/// Identities shown of one person. Later ones name it all the same.
inline constexpr std::size_t kIdentitiesMax = 1000;
/// Entries of a list property; beyond, the oldest go (clevertap documents 100).
inline constexpr std::size_t kListMax = 100;

/// Memory a person takes, about, with what it has room for.
std::uint64_t bytes_of(const Person& person);

/// Applies one change; false when nothing is different afterwards. kSet: the newest set_time_ms
/// wins, of equal ones the later call. The others act in the order of calls. What would bring the
/// properties beyond kPartsBytesMax is not taken.
bool apply_change(const event::PropertyChange& change, std::vector<Property>& properties);

/// Whether these can all be shown of one person.
bool fit(const std::vector<event::Identity>& some, const std::vector<event::Identity>& more);

/// `into` keeps its values, gets the keys it lacks, and of lists the entries it lacks.
void merge_properties(const std::vector<Property>& from, std::vector<Property>& into);

/// {"Points": {"value": 7, "set_time_msec": 1700000000000}}
std::string properties_to_json(const std::vector<Property>& properties);
/// [{"kind": "device", "value": "d1"}]
std::string identities_to_json(const std::vector<event::Identity>& identities);

/// "device" and "objectid" name an installation, every other kind a user.
bool is_device_kind(std::string_view kind);

}  // namespace loader::person
