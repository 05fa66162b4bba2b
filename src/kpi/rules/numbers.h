#pragma once
// Numbers in an event's properties, as KPIs add them up. A value counts when it is a JSON number,
// or a text that is a decimal number and nothing else (Mobile Analytics attributes are texts).
// Amounts are added as whole millionths, so that a sum does not depend on the order of its parts
// and the same rows give the same sum in SQL; docs/kpis.md shows the formula.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kpi {

/// Values further from 0 do not count: a few of them could not be added up exactly.
inline constexpr double kNumberMax = 1e15;

/// A value in millionths, split so that sums of both parts stay within 64 bits.
struct Millionths {
  std::int64_t whole = 0;
  std::int64_t micro = 0;  ///< Less than a million, with the sign of `whole`.
  friend bool operator==(const Millionths&, const Millionths&) = default;
};

/// Rounded to the nearest millionth, halves away from 0. `value` is within kNumberMax.
Millionths to_millionths(double value);

/// `text` when it is digits with at most a sign before, a fraction and an exponent behind, 64
/// characters in all, and within kNumberMax.
std::optional<double> decimal_number(std::string_view text);

/// Calls `visit` for each member of the JSON object `json` that counts as a number; members of
/// members are not looked at. `json` is text this program has written. Lifetime: the key, for the
/// call.
void each_number(std::string_view json,
                 const std::function<void(std::string_view key, double value)>& visit);

}  // namespace kpi
