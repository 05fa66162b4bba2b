#pragma once
// What an answer is computed from: series by day, whichever place they were read from. Private to
// this room.

#include "base/result.h"
#include "kpi/kpi.h"
#include "loader/state/series_reader.h"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace kpi {

using loader::state::DayValue;
using loader::state::SeriesKind;

/// A series an answer needs. `name` and `key` as in loader::state::SeriesKey; of kRevenue all
/// currencies are read.
struct Wanted {
  SeriesKind kind = SeriesKind::kEvents;
  std::string name;
  std::string key;
};

/// Which place a series has in an answer.
struct PartKey {
  std::string group;  ///< Empty without a grouping, and for events that have no such value.
  std::size_t wanted = 0;
  std::string currency;
  friend auto operator<=>(const PartKey&, const PartKey&) = default;
};

/// Days of a series. Series that are kept as differences hold differences, from any day on that is
/// not behind the range; of kFirstSeen all days are there.
using Parts = std::map<PartKey, std::map<std::int64_t, DayValue>>;

/// kUnavailable, which says why, when rollups cannot be read or do not hold all events that the
/// store has in files.
base::Result<std::unique_ptr<loader::state::SeriesReader>> open_rollups(const Sources& sources);
/// Errors: as open_rollups().
base::Result<Parts> read_rollups(const Question& question, const std::vector<Wanted>& wanted,
                                 DayRange range, const Sources& sources);
base::Result<Parts> read_events(const Question& question, const std::vector<Wanted>& wanted,
                                DayRange range, const Sources& sources);

/// The currencies of a part of revenue, each with what amounts in it are marked by. Amounts that
/// name none go with the only currency that is named, and are by themselves where there are
/// several.
std::vector<std::set<std::string>> currencies_of(const Parts& parts, std::size_t wanted);

/// The day it is in the time zone of the question. kInvalid for an unknown one.
base::Result<std::int64_t> today_of(const Question& question, const Sources& sources);

/// An answer out of parts. `today` decides what is not over.
Answer assemble(const Question& question, const std::vector<Wanted>& wanted, const Parts& parts,
                DayRange range, std::int64_t today);

std::vector<Wanted> wanted_by(const Question& question);

}  // namespace kpi
