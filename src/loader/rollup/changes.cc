#include "loader/rollup/changes.h"

#include <algorithm>
#include <limits>

namespace loader::rollup {
namespace {

using state::SeriesKind;
using Days = std::vector<std::int64_t>;

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max() / 2;

bool any_within(const Days& days, std::int64_t first, std::int64_t last) {
  const auto at = std::ranges::lower_bound(days, first);
  return at != days.end() && *at <= last;
}

/// Gathers changes; a range of days of a count that is kept as differences is two of them.
class Changes {
 public:
  void add(SeriesKind kind, std::int64_t day, std::int64_t by, std::int64_t span = 0) {
    list_.push_back({kind, span, day, by});
  }
  void add_range(SeriesKind kind, std::int64_t first, std::int64_t last) {
    if (first <= last) {
      add(kind, first, 1);
      add(kind, last + 1, -1);
    }
  }
  std::vector<Change> take() { return std::move(list_); }

 private:
  std::vector<Change> list_;
};

/// A day a user is first known by moves to an earlier one.
void move_first(Changes& changes, SeriesKind kind, std::int64_t known, std::int64_t day) {
  if (day < known) {
    changes.add(kind, day, 1);
    if (known != kNever) {
      changes.add(kind, known, -1);
    }
  }
}

void add_retention(Changes& changes, const Days& active, std::int64_t day) {
  for (const std::int64_t span : kRetentionDays) {
    if (any_within(active, day + span, day + span)) {
      changes.add(SeriesKind::kDayRetention, day, 1, span);
    }
    if (any_within(active, day - span, day - span)) {
      changes.add(SeriesKind::kDayRetention, day - span, 1, span);
    }
  }
  for (const std::int64_t week : kRetentionWeeks) {
    const std::int64_t first = 7 * (week - 1) + 1;
    const std::int64_t last = 7 * week;
    if (any_within(active, day + first, day + last)) {
      changes.add(SeriesKind::kWeekRetention, day, 1, week);
    }
    // Earlier days whose week this day lies in, and was empty until now.
    for (auto at = std::ranges::lower_bound(active, day - last);
         at != active.end() && *at <= day - first; ++at) {
      if (!any_within(active, *at + first, *at + last)) {
        changes.add(SeriesKind::kWeekRetention, *at, 1, week);
      }
    }
  }
}

void add_active(Changes& changes, const History& history, std::int64_t day) {
  const Days& active = history.active;
  const auto next = std::ranges::upper_bound(active, day);
  const std::int64_t after = next == active.end() ? kNever : *next;
  const std::int64_t before = next == active.begin() ? -kNever : *(next - 1);
  const std::int64_t bought = history.purchases.empty() ? kNever : history.purchases.front();

  changes.add(SeriesKind::kActiveUsers, day, 1);
  move_first(changes, SeriesKind::kNewUsers, active.empty() ? kNever : active.front(), day);
  if (bought <= day) {
    changes.add(SeriesKind::kPayingActive, day, 1);
  }
  // The windows that hold this day and none of its neighbours.
  const std::int64_t first = std::max(day, before + kMonthDays);
  const std::int64_t last = std::min(day + kMonthDays - 1, after - 1);
  changes.add_range(SeriesKind::kMonthlyUsers, first, last);
  changes.add_range(SeriesKind::kPayingMonthly, std::max(first, bought), last);
  add_retention(changes, active, day);
}

void add_purchase(Changes& changes, const History& history, std::int64_t day) {
  changes.add(SeriesKind::kPayingUsers, day, 1);
  const std::int64_t bought = history.purchases.empty() ? kNever : history.purchases.front();
  if (day >= bought) {
    return;
  }
  // The user pays from `day` on, no longer only from `bought` on.
  std::int64_t covered = day;  // windows before it are counted
  for (const std::int64_t active : history.active) {
    if (active >= day && active < bought) {
      changes.add(SeriesKind::kPayingActive, active, 1);
    }
    const std::int64_t first = std::max(active, covered);
    const std::int64_t last = std::min(active + kMonthDays - 1, bought - 1);
    changes.add_range(SeriesKind::kPayingMonthly, first, last);
    covered = std::max(covered, last + 1);
  }
}

}  // namespace

std::vector<Change> changes_of(const History& history, Fact fact) {
  Changes changes;
  switch (fact.kind) {
    case FactKind::kSeen:
      move_first(changes, SeriesKind::kFirstSeen, history.first_seen.value_or(kNever), fact.day);
      break;
    case FactKind::kPurchase: add_purchase(changes, history, fact.day); break;
    case FactKind::kActive: add_active(changes, history, fact.day); break;
  }
  return changes.take();
}

}  // namespace loader::rollup
