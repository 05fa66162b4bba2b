#pragma once
// Answers as text: JSON, CSV, and a table for a terminal.

#include "kpi/answer.h"

#include <cstddef>
#include <string>

namespace kpi {

/// {"kpi":"/kpis/dau/count","app_id":…,"start_date":…,"end_date":…,"unit":"count",
/// "values":[{"date":"2018-01-01","value":123}]}; with a grouping "groups" in place of "values".
std::string to_json(const Answer& answer);

/// A line for each day and group, with a heading; "date,value", between them "group" and "currency"
/// where there are such. Null is an empty field.
std::string to_csv(const Answer& answer);

struct TableStyle {
  bool bars = false;         ///< Draws a bar beside each number.
  std::size_t columns = 80;  ///< Of the terminal.
};
std::string to_table(const Answer& answer, const TableStyle& style);

}  // namespace kpi
