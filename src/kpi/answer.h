#pragma once
// The answer to a question about a KPI, as a value. render.h makes text of it.

#include "kpi/catalog.h"
#include "kpi/rules/numbers.h"
#include "loader/state/series_reader.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace kpi {

using loader::state::DayRange;

/// Nothing: not known, because its window is not over or there is nothing to divide by. Counts are
/// whole, sums exact to a millionth, the rest is real.
using Value = std::variant<std::monostate, std::int64_t, Millionths, double>;

inline bool is_null(const Value& value) { return std::holds_alternative<std::monostate>(value); }
/// 0 for null.
double to_double(const Value& value);
/// As JSON writes it; "" for null.
std::string to_text(const Value& value);

/// YYYY-MM-DD of days since 1970-01-01.
std::string date_of(std::int64_t day);

struct Point {
  std::int64_t day = 0;  ///< Days since 1970-01-01.
  Value value;
  /// Of money: by currency in capitals, "" for amounts without one. Then `value` is the sum when at
  /// most one named currency occurs in the answer, or of the currency asked for, else null.
  std::map<std::string, Value> currencies;
};

struct Series {
  std::optional<std::string> group;  ///< With group-by: its value; nothing: events that have none.
  std::vector<Point> points;         ///< Each day of the range, in order.
  Value total;                       ///< Of lifetime-count: of all days there are.
};

struct Answer {
  Kpi kpi;
  std::string app_id;
  DayRange range;
  std::string time_zone;
  std::string currency;        ///< That `value` is in, when it is in one.
  bool one_currency = false;   ///< It was asked for: text shows no other.
  std::string group_by;        ///< As asked for; empty: `series` has one element.
  std::vector<Series> series;  ///< Largest first.
  bool from_rollups = false;   ///< Or else from events.
};

}  // namespace kpi
