#pragma once
// The small files in which a target remembers how far it is. JSON of one line, replaced as a whole:
// after a crash all of the old or all of the new text is there.

#include "base/result.h"
#include "exports/target.h"
#include "io/file_system.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace exports {

struct State {
  event::Position position = 0;
  std::uint64_t bytes = 0;  ///< Of the output file, at that position.
  /// Files that are complete and belong to `position`, but may not have their last name yet:
  /// from, to.
  std::vector<std::pair<std::string, std::string>> renames;
};

/// Nothing when there is no such file. kInvalid for another application or shape, kCorrupt for text
/// that save_state() does not write.
base::Result<std::optional<State>> load_state(io::FileSystem& files, const std::string& path,
                                              const Identity& identity);
/// Durable: after it returns.
base::Status save_state(io::FileSystem& files, const std::string& path, const Identity& identity,
                        const State& state);

}  // namespace exports
