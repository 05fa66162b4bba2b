#pragma once
// The overview that the vendor's console showed first: who was there, who came back, what was
// earned, and how that compares with the days before.

#include "base/result.h"
#include "kpi/answer.h"
#include "kpi/kpi.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kpi {

/// One number of the overview. Averages are over the days that have a value.
struct ReportLine {
  std::string name;  ///< "active users a day", for people.
  std::string key;   ///< "daily_active_users", for programs.
  Unit unit = Unit::kCount;
  std::string currency;  ///< Of money; empty: none named.
  Value value;
  Value before;  ///< The same over as many days before.
  /// Of `value` against `before`, as a fraction; nothing when there is nothing to compare.
  std::optional<double> change;
};

struct ReportEvent {
  std::string name;
  std::int64_t count = 0;
  std::int64_t before = 0;
};

struct Report {
  std::string app_id;
  DayRange range;
  DayRange before;
  std::vector<ReportLine> lines;
  std::vector<ReportEvent> events;  ///< The most frequent ones.
};

/// Over the days that `parameters` (start-date and end-date) name, the last 30 by default; UTC, and
/// from rollups alone: kUnavailable while they do not hold all events. kInvalid for any other
/// parameter.
base::Result<Report> report(const Subject& subject, const Parameters& parameters,
                            const Sources& sources);

std::string to_json(const Report& report);
std::string to_table(const Report& report);

}  // namespace kpi
