#pragma once
// Rollups: for every application and API, series of numbers by day (UTC), from which KPIs are
// answered without reading events. Changes gather in memory and are written once a step, inside the
// State's transaction, so that they count each record once. What each series holds is decided in
// loader/rollup; docs/kpis.md tells how KPIs are made of them. Owner: the State.

#include "base/result.h"
#include "event/record.h"
#include "loader/state/sqlite.h"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace loader::state {

/// What a series counts. Values are on disk: never renumber.
enum class SeriesKind : std::uint8_t {
  kEvents = 1,          ///< Events called `name`.
  kMetric = 2,          ///< Of events called `name`, the number `key`: how often, sum, min, max.
  kSessions = 3,        ///< Active events (session starts).
  kActiveUsers = 4,     ///< Users with an active event.
  kMonthlyUsers = 5,    ///< Changes, from the day before, of the users active in 30 days.
  kNewUsers = 6,        ///< Users whose first active day it is.
  kPayingActive = 7,    ///< Active users with a purchase until then.
  kPayingMonthly = 8,   ///< As kMonthlyUsers, of users with a purchase until then.
  kFirstSeen = 9,       ///< Users whose first event of any name is of that day.
  kPayingUsers = 10,    ///< Users with a purchase on the day.
  kRevenue = 11,        ///< Sum of what purchases were worth in the currency `name`.
  kDayRetention = 12,   ///< Active users who were again `name` days later.
  kWeekRetention = 13,  ///< Active users who were again in the week `name` after.
};

struct SeriesKey {
  std::string_view app_id;
  event::Api api = event::Api::kClickstream;
  SeriesKind kind = SeriesKind::kEvents;
  std::string_view name;
  std::string_view key;
};

/// A day of a series, or a change of it. The sum is whole + micro / 1,000,000; beyond 64 bits it
/// stays at the largest number there is.
struct DayValue {
  std::int64_t count = 0;
  std::int64_t whole = 0;
  std::int64_t micro = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  void add(const DayValue& more);
};

/// Pairs of event name and number kept for an application and API; KPIs of further ones are
/// answered from events.
inline constexpr std::int64_t kMetricSeriesMax = 10'000;

/// Threads: one.
class SeriesStore {
 public:
  /// SQL that makes the tables.
  static const char* schema();
  /// Lifetime: `database` must outlive the store.
  static base::Result<std::unique_ptr<SeriesStore>> open(Database& database);
  /// For open().
  explicit SeriesStore(Database& database) : database_(database) {}

  /// Adds to the day (days since 1970-01-01) of a series, which may be new. Inside a transaction.
  base::Status add(const SeriesKey& key, std::int64_t day, const DayValue& change);
  /// Writes what has changed.
  base::Status flush();
  /// Forgets every change since the last flush.
  base::Status drop();

 private:
  using Pair = std::pair<std::string, event::Api>;
  struct PlaceHash {
    std::size_t operator()(const std::pair<std::int64_t, std::int64_t>& place) const {
      return static_cast<std::size_t>(place.first) * 0x9e3779b97f4a7c15U ^
             static_cast<std::size_t>(place.second);
    }
  };

  base::Status prepare();
  base::Status count_metrics();
  base::Result<std::int64_t> series_of(const SeriesKey& key);
  base::Result<std::int64_t> make_series(const SeriesKey& key);

  Database& database_;
  Statement find_series_;
  Statement write_series_;
  Statement write_day_;
  std::string text_;                                     // reused by series_of()
  std::unordered_map<std::string, std::int64_t> known_;  // some of them; 0: one too many
  std::map<Pair, std::int64_t> metric_series_;
  std::unordered_map<std::pair<std::int64_t, std::int64_t>, DayValue, PlaceHash> changes_;
};

}  // namespace loader::state
