#include "loader/rollup/changes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>

namespace loader::rollup {
namespace {

using state::SeriesKind;
using Cell = std::tuple<SeriesKind, std::int64_t, std::int64_t>;  // kind, span, day
using Cells = std::map<Cell, std::int64_t>;

/// What is known of one user, told in some order.
struct Told {
  std::set<std::int64_t> active;
  std::set<std::int64_t> purchases;
  std::set<std::int64_t> seen;
};

bool any_within(const std::set<std::int64_t>& days, std::int64_t first, std::int64_t last) {
  const auto at = days.lower_bound(first);
  return at != days.end() && *at <= last;
}

/// The counts of one user by their definitions, days one by one.
Cells counted_anew(const Told& told, std::int64_t last_day) {
  Cells cells;
  const auto count = [&](SeriesKind kind, std::int64_t day, bool yes, std::int64_t span = 0) {
    if (yes) {
      ++cells[{kind, span, day}];
    }
  };
  for (std::int64_t day = 0; day <= last_day; ++day) {
    const bool active = told.active.contains(day);
    const bool month = any_within(told.active, day - kMonthDays + 1, day);
    const bool pays = !told.purchases.empty() && *told.purchases.begin() <= day;
    count(SeriesKind::kActiveUsers, day, active);
    count(SeriesKind::kMonthlyUsers, day, month);
    count(SeriesKind::kPayingActive, day, active && pays);
    count(SeriesKind::kPayingMonthly, day, month && pays);
    count(SeriesKind::kNewUsers, day, active && *told.active.begin() == day);
    count(SeriesKind::kFirstSeen, day, !told.seen.empty() && *told.seen.begin() == day);
    count(SeriesKind::kPayingUsers, day, told.purchases.contains(day));
    for (const std::int64_t span : kRetentionDays) {
      count(SeriesKind::kDayRetention, day, active && told.active.contains(day + span), span);
    }
    for (const std::int64_t week : kRetentionWeeks) {
      const bool again = any_within(told.active, day + 7 * (week - 1) + 1, day + 7 * week);
      count(SeriesKind::kWeekRetention, day, active && again, week);
    }
  }
  return cells;
}

/// Adds up the changes; the counts that are kept as differences become counts.
Cells summed(const std::vector<Change>& changes, std::int64_t last_day) {
  Cells differences;
  for (const Change& change : changes) {
    differences[{change.kind, change.span, change.day}] += change.by;
  }
  Cells cells;
  std::map<SeriesKind, std::int64_t> running;
  for (const auto& [cell, by] : differences) {
    const auto& [kind, span, day] = cell;
    if (by != 0 && kind != SeriesKind::kMonthlyUsers && kind != SeriesKind::kPayingMonthly) {
      cells[cell] = by;
    }
  }
  for (const SeriesKind kind : {SeriesKind::kMonthlyUsers, SeriesKind::kPayingMonthly}) {
    std::int64_t sum = 0;
    for (std::int64_t day = 0; day <= last_day; ++day) {
      const auto at = differences.find({kind, 0, day});
      sum += at == differences.end() ? 0 : at->second;
      if (sum != 0) {
        cells[{kind, 0, day}] = sum;
      }
    }
  }
  return cells;
}

History history_of(const Told& told) {
  History history;
  history.active.assign(told.active.begin(), told.active.end());
  history.purchases.assign(told.purchases.begin(), told.purchases.end());
  if (!told.seen.empty()) {
    history.first_seen = *told.seen.begin();
  }
  return history;
}

/// Tells a fact as Activity would: what changes nothing makes no changes.
void tell(Told& told, Fact fact, std::vector<Change>& changes) {
  std::set<std::int64_t>& days = fact.kind == FactKind::kActive     ? told.active
                                 : fact.kind == FactKind::kPurchase ? told.purchases
                                                                    : told.seen;
  const bool known = fact.kind == FactKind::kSeen ? !days.empty() && *days.begin() <= fact.day
                                                  : days.contains(fact.day);
  if (known) {
    return;
  }
  const std::vector<Change> more = changes_of(history_of(told), fact);
  changes.insert(changes.end(), more.begin(), more.end());
  days.insert(fact.day);
}

TEST(Changes, AnyOrderOfFactsGivesTheCountsOfTheirDefinitions) {
  std::mt19937 random(20261122);
  for (int history = 0; history < 400; ++history) {
    // Short spans bring neighbours together, long ones windows apart.
    const int span = history % 2 == 0 ? 45 : 150;
    Told told;
    std::vector<Change> changes;
    const int facts = 1 + static_cast<int>(random() % 25);
    for (int at = 0; at < facts; ++at) {
      tell(told, {static_cast<FactKind>(random() % 3), static_cast<std::int64_t>(random()) % span},
           changes);
    }
    const std::int64_t last_day = span + 2 * kMonthDays;
    ASSERT_EQ(summed(changes, last_day), counted_anew(told, last_day)) << "history " << history;
  }
}

TEST(Changes, LatePurchaseMakesEarlierActiveDaysPaying) {
  const History history{{10, 12}, {12}, 10};
  const std::vector<Change> expected = {{SeriesKind::kPayingUsers, 0, 11, 1},
                                        {SeriesKind::kPayingMonthly, 0, 11, 1},
                                        {SeriesKind::kPayingMonthly, 0, 12, -1}};
  EXPECT_EQ(changes_of(history, {FactKind::kPurchase, 11}), expected);
}

TEST(Changes, EarlierActiveDayTakesTheNewUserFromTheLaterOne) {
  const History history{{10}, {}, 10};
  const std::vector<Change> changes = changes_of(history, {FactKind::kActive, 3});
  EXPECT_NE(std::ranges::find(changes, Change{SeriesKind::kNewUsers, 0, 3, 1}), changes.end());
  EXPECT_NE(std::ranges::find(changes, Change{SeriesKind::kNewUsers, 0, 10, -1}), changes.end());
  EXPECT_NE(std::ranges::find(changes, Change{SeriesKind::kDayRetention, 7, 3, 1}), changes.end());
}

}  // namespace
}  // namespace loader::rollup
