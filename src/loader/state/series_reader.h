#pragma once
// Reads rollups (series.h) beside the loader that goes on writing them: one consistent moment, all
// that is loaded when the reader is opened. Made for one question, or one report, and thrown away.

#include "base/result.h"
#include "event/record.h"
#include "loader/state/series.h"
#include "loader/state/sqlite.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loader::state {

/// Which series; those of several APIs are added up.
struct SeriesChoice {
  std::string app_id;
  std::optional<event::Api> api;  ///< Nothing: all of them.
  SeriesKind kind = SeriesKind::kEvents;
  std::string name;
  std::string key;
};

struct SeriesDay {
  std::int64_t day = 0;  ///< Days since 1970-01-01.
  DayValue value;
};

struct SeriesTotal {
  std::string name;
  std::int64_t count = 0;
};

/// First and last day, both included.
struct DayRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

/// Threads: one.
class SeriesReader {
 public:
  /// `path` is State::path(). kUnavailable while the database cannot be read.
  static base::Result<std::unique_ptr<SeriesReader>> open(const std::string& path);
  /// For open().
  explicit SeriesReader(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  /// The days that have a value, in order.
  base::Result<std::vector<SeriesDay>> days(const SeriesChoice& choice, DayRange range);
  /// Of every name of the kind that has such a day; `name` of `choice` is not looked at.
  base::Result<std::map<std::string, std::vector<SeriesDay>>> days_by_name(
      const SeriesChoice& choice, DayRange range);
  /// The count of every name of the kind over the days; `name` and `key` of `choice` are not looked
  /// at. Names without a day are left out. Largest first.
  base::Result<std::vector<SeriesTotal>> totals(const SeriesChoice& choice, DayRange range);
  /// Whether rollups hold everything that was loaded, from the first record on and up to
  /// `position`: not those begun behind records that the journal no longer has, nor those being
  /// made again.
  base::Result<bool> covers(event::Position position);
  /// True when every pair of event name and number the application ever sent is kept.
  base::Result<bool> metrics_complete(const std::string& app_id);

 private:
  std::unique_ptr<Database> database_;
};

}  // namespace loader::state
