#pragma once
// Another try for what was put aside: the request is taken from the journal, its verdicts are taken
// again with the registry as it is now, and it goes through the journal once more, marked with the
// place it replaces. Nothing is changed in place: a rebuild gives the same rows.

#include "base/result.h"

#include <cstdint>
#include <string>

namespace engine {
class Engine;
class Pipeline;
}  // namespace engine

namespace commands {

struct ReplayResult {
  std::uint64_t tried = 0;
  std::uint64_t rejected = 0;  ///< Put aside again.
};

/// Replays the rows of rejected_event that `condition` (SQL behind WHERE) selects, and waits until
/// they are loaded. Selecting none is no error.
base::Result<ReplayResult> replay_rejected(engine::Engine& engine, engine::Pipeline& pipeline,
                                           const std::string& condition);

}  // namespace commands
