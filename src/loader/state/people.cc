#include "loader/state/people.h"

#include "loader/person/first_touch.h"

#include <algorithm>
#include <utility>

namespace loader::state {
namespace {

using event::Api;
using event::Identity;
using person::first_touch_json;
using person::is_device_kind;
using person::is_first_touch;

constexpr std::int64_t kYear2000Us = 946'684'800'000'000;
constexpr std::int64_t kDayUs = 86'400'000'000;

/// The client's time, or the server's where the client's cannot be.
std::int64_t plausible_us(std::int64_t client_us, std::int64_t received_us) {
  const bool possible = client_us >= kYear2000Us && client_us <= received_us + kDayUs;
  return possible ? client_us : received_us;
}

bool knows_devices_only(Api api) {
  return api == Api::kClickstream || api == Api::kMobileAnalytics;
}

bool shows(const Person& person, const Identity& identity) {
  return std::find(person.identities.begin(), person.identities.end(), identity) !=
         person.identities.end();
}

void note_identity(const Identity& identity, Person& person) {
  if (!shows(person, identity) &&
      (person.identities.empty() || person::fit(person.identities, {identity}))) {
    person.identities.push_back(identity);
  }
}

void touch(std::int64_t time_us, Person& person) {
  const bool fresh = person.first_seen_us == 0 && person.last_seen_us == 0;
  person.first_seen_us = fresh ? time_us : std::min(person.first_seen_us, time_us);
  person.last_seen_us = std::max(person.last_seen_us, time_us);
}

/// `person` no longer owns the device.
void lose_device(const Identity& device, Person& person) {
  std::erase(person.identities, device);
  if (person.user_pseudo_id != device.value) {
    return;
  }
  person.user_pseudo_id.clear();
  for (const Identity& left : person.identities) {
    if (is_device_kind(left.kind)) {
      person.user_pseudo_id = left.value;
    }
  }
}

/// Whom an event is about, by its columns, for a decoder that names nobody.
std::vector<Identity> identities_of(const event::Event& event) {
  std::vector<Identity> identities;
  if (!event.user_pseudo_id.empty()) {
    identities.push_back({"device", event.user_pseudo_id});
  }
  if (!event.user_id.empty()) {
    identities.push_back({event.user_id_kind.empty() ? "user" : event.user_id_kind, event.user_id});
  }
  return identities;
}

}  // namespace

People::Naming& People::naming_of(std::string_view app_id, Api api,
                                  const std::vector<Identity>& identities) {
  Naming& naming = naming_;
  naming.app_id = app_id;
  naming.api = api;
  naming.users.clear();
  naming.devices.clear();
  naming.time_us = 0;
  for (const Identity& identity : identities) {
    if (identity.value.empty()) {
      continue;
    }
    auto& list = is_device_kind(identity.kind) ? naming.devices : naming.users;
    const bool repeated = std::any_of(list.begin(), list.end(),
                                      [&](const Identity* known) { return *known == identity; });
    if (!repeated) {
      list.push_back(&identity);
    }
  }
  return naming;
}

base::Status People::saw(const event::Event& event) {
  const bool named = !event.person.identities.empty();
  const std::vector<Identity> own = named ? std::vector<Identity>() : identities_of(event);
  Naming& naming = naming_of(event.app_id, event.api, named ? event.person.identities : own);
  if (naming.users.empty() && naming.devices.empty()) {
    return base::ok();
  }
  const std::int64_t received_us = event.received_at.value_or(0);
  naming.time_us = plausible_us(event.event_timestamp.value_or(event.person.time_us), received_us);
  auto found = resolve(naming);
  if (!found) {
    return found.error();
  }
  Person& person = **found;
  const bool latest = naming.time_us >= person.last_seen_us;
  if (!event.platform.empty() && (latest || person.platform.empty())) {
    person.platform = event.platform;
  }
  const std::string& country = event.country_code.empty() ? event.geo_country : event.country_code;
  if (!country.empty() && (latest || person.country_code.empty())) {
    person.country_code = country;
  }
  touch(naming.time_us, person);
  ++person.events;
  if (is_first_touch(event, naming.time_us, person)) {
    person.first_touch = first_touch_json(event);
    person.first_touch_us = naming.time_us;
  }
  change_properties(event.person, naming.time_us, person);
  person.position = static_cast<event::Position>(event.journal_position.value_or(0));
  return base::ok();
}

base::Status People::apply(const event::ProfileChange& change, event::Position position,
                           std::int64_t received_us) {
  Naming& naming = naming_of(change.app_id, change.api, change.identities);
  if (naming.users.empty() && naming.devices.empty()) {
    return base::ok();
  }
  naming.time_us = plausible_us(change.time_us, received_us);
  auto found = resolve(naming);
  if (!found) {
    return found.error();
  }
  touch(naming.time_us, **found);
  change_properties(change, naming.time_us, **found);
  (*found)->position = position;
  return base::ok();
}

void People::change_properties(const event::ProfileChange& change, std::int64_t time_us,
                               Person& person) {
  for (const event::PropertyChange& property : change.properties) {
    if (property.set_time_ms != 0) {
      person::apply_change(property, person.properties);
      continue;
    }
    event::PropertyChange timed = property;
    timed.set_time_ms = time_us / 1000;
    person::apply_change(timed, person.properties);
  }
}

base::Result<Person*> People::resolve(const Naming& naming) {
  auto found = knows_devices_only(naming.api) ? resolve_device(naming) : resolve_user(naming);
  if (found) {
    show(naming, **found);
    persons_.changed(**found);
  }
  return found;
}

base::Result<Person*> People::resolve_device(const Naming& naming) {
  const Identity& key = naming.devices.empty() ? *naming.users.front() : *naming.devices.front();
  auto known = persons_.find(key_of(naming, key));
  if (!known || *known != nullptr) {
    return known;
  }
  Person* person = persons_.create(naming.app_id, naming.api);
  attach(naming, key, *person);
  return person;
}

base::Result<People::Found> People::find_main(const Naming& naming) {
  for (const Identity* user : naming.users) {
    auto known = persons_.find(key_of(naming, *user));
    if (!known) {
      return known.error();
    }
    if (*known != nullptr) {
      return Found{*known, user};
    }
  }
  for (const Identity* device : naming.devices) {
    auto known = persons_.find(key_of(naming, *device));
    if (!known) {
      return known.error();
    }
    if (*known != nullptr && (naming.users.empty() || (*known)->anonymous())) {
      return Found{*known, device};
    }
  }
  return Found{persons_.create(naming.app_id, naming.api)};
}

base::Result<Person*> People::resolve_user(const Naming& naming) {
  auto found = find_main(naming);
  if (!found) {
    return found.error();
  }
  Person& main = *found->person;
  for (const Identity* user : naming.users) {
    if (user == found->by) {
      continue;
    }
    auto owner = persons_.find(key_of(naming, *user));
    if (!owner) {
      return owner;
    }
    if (*owner == nullptr) {
      attach(naming, *user, main);
    }
  }
  for (const Identity* device : naming.devices) {
    if (device == found->by) {
      continue;
    }
    if (auto linked = link_device(naming, *device, main); !linked) {
      return linked.error();
    }
  }
  return &main;
}

base::Status People::link_device(const Naming& naming, const Identity& device, Person& main) {
  auto found = persons_.find(key_of(naming, device));
  if (!found) {
    return found.error();
  }
  Person* owner = *found;
  if (owner == &main) {
    return base::ok();
  }
  if (owner == nullptr) {
    attach(naming, device, main);
  } else if (owner->anonymous()) {
    // A nameless person keeps what it cannot show, as attach() would give it to nobody.
    if (!main.anonymous() || person::fit(main.identities, owner->identities)) {
      absorb(*owner, main, naming);
    }
  } else if (!naming.users.empty()) {
    lose_device(device, *owner);
    persons_.changed(*owner);
    attach(naming, device, main);
  }
  return base::ok();
}

void People::attach(const Naming& naming, const Identity& identity, Person& person) {
  note_identity(identity, person);
  if (person.anonymous() && !shows(person, identity)) {
    return;  // absorb() finds an anonymous person's devices by what is shown
  }
  persons_.give(key_of(naming, identity), person);
}

/// Sets the ids the person's row shows to those named last.
void People::show(const Naming& naming, Person& person) {
  const bool by_device = knows_devices_only(naming.api);
  for (const Identity* device : naming.devices) {
    if (by_device || shows(person, *device)) {
      person.user_pseudo_id = device->value;
      break;
    }
  }
  for (const Identity* user : naming.users) {
    if (by_device) {
      note_identity(*user, person);
    }
    if (naming.time_us >= person.user_id_time_us && (by_device || shows(person, *user))) {
      person.user_id = user->value;
      person.user_id_kind = user->kind;
      person.user_id_time_us = naming.time_us;
      break;
    }
  }
}

void People::absorb(Person& anonymous, Person& main, const Naming& naming) {
  for (const Identity& identity : anonymous.identities) {
    attach(naming, identity, main);
  }
  person::merge_properties(anonymous.properties, main.properties);
  if (anonymous.first_seen_us != 0) {
    touch(anonymous.first_seen_us, main);
    touch(anonymous.last_seen_us, main);
  }
  main.events += anonymous.events;
  if (anonymous.first_touch_us != 0 &&
      (main.first_touch_us == 0 || anonymous.first_touch_us < main.first_touch_us)) {
    main.first_touch = anonymous.first_touch;
    main.first_touch_us = anonymous.first_touch_us;
  }
  persons_.remove(anonymous);
}

}  // namespace loader::state
