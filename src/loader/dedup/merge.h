#pragma once
// Turns several runs into one, a little at a time, so that the loader's thread never waits for it.

#include "base/result.h"
#include "io/file_system.h"
#include "loader/dedup/run.h"
#include "loader/dedup/run_writer.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace loader::dedup {

/// Picks runs worth merging: names by their place in `runs`, at least two, or nothing. Runs whose
/// newest entries lie in one span of time are merged among themselves only, four of like size at a
/// time, all of them once the span is past; so a run ends up with one span's ids and is removed as
/// a whole when they are too old.
std::vector<std::size_t> pick_merge(std::span<const Footer> runs, std::uint32_t span_s);

class Merge {
 public:
  /// Lifetime: the runs must outlive the Merge. Entries received before `keep_from_s` are left out.
  Merge(std::vector<Run*> runs, std::unique_ptr<RunWriter> out, std::uint32_t keep_from_s);

  /// Handles up to `entries_max` entries; true when the new run is written and durable.
  base::Result<bool> advance(std::uint64_t entries_max);

  [[nodiscard]] const RunWriter& out() const { return *out_; }
  [[nodiscard]] bool reads(const std::string& run) const;

 private:
  struct Cursor {
    Run* run = nullptr;
    std::uint64_t block = 0;  // next to read
    std::vector<Entry> entries;
    std::size_t at = 0;
  };
  static base::Status fill(Cursor& cursor);
  Cursor* smallest();

  std::vector<Cursor> cursors_;
  std::unique_ptr<RunWriter> out_;
  std::uint32_t keep_from_s_;
};

}  // namespace loader::dedup
