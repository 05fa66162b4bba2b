#include "loader/dedup/merge.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

namespace loader::dedup {
namespace {

constexpr std::size_t kFanIn = 4;
/// Above this many entries (256 MB) a run is left as it is.
constexpr std::uint64_t kEntriesMax = std::uint64_t{8} << 20U;

/// 0, 1, 2, ... for sizes that grow by the fan-in.
std::uint32_t level_of(std::uint64_t entries) {
  return static_cast<std::uint32_t>(std::bit_width(entries | 1023U) - 10) / 2;
}

}  // namespace

std::vector<std::size_t> pick_merge(std::span<const Footer> runs, std::uint32_t span_s) {
  std::uint32_t newest = 0;
  std::map<std::uint32_t, std::vector<std::size_t>> spans;
  for (std::size_t at = 0; at < runs.size(); ++at) {
    if (runs[at].entries > kEntriesMax / 2) {
      continue;
    }
    const std::uint32_t span = runs[at].received_max_s / span_s;
    newest = std::max(newest, span);
    spans[span].push_back(at);
  }
  for (const auto& [span, members] : spans) {
    std::map<std::uint32_t, std::vector<std::size_t>> levels;
    for (const std::size_t member : members) {
      levels[span < newest ? 0 : level_of(runs[member].entries)].push_back(member);
    }
    for (auto& [level, same] : levels) {
      if (same.size() >= kFanIn || (span < newest && same.size() > 1)) {
        same.resize(std::min(same.size(), kFanIn));
        return same;
      }
    }
  }
  return {};
}

Merge::Merge(std::vector<Run*> runs, std::unique_ptr<RunWriter> out, std::uint32_t keep_from_s)
    : out_(std::move(out)), keep_from_s_(keep_from_s) {
  for (Run* run : runs) {
    cursors_.push_back(Cursor{run, 0, {}, 0});
  }
}

bool Merge::reads(const std::string& run) const {
  return std::any_of(cursors_.begin(), cursors_.end(),
                     [&](const Cursor& cursor) { return cursor.run->name() == run; });
}

base::Status Merge::fill(Cursor& cursor) {
  if (cursor.at < cursor.entries.size()) {
    return base::ok();
  }
  cursor.entries.clear();
  cursor.at = 0;
  if (cursor.block == cursor.run->footer().blocks) {
    return base::ok();
  }
  return cursor.run->read_block(cursor.block++, cursor.entries);
}

Merge::Cursor* Merge::smallest() {
  Cursor* best = nullptr;
  for (Cursor& cursor : cursors_) {
    if (cursor.at < cursor.entries.size() &&
        (best == nullptr || before(cursor.entries[cursor.at], best->entries[best->at]))) {
      best = &cursor;
    }
  }
  return best;
}

base::Result<bool> Merge::advance(std::uint64_t entries_max) {
  for (std::uint64_t done = 0; done < entries_max; ++done) {
    for (Cursor& cursor : cursors_) {
      if (auto filled = fill(cursor); !filled) {
        return filled.error();
      }
    }
    Cursor* next = smallest();
    if (next == nullptr) {
      if (auto finished = out_->finish(); !finished) {
        return finished.error();
      }
      return true;
    }
    const Entry& entry = next->entries[next->at++];
    if (entry.place.received_s >= keep_from_s_) {
      if (auto added = out_->add(entry); !added) {
        return added.error();
      }
    }
  }
  return false;
}

}  // namespace loader::dedup
