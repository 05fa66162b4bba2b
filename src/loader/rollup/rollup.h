#pragma once
// Keeps the rollups (state/series.h) while events are stored: counts events and numbers, and has
// Activity say what an event changes in counts of users. Runs in the loader after duplicates are
// dropped, so that a KPI is a matter of reading a few hundred numbers. Owner: the Stepper.

#include "base/result.h"
#include "event/event.h"
#include "kpi/rules/rules.h"
#include "loader/rollup/activity.h"
#include "loader/state/state.h"

namespace loader::rollup {

/// Threads: one.
class Rollup {
 public:
  /// Lifetime: both must outlive it.
  Rollup(state::State& state, Activity& activity) : state_(state), activity_(activity) {}

  /// An event is stored that stands at `place`; its event_date is set. `counted` says that the
  /// state has it already: then only what Activity remembers is brought along.
  base::Status saw(const event::Event& event, Place place, const kpi::Rules& rules, bool counted);
  /// Whether it was Activity that failed in saw(), not the state.
  [[nodiscard]] bool activity_failed() const { return activity_failed_; }

 private:
  struct Current {
    const event::Event& event;
    Place place;
    Hash128 user;
    bool nobody = false;
    bool counted = false;
  };
  base::Status count(const Current& current, const kpi::Rules& rules);
  base::Status count_numbers(const event::Event& event);
  base::Status learn(const Current& current, FactKind kind);
  base::Status add(const event::Event& event, state::SeriesKind kind, std::string_view name,
                   const state::DayValue& value);

  state::State& state_;
  Activity& activity_;
  bool activity_failed_ = false;
};

}  // namespace loader::rollup
