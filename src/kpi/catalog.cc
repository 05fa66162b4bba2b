#include "kpi/catalog.h"

#include "json/lenient.h"

#include <algorithm>
#include <array>
#include <utility>

namespace kpi {
namespace {

using enum Measure;

constexpr std::string_view kEvents = "/events/";

struct Aggregate {
  std::string_view name;
  Measure measure;
  Unit unit;
};
constexpr std::array<Aggregate, 4> kAggregates = {{{"count", kEventCount, Unit::kCount},
                                                   {"sum", kEventSum, Unit::kNumber},
                                                   {"min", kEventMin, Unit::kNumber},
                                                   {"max", kEventMax, Unit::kNumber}}};

base::Error unknown(std::string_view path) {
  return base::fail(base::Code::kNotFound,
                    "there is no KPI " + json::quote_short(path) +
                        "; docs/kpis.md lists them, such as /kpis/dau/count and "
                        "/events/NAME/count, sum, min or max");
}

base::Result<Kpi> find_event(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash <= kEvents.size()) {
    return unknown(path);
  }
  const std::string_view name = path.substr(kEvents.size(), slash - kEvents.size());
  const auto aggregate = std::ranges::find(kAggregates, path.substr(slash + 1), &Aggregate::name);
  if (aggregate == kAggregates.end()) {
    return unknown(path);
  }
  return Kpi{std::string(path), aggregate->measure, aggregate->unit, 0, std::string(name)};
}

}  // namespace

bool Kpi::financial() const {
  switch (measure) {
    case kRevenue:
    case kPayingDailyUsers:
    case kPayingMonthlyUsers:
    case kDailyPayingUsers:
    case kRevenuePerUser:
    case kRevenuePerPayingUser: return true;
    default: return false;
  }
}

std::span<const Kpi> all_kpis() {
  static const std::array<Kpi, 20> kAll = {{
      {"/kpis/new-users/lifetime-count", kLifetimeUsers, Unit::kCount, 0, {}},
      {"/kpis/dau/count", kDailyUsers, Unit::kCount, 0, {}},
      {"/kpis/mau/count", kMonthlyUsers, Unit::kCount, 0, {}},
      {"/kpis/new-users/count", kNewUsers, Unit::kCount, 0, {}},
      {"/kpis/sessions/count", kSessions, Unit::kCount, 0, {}},
      {"/kpis/daily-revenue/sum", kRevenue, Unit::kCurrency, 0, {}},
      {"/kpis/pdau/count", kPayingDailyUsers, Unit::kCount, 0, {}},
      {"/kpis/pmau/count", kPayingMonthlyUsers, Unit::kCount, 0, {}},
      {"/kpis/week-1-retention/count", kWeekRetention, Unit::kCount, 1, {}},
      {"/kpis/week-2-retention/count", kWeekRetention, Unit::kCount, 2, {}},
      {"/kpis/week-3-retention/count", kWeekRetention, Unit::kCount, 3, {}},
      {"/kpis/day-1-retention/count", kDayRetention, Unit::kCount, 1, {}},
      {"/kpis/day-3-retention/count", kDayRetention, Unit::kCount, 3, {}},
      {"/kpis/day-5-retention/count", kDayRetention, Unit::kCount, 5, {}},
      {"/kpis/day-7-retention/count", kDayRetention, Unit::kCount, 7, {}},
      {"/kpis/daily-paying-users/count", kDailyPayingUsers, Unit::kCount, 0, {}},
      {"/kpis/sticky-factor/ratio", kStickyFactor, Unit::kRatio, 0, {}},
      {"/kpis/sessions-per-dau/ratio", kSessionsPerUser, Unit::kRatio, 0, {}},
      {"/kpis/arpdau/ratio", kRevenuePerUser, Unit::kCurrency, 0, {}},
      {"/kpis/arppdau/ratio", kRevenuePerPayingUser, Unit::kCurrency, 0, {}},
  }};
  return kAll;
}

base::Result<Kpi> find_kpi(std::string_view path) {
  std::string whole(path);
  if (!path.starts_with('/')) {
    whole.insert(whole.begin(), '/');
  }
  if (whole.starts_with(kEvents)) {
    return find_event(whole);
  }
  const auto found = std::ranges::find(all_kpis(), whole, &Kpi::path);
  return found == all_kpis().end() ? base::Result<Kpi>(unknown(whole)) : *found;
}

std::string_view unit_name(Unit unit) {
  switch (unit) {
    case Unit::kCount: return "count";
    case Unit::kRatio: return "ratio";
    case Unit::kCurrency: return "currency";
    case Unit::kNumber: return "number";
  }
  return "";
}

}  // namespace kpi
