#pragma once
// One step of the loader at a time, without a thread: reads records from the journal, makes rows,
// appends them to the store, and brings the state along.
//
// Four projections follow the journal, each with a position of its own: the store (S: rows up to
// here are visible; after a crash only what is sealed), the state (A: books, persons, names,
// rollups), the memory of event ids (D), and that of active days, which fares as D does. A step
// starts behind the least of them and gives every record only to those that do not have it yet.
// That is all there is to recovery; what a crash leaves is one of these cases:
//
//   while rows are appended, or before   nothing kept: the step is done again.
//   after some or all were appended,     S is back at its last seal: rows are made again, from
//   before the state commits             records the state has not seen either.
//   after the commit                     S < A: rows are made again, the state is not touched.
//   in a seal, after the ids were        D > S: ids find themselves, with their own place, and are
//   written                              the first once more.
//   in a seal, after the state was       as after the commit.
//   synced
//   in a seal, before the manifest       the store starts at its old seal, or at the new one.
//   after a seal that took rows loaded   D < S, perhaps A < S: these records give ids and state,
//   while it began                       and make no rows.
//   power cut: the state lost commits    A < S: records behind A change the state, make no rows.
//   state or ids damaged or deleted      A or D is 0: derived from the journal's start alike.
//   store deleted                        S is 0: rows are made again, the state is not touched.
//   the journal lost its end             see follow().
//
// Whether an event is a duplicate depends on places in the journal only, so it is answered the same
// each time (see dedup/index.h). Nothing is lost because no position moves past a record before the
// record is handled, and nothing counts twice because each position is stored with what it stands
// for: rows with the seal, books and persons in one transaction.

#include "base/result.h"
#include "event/record.h"
#include "journal/reader.h"
#include "loader/memories.h"
#include "loader/parts.h"
#include "loader/record_handler.h"
#include "loader/state/state.h"
#include "loader/step.h"
#include "store/store.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace loader {

/// What a step did.
struct StepResult {
  std::uint64_t records = 0;  ///< 0: there was nothing to do.
};

/// Threads: one; loaded(), state() for its any-thread methods.
class Stepper {
 public:
  static base::Result<std::unique_ptr<Stepper>> open(const Parts& parts, const Options& options,
                                                     const Hooks& hooks);
  /// For open().
  Stepper(const Parts& parts, const Options& options, const Hooks& hooks)
      : parts_(parts), options_(options), hooks_(hooks) {}
  Stepper(const Stepper&) = delete;
  Stepper& operator=(const Stepper&) = delete;
  ~Stepper();

  /// The highest position any of the three knows. New records of the journal have to start behind
  /// it, or what is known of lost ones would be taken for theirs.
  [[nodiscard]] Position reach() const;
  /// To be called once before step(), with the position at which the journal's records end. Whoever
  /// knows records beyond it is derived again, unless all three know the same ones, or the
  /// journal's beginning is gone: then these stay as they are, rows, books and ids.
  base::Status follow(Position journal_end);

  /// Handles some records up to the journal's durable position. After an error nothing is half
  /// done: call again, later. A record that cannot be decoded or stored becomes a rejected row, and
  /// stays one until its rows are derived again.
  base::Result<StepResult> step();

  /// Makes memories and state durable as far as they are loaded, and gives that position: the first
  /// half of a seal. The store's seal() is the other, from whatever thread.
  base::Result<Position> prepare_seal();
  /// Both halves.
  base::Status seal();
  [[nodiscard]] bool wants_seal() const;
  /// Rows in the store's memory, as a multiple of what calls for a seal.
  [[nodiscard]] double heat() const;
  /// A little merging of the memories; false when there is nothing to do.
  base::Result<bool> tidy();
  /// Empties store, state and ids; steps derive them again. kInvalid, and nothing done, when the
  /// journal no longer begins with its first record.
  base::Status start_over();

  /// Records go one by one until the bad one is found.
  [[nodiscard]] bool searching() const { return loaded() < alone_until_; }
  /// Everything up to here is in all projections.
  [[nodiscard]] Position loaded() const;
  [[nodiscard]] state::State& state() { return *state_; }
  [[nodiscard]] dedup::Stats id_stats() const { return memories_->ids().stats(); }
  /// Journal records found damaged since open().
  [[nodiscard]] std::uint64_t records_damaged() const { return records_damaged_; }

 private:
  base::Status open_projections();
  base::Status remember_aside(Position from);
  base::Status forget_state();
  base::Status check_beginning(Position needed, Position known);
  base::Status check_state_beginning();
  base::Status pass_damage(const base::Error& error, Step& step);
  void pass_gap(Position first, Position last);
  [[nodiscard]] bool know_lost(Position first) const;
  base::Status attempt(Position from, Position through, Step& step);
  base::Status choose_rules(Position from, Position& through, Step& step);
  base::Status change_rules(const kpi::RuleBook& now, Step& step);
  base::Status make_state_durable();
  base::Status gather(Position from, Position through, Step& step);
  base::Status append(Step& step);
  base::Status keep(Step& step);
  base::Status seek(Position from);
  base::Status recover(const base::Error& error, const Step& step);
  base::Status pass_missing(Position through, Step& step);
  bool believe(const journal::Damage& damage);
  void note_damage(Step& step);
  void tell(const Step& step);

  const Parts& parts_;
  const Options& options_;
  const Hooks& hooks_;
  std::unique_ptr<state::State> state_;
  std::unique_ptr<Memories> memories_;
  std::unique_ptr<RecordHandler> handler_;
  std::unique_ptr<journal::Reader> reader_;
  std::shared_ptr<const kpi::RuleBook> rules_;  // those of the state; nothing: not known
  Position next_ = 0;                           // the least position reader_ gives next
  Position journal_first_ = 0;                  // as the journal's files said last
  Position told_ = 0;         // hooks_.loaded knows the units of records up to here
  Position alone_until_ = 0;  // records up to here are handled one a step, to find the bad one
  std::uint64_t records_damaged_ = 0;
  Position doubted_ = 0;  // first of the damaged records that are read again
  unsigned doubts_ = 0;   // how often they were
  std::optional<std::chrono::steady_clock::time_point> hot_since_;
};

}  // namespace loader
