#pragma once
// Reads an application's rows out of the store, a stretch of the journal at a time, and hands their
// lines to the command's output with a Mark behind each part. No query runs while the output waits
// for its reader, and no more than one stretch is in memory.

#include "base/result.h"
#include "control/output.h"
#include "exports/shape.h"
#include "io/file_system.h"
#include "store/store.h"

#include <chrono>
#include <cstdint>
#include <functional>

namespace exports {

struct Request {
  Shape shape = Shape::kNested;
  Owner owner;
  ChosenColumns chosen;
  store::EventRange range;  ///< `through` is where a run without `follow` ends.
  bool header = true;       ///< Of kRedshift.
  bool by_hour = false;     ///< No part holds rows of two hours.
  bool follow = false;      ///< Goes on as rows become visible, until nobody reads.
};

/// How much is read at once; smaller in tests.
struct Stretch {
  std::uint64_t rows = 20'000;  ///< Aimed at.
  std::uint64_t text_bytes_max = std::uint64_t{32} << 20U;
  std::uint64_t part_bytes = std::uint64_t{512} << 10U;  ///< A part ends at the next position.
};

/// Where the rows are. Lifetime: outlives the run.
struct Source {
  store::Store& store;
  io::FileSystem& files;
  /// True once the position is visible; waits for it that long at most.
  std::function<bool(event::Position, std::chrono::milliseconds)> wait_visible;
};

/// Returns when everything asked for was handed over, or nobody reads any more.
base::Status run(const Request& request, const Source& source, control::Output& output,
                 const Stretch& stretch = {});

}  // namespace exports
