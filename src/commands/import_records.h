#pragma once
// The part of `catchment import` that runs where the data directory is open: takes records made of
// export files (imports/), adds what only the application and the moment can say, and puts into the
// journal those that are not there yet.

#include "base/result.h"
#include "control/output.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace engine {
class Engine;
class Pipeline;
}  // namespace engine

namespace commands {

/// Events and profiles.
struct ImportCounts {
  std::int64_t stored = 0;
  std::int64_t duplicate = 0;
  std::int64_t rejected = 0;
  std::int64_t known = 0;  ///< Of parts that an earlier run had imported.
};

/// Returns when all can be queried. kInvalid for bytes that are no records of an import for
/// `app_id`, kUnavailable when nobody waits any more or nothing can be stored; what was stored by
/// then is known to the next run.
base::Result<ImportCounts> import_records(engine::Engine& engine, engine::Pipeline& pipeline,
                                          std::string_view app_id,
                                          const std::vector<std::string_view>& records,
                                          control::Output& output);

}  // namespace commands
