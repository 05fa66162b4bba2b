// Series from the rollups.

#include "kpi/part.h"

#include <utility>

namespace kpi {
namespace {

/// The days of a series that an answer over `range` needs.
DayRange days_needed(SeriesKind kind, DayRange range) {
  switch (kind) {
    case SeriesKind::kMonthlyUsers:
    case SeriesKind::kPayingMonthly: return {0, range.last};
    case SeriesKind::kFirstSeen: return {0, INT64_MAX};
    default: return range;
  }
}

}  // namespace

base::Result<Parts> read_rollups(const Question& question, const std::vector<Wanted>& wanted,
                                 DayRange range, const Sources& sources) {
  auto reader = loader::state::SeriesReader::open(sources.state_path);
  if (!reader) {
    return reader.error();
  }
  Parts parts;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    loader::state::SeriesChoice choice{question.subject.app_id, question.api, wanted[i].kind,
                                       wanted[i].name, wanted[i].key};
    const DayRange days = days_needed(choice.kind, range);
    std::vector<std::string> names = {choice.name};
    if (choice.kind == SeriesKind::kRevenue) {
      auto totals = (*reader)->totals(choice, days);
      if (!totals) {
        return totals.error();
      }
      names.clear();
      for (loader::state::SeriesTotal& total : *totals) {
        names.push_back(std::move(total.name));
      }
    }
    for (const std::string& name : names) {
      choice.name = name;
      auto read = (*reader)->days(choice, days);
      if (!read) {
        return read.error();
      }
      auto& part = parts[{"", i, choice.kind == SeriesKind::kRevenue ? name : ""}];
      for (const loader::state::SeriesDay& day : *read) {
        part[day.day].add(day.value);
      }
    }
  }
  return parts;
}

}  // namespace kpi
