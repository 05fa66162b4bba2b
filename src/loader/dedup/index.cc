#include "loader/dedup/index.h"

#include <algorithm>
#include <utility>

namespace loader::dedup {
namespace {

using base::Code;

/// Runs are removed and entries left out of merges only this long after the window, so that a wall
/// clock that is set back changes no answer.
constexpr std::uint32_t kSlackS = 2 * 86'400;
/// Spans of time a window is divided into for merging.
constexpr std::uint32_t kSpans = 8;

}  // namespace

Index::~Index() = default;

base::Result<std::unique_ptr<Index>> Index::open(io::FileSystem& files, base::Log& log,
                                                 Options options) {
  auto index = std::make_unique<Index>(files, log, std::move(options));
  if (auto made = files.create_directories(index->options_.folder); !made) {
    return made.error();
  }
  auto loaded = index->load();
  if (!loaded && (loaded.error().code == Code::kCorrupt || loaded.error().code == Code::kNotFound ||
                  loaded.error().code == Code::kIo)) {
    log.warning(index->options_.what + " is damaged; deriving it from the journal again",
                {{"reason", loaded.error().message}});
    loaded = index->reset();
  }
  if (!loaded) {
    return loaded.error();
  }
  return index;
}

base::Status Index::load() {
  auto manifest = read_manifest(files_, options_.folder);
  if (!manifest) {
    return manifest.error();
  }
  if (*manifest) {
    manifest_ = std::move(**manifest);
  }
  for (const std::string& name : manifest_.runs) {
    auto run = Run::open(files_, options_.folder, name);
    if (!run) {
      return run.error();
    }
    runs_.push_back(std::move(*run));
  }
  remove_unnamed();
  return base::ok();
}

/// Files that a crash left behind before the manifest named them, or after it stopped to.
void Index::remove_unnamed() {
  auto names = files_.list(options_.folder);
  if (!names) {
    return;
  }
  for (const std::string& name : *names) {
    const auto& runs = manifest_.runs;
    if (is_run_name(name) && std::find(runs.begin(), runs.end(), name) == runs.end()) {
      if (auto removed = files_.remove(io::join(options_.folder, name)); !removed) {
        log_.warning("cannot remove an old file", {{"reason", removed.error().message}});
      }
    }
  }
}

void Index::prefetch(Hash128 id) const {
  table_.prefetch(id);
  for (const auto& run : runs_) {
    run->prefetch(id);
  }
}

base::Status Index::find(Hash128 id, std::vector<Place>& places) {
  table_.each(id, [&](const Place& known) { places.push_back(known); });
  for (const auto& run : runs_) {
    if (auto found = run->find(id, places); !found) {
      return found;
    }
  }
  return base::ok();
}

base::Result<bool> Index::first(Hash128 id, Place place) {
  received_min_s_ = std::min(received_min_s_, place.received_s);
  places_.clear();
  if (auto found = find(id, places_); !found) {
    return found.error();
  }
  const auto window = options_.window.count();
  bool duplicate = false;
  for (const Place& known : places_) {
    if (known.same(place)) {
      return true;
    }
    const std::int64_t age = std::int64_t{place.received_s} - std::int64_t{known.received_s};
    duplicate = duplicate || (known.before(place) && age <= window);
  }
  if (!duplicate) {
    table_.insert(Entry{id, place});
  }
  return !duplicate;
}

base::Status Index::record(Manifest manifest) {
  if (auto written = write_manifest(files_, options_.folder, manifest); !written) {
    return written;
  }
  manifest_ = std::move(manifest);
  return base::ok();
}

base::Status Index::flush(Position through) {
  Manifest manifest = manifest_;
  manifest.through = std::max(manifest.through, through);
  const std::size_t runs_before = runs_.size();
  if (table_.count() > 0) {
    if (auto written = write_table(manifest); !written) {
      return written;
    }
  }
  if (received_min_s_ != UINT32_MAX) {
    const auto margin = static_cast<std::uint64_t>(options_.window.count()) + kSlackS;
    keep_from_s_ =
        received_min_s_ > margin ? received_min_s_ - static_cast<std::uint32_t>(margin) : 0;
  }
  drop_old(manifest);
  if (auto recorded = record(std::move(manifest)); !recorded) {
    runs_.resize(runs_before);  // the table still holds what the new run does
    return recorded;
  }
  received_min_s_ = UINT32_MAX;
  table_.clear();
  const bool dropped = runs_.size() > manifest_.runs.size();
  std::erase_if(runs_, [&](const std::unique_ptr<Run>& run) {
    return std::find(manifest_.runs.begin(), manifest_.runs.end(), run->name()) ==
           manifest_.runs.end();
  });
  if (dropped && !merge_) {
    remove_unnamed();
  }
  return base::ok();
}

base::Status Index::write_table(Manifest& manifest) {
  const std::vector<Entry> entries = table_.sorted();
  // Taken even when this fails: a name that a manifest on disk may hold is never written again.
  const std::string name = run_name(manifest_.next_number++);
  manifest.next_number = manifest_.next_number;
  auto out = RunWriter::create(files_, options_.folder, name, entries.size());
  if (!out) {
    return out.error();
  }
  for (const Entry& entry : entries) {
    if (auto added = (*out)->add(entry); !added) {
      return added;
    }
  }
  if (auto finished = (*out)->finish(); !finished) {
    return finished;
  }
  auto run = Run::open(files_, options_.folder, name);
  if (!run) {
    return run.error();
  }
  manifest.runs.push_back(name);
  runs_.push_back(std::move(*run));
  return base::ok();
}

void Index::drop_old(Manifest& manifest) {
  for (const auto& run : runs_) {
    const bool busy = merge_ && merge_->reads(run->name());
    if (!busy && run->footer().received_max_s < keep_from_s_) {
      std::erase(manifest.runs, run->name());
    }
  }
}

base::Result<bool> Index::begin_merge() {
  std::vector<Footer> footers;
  footers.reserve(runs_.size());
  for (const auto& run : runs_) {
    footers.push_back(run->footer());
  }
  const auto span = static_cast<std::uint32_t>(options_.window.count()) / kSpans + 1;
  const std::vector<std::size_t> picked = pick_merge(footers, span);
  if (picked.empty()) {
    return false;
  }
  std::vector<Run*> inputs;
  std::uint64_t entries = 0;
  for (const std::size_t at : picked) {
    inputs.push_back(runs_[at].get());
    entries += runs_[at]->entries();
  }
  // The number is taken at once: a flush during the merge takes the next.
  const std::string name = run_name(manifest_.next_number++);
  auto out = RunWriter::create(files_, options_.folder, name, entries);
  if (!out) {
    return out.error();
  }
  merge_ = std::make_unique<Merge>(std::move(inputs), std::move(*out), keep_from_s_);
  return true;
}

base::Result<bool> Index::tidy(std::uint64_t entries_max) {
  if (!merge_) {
    auto begun = begin_merge();
    if (!begun || !*begun) {
      return begun;
    }
  }
  auto done = merge_->advance(entries_max);
  if (!done) {
    merge_.reset();
    return done.error();
  }
  if (*done) {
    if (auto ended = end_merge(); !ended) {
      return ended.error();
    }
  }
  return true;
}

base::Status Index::end_merge() {
  const std::unique_ptr<Merge> merge = std::move(merge_);
  Manifest manifest = manifest_;
  std::erase_if(manifest.runs, [&](const std::string& name) { return merge->reads(name); });
  std::unique_ptr<Run> merged;
  if (merge->out().entries() > 0) {
    auto run = Run::open(files_, options_.folder, merge->out().name());
    if (!run) {
      return run.error();
    }
    merged = std::move(*run);
    manifest.runs.push_back(merged->name());
  }
  if (auto recorded = record(std::move(manifest)); !recorded) {
    return recorded;
  }
  // Asks the manifest, not the merge: the merge looks at the runs, which go away meanwhile.
  std::erase_if(runs_, [&](const std::unique_ptr<Run>& run) {
    return std::ranges::find(manifest_.runs, run->name()) == manifest_.runs.end();
  });
  if (merged) {
    runs_.push_back(std::move(merged));
  }
  remove_unnamed();
  return base::ok();
}

base::Status Index::reset() {
  merge_.reset();
  runs_.clear();
  table_.clear();
  received_min_s_ = UINT32_MAX;
  keep_from_s_ = 0;
  // Numbers go on: a file that could not be removed is never taken for a new one.
  Manifest empty;
  empty.next_number = manifest_.next_number;
  if (auto recorded = record(std::move(empty)); !recorded) {
    return recorded;
  }
  remove_unnamed();
  return base::ok();
}

Stats Index::stats() const {
  Stats stats;
  stats.ids_in_memory = table_.count();
  stats.runs = runs_.size();
  for (const auto& run : runs_) {
    stats.ids_in_runs += run->entries();
  }
  return stats;
}

}  // namespace loader::dedup
