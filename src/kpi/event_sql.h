#pragma once
// The SQL that computes series from the rows of `event`. Private to this room. Texts of people go
// into it as quoted literals alone. docs/kpis.md shows the same in simpler words.

#include "kpi/part.h"

#include <string>
#include <string_view>
#include <vector>

namespace kpi {

/// One SELECT with the columns part, grp, currency, day, n, total, low and high: a row for each day
/// of each series; `total` is text, in millionths.
std::string events_sql(const Question& question, const std::vector<Wanted>& wanted, DayRange range,
                       const RuleBook& rules);

/// `text` as an SQL literal.
std::string sql_text(std::string_view text);
/// The day as an SQL literal.
std::string sql_day(std::int64_t day);
/// The JSON pointer to the member `key` as an SQL literal.
std::string sql_member(std::string_view key);

}  // namespace kpi
