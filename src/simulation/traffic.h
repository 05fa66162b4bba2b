#pragma once
// From a Request of a history to the bytes that the edge would journal, and what has to become of
// them. The model knows what was meant, not what a decoder makes of it. Pure functions.

#include "base/clock.h"
#include "event/record.h"
#include "loader/parts.h"
#include "simulation/history.h"

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace simulation {

using event::Position;

/// A request on its way, and what the journal gets of it.
struct Sent {
  Request request;
  base::Time received{};
  std::string replay_of;  ///< "position:index" of a rejected unit; empty: no replay.
  std::string bytes;
};

/// Fills `bytes`; `number` makes them unlike those of every other request.
void write_record(std::uint64_t number, Sent& sent);

std::map<event::Api, loader::Decoder> decoders();

struct Books {
  std::int64_t received = 0;
  std::int64_t stored = 0;
  std::int64_t duplicate = 0;
  std::int64_t rejected = 0;
  friend auto operator<=>(const Books&, const Books&) = default;
};

struct Person {
  std::int64_t events = 0;
  std::int64_t points = 0;
  friend auto operator<=>(const Person&, const Person&) = default;
};

/// Everything that is derived from a journal.
struct Derived {
  std::multiset<std::string> events;     ///< "position api name id"
  std::multiset<std::string> rejected;   ///< "position"
  std::map<std::string, Books> books;    ///< By "app api".
  std::map<std::string, Person> people;  ///< By "api device-or-user".
  std::set<std::string> names;           ///< "api name"
  friend bool operator==(const Derived&, const Derived&) = default;
};

/// What a journal with these records means.
Derived derive(const std::map<Position, Sent>& journal, std::int64_t window_s);

/// The first difference, for a person; empty when there is none.
std::string difference(const Derived& expected, const Derived& found);

std::string event_row(Position position, event::Api api, std::string_view name,
                      std::string_view id);

}  // namespace simulation
