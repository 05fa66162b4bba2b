// Series from the rollups.

#include "kpi/part.h"

#include <utility>

namespace kpi {
namespace {

using loader::state::SeriesDay;
using loader::state::SeriesReader;

/// The days of a series that an answer over `range` needs.
DayRange days_needed(SeriesKind kind, DayRange range) {
  switch (kind) {
    case SeriesKind::kMonthlyUsers:
    case SeriesKind::kPayingMonthly: return {0, range.last};
    case SeriesKind::kFirstSeen: return {0, INT64_MAX};
    default: return range;
  }
}

void add_days(const std::vector<SeriesDay>& days, std::map<std::int64_t, DayValue>& part) {
  for (const SeriesDay& day : days) {
    part[day.day].add(day.value);
  }
}

}  // namespace

base::Result<std::unique_ptr<SeriesReader>> open_rollups(const Sources& sources) {
  // Asked first: the loader goes on between the two.
  const event::Position sealed = sources.store.sealed_position();
  auto reader = SeriesReader::open(sources.state_path);
  if (!reader) {
    return reader.error();
  }
  const auto covers = (*reader)->covers(sealed);
  if (!covers) {
    return covers.error();
  }
  if (!*covers) {
    return base::fail(base::Code::kUnavailable,
                      "rollups do not hold all stored events: they are being made again, or were "
                      "begun behind records that the journal no longer has");
  }
  return std::move(*reader);
}

base::Result<Parts> read_rollups(const Question& question, const std::vector<Wanted>& wanted,
                                 DayRange range, const Sources& sources) {
  const auto reader = open_rollups(sources);
  if (!reader) {
    return reader.error();
  }
  Parts parts;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const loader::state::SeriesChoice choice{question.subject.app_id, question.api, wanted[i].kind,
                                             wanted[i].name, wanted[i].key};
    const DayRange days = days_needed(choice.kind, range);
    if (choice.kind == SeriesKind::kRevenue) {
      const auto currencies = (*reader)->days_by_name(choice, days);
      if (!currencies) {
        return currencies.error();
      }
      for (const auto& [currency, read] : *currencies) {
        add_days(read, parts[{"", i, currency}]);
      }
      continue;
    }
    const auto read = (*reader)->days(choice, days);
    if (!read) {
      return read.error();
    }
    add_days(*read, parts[{"", i, ""}]);
  }
  return parts;
}

}  // namespace kpi
