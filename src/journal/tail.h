#pragma once
// Recovery: brings the end of the journal into a state that the Appender can go on from. Only the
// last segment is read, so that opening takes as long with a terabyte as with a megabyte. Called
// once, by Writer::open(), before any thread runs.

#include "base/log.h"
#include "base/result.h"
#include "io/file_system.h"
#include "journal/active_segment.h"
#include "journal/writer.h"

#include <cstdint>
#include <memory>

namespace journal {

struct Tail {
  Recovery recovery;
  Position next = 1;                      ///< Of the next record.
  std::unique_ptr<ActiveSegment> active;  ///< Null: the next record starts a new segment.
};

/// Makes the folder where it is missing, removes temporary files, cuts what a crash tore. What is
/// kept is synced before this returns (unless SyncMode::kOff), so that nobody reads a record that a
/// power cut could still take away. kInvalid for a segment of a newer program.
base::Result<Tail> recover_tail(io::FileSystem& files, const Options& options);

/// Says what was cut and what is damaged.
void log_recovery(base::Log& log, const Recovery& recovery);

}  // namespace journal
