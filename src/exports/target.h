#pragma once
// Where an export's text ends up, in the process the command was typed in: standard output, one
// file, or a folder of hourly files. Each knows up to which position it has everything, and the
// last two say so on disk, so that the next run goes on from there.
// Threads: one at a time.

#include "base/clock.h"
#include "base/result.h"
#include "control/output.h"
#include "exports/mark.h"
#include "exports/shape.h"
#include "io/file_system.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace exports {

class Target {
 public:
  Target() = default;
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  virtual ~Target() = default;

  /// Lines of whole positions, up to and with `mark`; the text may be empty. After a failure
  /// nothing else is called.
  virtual base::Status take(std::string_view text, const Mark& mark) = 0;
  /// Makes everything taken so far durable, where that is the target's business.
  virtual base::Status finish() = 0;
};

/// Whose and which events a target holds; a later run must ask for the same.
struct Identity {
  std::string app_id;
  std::string shape;
};

/// What a target that was used before has already.
struct Resume {
  event::Position position = 0;
  bool begun = false;  ///< There was a run before: `position` counts.
  bool empty = true;   ///< No line was written yet.
};

struct OpenedTarget {
  std::unique_ptr<Target> target;
  Resume resume;
};

/// What targets are made of. All references outlive them.
struct Place {
  control::Output& output;  ///< Standard output and standard error.
  io::FileSystem& files;
  const base::Clock& clock;
};

struct FileTargetPaths {
  std::string file;   ///< Empty: standard output.
  std::string state;  ///< Empty: the file is written anew, and nothing is remembered.
};

/// With a state, the file is cut back to what the state says and goes on there; a file that is gone
/// begins anew. kUnavailable while another run holds the state, kInvalid for the state of another
/// application or shape.
base::Result<OpenedTarget> open_file_target(const FileTargetPaths& paths, const Identity& identity,
                                            const Place& place);

/// An hourly target closes its files before it opens one more: replayed events keep their time of
/// arrival, so any number of hours may come by.
inline constexpr std::size_t kOpenHoursMax = 64;

/// FOLDER/awsma/events/APP/YYYY/MM/DD/HH/….gz, by the hour of arrival in UTC. Errors as above.
base::Result<OpenedTarget> open_hourly_target(const std::string& folder, const Identity& identity,
                                              const Place& place);

}  // namespace exports
