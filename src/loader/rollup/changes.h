#pragma once
// What a new fact about one user changes in counts of distinct users by day. Pure functions: the
// same changes, in whatever order the facts come. docs/kpis.md defines the counts.

#include "loader/rollup/activity.h"
#include "loader/state/series.h"

#include <cstdint>
#include <vector>

namespace loader::rollup {

/// Days of the window of monthly users; each day's window ends with it.
inline constexpr std::int64_t kMonthDays = 30;
inline constexpr std::int64_t kRetentionDays[] = {1, 3, 5, 7};
inline constexpr std::int64_t kRetentionWeeks[] = {1, 2, 3};

/// `by` is added to the count of `day`.
struct Change {
  state::SeriesKind kind = state::SeriesKind::kActiveUsers;
  std::int64_t span = 0;  ///< Of retention: how many days or weeks later.
  std::int64_t day = 0;
  std::int64_t by = 0;
  friend bool operator==(const Change&, const Change&) = default;
};

/// `history` does not hold the fact yet.
std::vector<Change> changes_of(const History& history, Fact fact);

}  // namespace loader::rollup
