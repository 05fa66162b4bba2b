#include "kpi/kpi.h"

#include "kpi/part.h"

#include <optional>
#include <utility>

namespace kpi {

bool rollups_suffice(const Question& question) {
  return question.filters.empty() && !question.group_by && !question.sessionless &&
         question.time_zone == "UTC";
}

namespace {

/// Whether every number asked for is kept by day.
base::Result<bool> numbers_kept(const Question& question, const Sources& sources) {
  if (question.metric.empty()) {
    return true;
  }
  const auto reader = open_rollups(sources);
  return reader ? (*reader)->metrics_complete(question.subject.app_id)
                : base::Result<bool>(reader.error());
}

/// Nothing where rollups cannot answer and events have to.
base::Result<std::optional<Parts>> try_rollups(const Question& question,
                                               const std::vector<Wanted>& wanted, DayRange range,
                                               const Sources& sources) {
  const auto kept = rollups_suffice(question) ? numbers_kept(question, sources) : false;
  if (!kept && kept.error().code != base::Code::kUnavailable) {
    return kept.error();
  }
  if (!kept || !*kept) {
    return std::optional<Parts>();
  }
  auto parts = read_rollups(question, wanted, range, sources);
  if (parts) {
    return std::optional<Parts>(std::move(*parts));
  }
  return parts.error().code == base::Code::kUnavailable
             ? base::Result<std::optional<Parts>>(std::optional<Parts>())
             : parts.error();
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
  const std::vector<Wanted> wanted = wanted_by(question);
  auto kept = try_rollups(question, wanted, *range, sources);
  if (!kept) {
    return kept.error();
  }
  const auto parts = *kept ? base::Result<Parts>(std::move(**kept))
                           : read_events(question, wanted, *range, sources);
  if (!parts) {
    return parts.error();
  }
  Answer out = assemble(question, wanted, *parts, *range, *today);
  out.from_rollups = kept->has_value();
  return out;
}

}  // namespace kpi
