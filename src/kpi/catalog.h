#pragma once
// Which KPIs there are, by the paths of Amazon Mobile Analytics' querying API and a few of its
// console's own numbers. docs/kpis.md defines each; a test holds the page against this list.

#include "base/result.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kpi {

enum class Measure : std::uint8_t {
  kLifetimeUsers,
  kDailyUsers,
  kMonthlyUsers,
  kNewUsers,
  kSessions,
  kRevenue,
  kPayingDailyUsers,
  kPayingMonthlyUsers,
  kDayRetention,
  kWeekRetention,
  kDailyPayingUsers,
  kStickyFactor,
  kSessionsPerUser,
  kRevenuePerUser,
  kRevenuePerPayingUser,
  kEventCount,
  kEventSum,
  kEventMin,
  kEventMax,
};

/// What a value is: a count, a quotient of counts, money, or whatever a metric measures.
enum class Unit : std::uint8_t { kCount, kRatio, kCurrency, kNumber };

struct Kpi {
  std::string path;  ///< "/kpis/dau/count", "/events/level/sum".
  Measure measure = Measure::kDailyUsers;
  Unit unit = Unit::kCount;
  std::int64_t span = 0;  ///< Of retention: days, or the number of the week.
  std::string event;      ///< Of /events/: the name.

  /// Revenue and who pays: what the vendor let only holders of GetFinancialReports read.
  [[nodiscard]] bool financial() const;
};

/// Every KPI but those of events, in the order of docs/kpis.md.
std::span<const Kpi> all_kpis();

/// `path` is decoded; a slash in front may be missing. An event's name may contain slashes.
/// kNotFound for any other path.
base::Result<Kpi> find_kpi(std::string_view path);

std::string_view unit_name(Unit unit);  ///< "count", "ratio", "currency", "number".

}  // namespace kpi
