#pragma once
// Remembers on which days each user was active or bought something, and since when it is known:
// what has to be looked up to keep counts of distinct users exact while events come late and out of
// order. Files as those of event ids, under `state/activity/`. Owner: the Stepper.
//
// As with event ids, a fact is remembered with the journal place it was first told at, and only
// facts told earlier count: reading a range again gives the same answers, whatever was remembered
// in between.

#include "base/log.h"
#include "base/result.h"
#include "io/file_system.h"
#include "loader/dedup/index.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace loader::rollup {

using codec::Hash128;
using dedup::Place;

/// In the order in which an event's own facts are told: its purchase counts for its activity.
/// Values are on disk: never renumber.
enum class FactKind : std::uint8_t { kSeen = 0, kPurchase = 1, kActive = 2 };

struct Fact {
  FactKind kind = FactKind::kSeen;
  std::int64_t day = 0;  ///< Days since 1970-01-01, not negative.
};

/// What was known of a user.
struct History {
  std::vector<std::int64_t> active;     ///< Days, in order, each once.
  std::vector<std::int64_t> purchases;  ///< The same.
  std::optional<std::int64_t> first_seen;
};

/// Threads: one.
class Activity {
 public:
  /// Opens or creates the memory; a damaged one is emptied. `files` and `log` outlive it.
  static base::Result<std::unique_ptr<Activity>> open(io::FileSystem& files, base::Log& log,
                                                      std::string folder);
  /// For open().
  explicit Activity(std::unique_ptr<dedup::Index> index);

  /// Remembers the fact. What was known of the user before, when the fact changes something;
  /// nothing when it was known, or for kSeen an earlier day. kCorrupt when a file is damaged.
  base::Result<std::optional<History>> learn(Hash128 user, Place place, Fact fact);

  /// Takes back what was told of records after `position`, as far as it is not in files.
  void forget_after(dedup::Position position);
  /// For flushing and tidying it; see there.
  [[nodiscard]] dedup::Index& index() { return *index_; }
  /// Forgets everything, durable.
  base::Status reset();

 private:
  struct Told {
    Place place;
    FactKind kind = FactKind::kSeen;
    [[nodiscard]] bool before(const Told& other) const;
  };
  /// A user and what was told of one day, not later than last_.
  struct Known {
    std::uint64_t high = 0;  // of the user's hash
    std::uint32_t low = 0;   // upper half of the hash's lower half; the rest says the place
    std::uint32_t told = 0;  // day, and a bit for each kind of fact
  };
  [[nodiscard]] Known& known_of(Hash128 user);
  static bool is_of(const Known& known, Hash128 user, Fact fact);
  static bool knows(const Known& known, Hash128 user, Fact fact);
  static void note(Known& known, Hash128 user, Fact fact);
  void forget_known();

  std::unique_ptr<dedup::Index> index_;
  std::vector<Place> places_;  // of user_: the facts of one event, and of one visit, come together
  std::optional<Hash128> user_;
  std::vector<Known> known_;
  Told last_;
};

}  // namespace loader::rollup
