#pragma once
// Who is who: turns what records say about people into one row per person of the table `user`.
//
// clickstream and mobile_analytics know devices: a person is a device id (without one, the user
// id), as in clickstream's user_v2; the user id that was set last is shown with it.
//
// clevertap and segmentstream know people. An identity belongs to one person of its application and
// API. A record's first user identity that is known decides who the record is about. When none is
// known, an anonymous person who owns the record's device becomes that user; else the user is new.
// A record that names a user and a device links them: an anonymous owner of the device becomes part
// of the user (its events count, its properties fill gaps); a device of another user moves to this
// one, and the other stays. Two users are never made one.
//
// Everything depends on the order of the journal alone, so a state derived again is the same.

#include "base/result.h"
#include "event/event.h"
#include "loader/state/person_store.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace loader::state {

/// Threads: one. Owner: the State, which commits what gathers here.
class People {
 public:
  /// Lifetime: `persons` must outlive it.
  explicit People(PersonStore& persons) : persons_(persons) {}

  /// A stored event was seen: its person, which may be new, its properties, its first touch.
  base::Status saw(const event::Event& event);
  /// A profile record, or what came with an event. `received_us` stands in for times the client
  /// did not give or that cannot be.
  base::Status apply(const event::ProfileChange& change, event::Position position,
                     std::int64_t received_us);
  /// As PersonStore::held_bytes().
  [[nodiscard]] std::uint64_t held_bytes() const { return persons_.held_bytes(); }

 private:
  /// A record's identities, sorted out.
  struct Naming {
    std::string_view app_id;
    event::Api api = event::Api::kClickstream;
    std::vector<const event::Identity*> users;
    std::vector<const event::Identity*> devices;
    std::int64_t time_us = 0;
  };
  /// Who a record is about, and by which of its identities that was found, if by any.
  struct Found {
    Person* person = nullptr;
    const event::Identity* by = nullptr;
  };
  /// Lifetime: that of `identities`, and until the next call.
  Naming& naming_of(std::string_view app_id, event::Api api,
                    const std::vector<event::Identity>& identities);
  static IdentityKey key_of(const Naming& naming, const event::Identity& identity) {
    return {naming.app_id, naming.api, identity.kind, identity.value};
  }

  base::Result<Person*> resolve(const Naming& naming);
  base::Result<Person*> resolve_device(const Naming& naming);
  base::Result<Person*> resolve_user(const Naming& naming);
  base::Result<Found> find_main(const Naming& naming);
  base::Status link_device(const Naming& naming, const event::Identity& device, Person& main);
  void attach(const Naming& naming, const event::Identity& identity, Person& person);
  void show(const Naming& naming, Person& person);
  void absorb(Person& anonymous, Person& main, const Naming& naming);
  static void change_properties(const event::ProfileChange& change, std::int64_t time_us,
                                Person& person);

  PersonStore& persons_;
  Naming naming_;  // reused
};

}  // namespace loader::state
