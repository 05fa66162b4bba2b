#pragma once
// Answers questions about KPIs: from the rollups that the loader keeps (loader/state/series.h)
// where they hold what is asked for, else from the rows of `event` by SQL, with the same numbers.
// docs/kpis.md defines every KPI and says which questions are answered from what. Owner: whoever
// asks, for one question.

#include "base/result.h"
#include "kpi/answer.h"
#include "kpi/question.h"
#include "kpi/rules/rules.h"
#include "store/store.h"

#include <string>

namespace kpi {

/// What answers are made of. References outlive the call.
struct Sources {
  store::Store& store;
  std::string state_path;  ///< loader::state::State::path().
  const RuleBook& rules;   ///< As the loader has them.
  store::QueryLimits limits = {};
};

/// kInvalid for a time zone that is unknown and for days that are too far apart; kTooLarge for too
/// many groups; else as Store::query(). Threads: any. May take its time.
base::Result<Answer> answer(const Question& question, const Sources& sources);

/// Whether rollups can answer it; whether they hold all events, and numbers of all names, is not
/// looked at.
bool rollups_suffice(const Question& question);

}  // namespace kpi
