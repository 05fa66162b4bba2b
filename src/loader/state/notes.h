#pragma once
// What the state notes beside counts and persons: answers given under an idempotency key, which
// rejected units were replayed, which records repeat changes of profiles, and the rules by which
// what was loaded is counted. Inside the transactions of State, which owns it.

#include "base/result.h"
#include "event/record.h"
#include "kpi/rules/rules.h"
#include "loader/state/sqlite.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace loader::state {

using event::Position;

/// One unit of a request that was put aside: a row of rejected_event.
struct RejectedUnit {
  Position position = 0;
  std::uint32_t index = 0;
};

/// An answer that has to be given again when its key comes again.
struct IdempotentAnswer {
  std::string app_id;
  std::string key;
  std::string answer;
  Position position = 0;
  std::int64_t received_us = 0;
};

/// The oldest notes to keep.
struct NotesFrom {
  std::int64_t answers_us = 0;  ///< Answers received then.
  /// And at most so many answers, the latest: more than there is memory for (api::IdempotencyKeys).
  std::int64_t answers_max = 300'000;
  Position repeats = 0;  ///< Repeats of records from here on: the journal's first.
};

/// Threads: the loader's.
class Notes {
 public:
  /// SQL that makes the tables.
  static const char* schema();
  /// Lifetime: `database` outlives it.
  explicit Notes(Database& database) : database_(database) {}
  /// To be called once, before the others.
  base::Status prepare();

  /// Once for a record: in the order of the journal.
  base::Status note_answer(const IdempotentAnswer& answer);
  /// In that order.
  base::Status each_answer(const std::function<void(const IdempotentAnswer& answer)>& visit);
  base::Status forget(const NotesFrom& before);

  /// The record that replayed `unit`, or nothing.
  base::Result<std::optional<Position>> replayed_by(const RejectedUnit& unit);
  base::Status note_replay(const RejectedUnit& unit, Position by);

  /// So many of the profile records that the record at `position` is booked for were stored before:
  /// there is no row that is missing for them.
  base::Status note_repeats(Position position, std::uint64_t profiles);

  /// Those that every record in the state was counted by, or none of an application's own.
  base::Result<kpi::RuleBook> rules();
  base::Status write_rules(const kpi::RuleBook& book);

 private:
  Database& database_;
  Statement write_answer_;
  Statement find_replay_;
  Statement write_replay_;
  Statement write_repeats_;
  Statement write_rule_;
};

/// What note_repeats() noted of the record at `position`, read beside the loader that goes on
/// writing. `path` is State::path(). kUnavailable while the database cannot be read.
base::Result<std::uint64_t> repeated_profiles(const std::string& path, Position position);

}  // namespace loader::state
