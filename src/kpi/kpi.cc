#include "kpi/kpi.h"

#include "kpi/part.h"

#include <algorithm>

namespace kpi {

bool rollups_suffice(const Question& question) {
  return question.filters.empty() && !question.group_by && !question.sessionless &&
         question.time_zone == "UTC";
}

namespace {

base::Result<Parts> read_parts(const Question& question, const std::vector<Wanted>& wanted,
                               DayRange range, const Sources& sources, bool rollups) {
  return rollups ? read_rollups(question, wanted, range, sources)
                 : read_events(question, wanted, range, sources);
}

/// Whether every number asked for is kept by day.
base::Result<bool> numbers_kept(const Question& question, const Sources& sources) {
  if (question.metric.empty()) {
    return true;
  }
  auto reader = loader::state::SeriesReader::open(sources.state_path);
  return reader ? (*reader)->metrics_complete(question.subject.app_id)
                : base::Result<bool>(reader.error());
}

}  // namespace

base::Result<Answer> answer(const Question& question, const Sources& sources) {
  const auto today = today_of(question, sources);
  if (!today) {
    return today.error();
  }
  const auto range = days_of(question, *today);
  if (!range) {
    return range.error();
  }
  bool rollups = rollups_suffice(question);
  if (rollups) {
    const auto kept = numbers_kept(question, sources);
    if (!kept) {
      return kept.error();
    }
    rollups = *kept;
  }
  const std::vector<Wanted> wanted = wanted_by(question);
  const auto parts = read_parts(question, wanted, *range, sources, rollups);
  if (!parts) {
    return parts.error();
  }
  Answer out = assemble(question, wanted, *parts, *range, *today);
  out.from_rollups = rollups;
  return out;
}

}  // namespace kpi
