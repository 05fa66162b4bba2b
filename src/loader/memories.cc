#include "loader/memories.h"

#include <string>
#include <utility>

namespace loader {
namespace {

constexpr std::uint64_t kTidyEntries = 50'000;

}  // namespace

base::Result<std::unique_ptr<Memories>> Memories::open(const Parts& parts, const Options& options) {
  auto ids = dedup::Index::open(parts.files, parts.log,
                                {io::join(options.state_folder, "dedup"), options.dedup_window,
                                 options.dedup_table_entries_max});
  if (!ids) {
    return ids.error();
  }
  auto activity =
      rollup::Activity::open(parts.files, parts.log, io::join(options.state_folder, "activity"));
  if (!activity) {
    return activity.error();
  }
  auto memories = std::make_unique<Memories>(parts);
  memories->ids_ = std::move(*ids);
  memories->activity_ = std::move(*activity);
  memories->ids_known_ = memories->ids_->through();
  memories->activity_known_ = memories->activity_->index().through();
  return memories;
}

void Memories::advance(Position through) {
  ids_known_ = std::max(ids_known_, through);
  activity_known_ = std::max(activity_known_, through);
}

base::Status Memories::make_room(Part& at) {
  if (!activity_->index().wants_flush() && !ids_->wants_flush()) {
    return base::ok();
  }
  at = Part::kJournal;
  if (auto settled = settle(); !settled) {
    return settled;
  }
  at = Part::kActivity;
  if (activity_->index().wants_flush()) {
    if (auto flushed = activity_->index().flush(activity_known_); !flushed) {
      return flushed;
    }
  }
  at = Part::kIds;
  return ids_->wants_flush() ? ids_->flush(ids_known_) : base::ok();
}

/// What they keep must not outlive the records it comes from.
base::Status Memories::settle() const {
  return parts_.make_durable ? parts_.make_durable() : base::ok();
}

base::Status Memories::flush() {
  if (auto settled = settle(); !settled) {
    return settled;
  }
  if (auto flushed = activity_->index().flush(activity_known_); !flushed) {
    return flushed;
  }
  return ids_->flush(ids_known_);
}

base::Result<bool> Memories::tidy() {
  bool more = false;
  for (const Part part : {Part::kIds, Part::kActivity}) {
    dedup::Index& index = part == Part::kIds ? *ids_ : activity_->index();
    auto tidied = index.tidy(kTidyEntries);
    if (!tidied && tidied.error().code != base::Code::kCorrupt) {
      return tidied;
    }
    if (!tidied) {
      auto forgotten = forget_all(part, tidied.error());
      return forgotten ? base::Result<bool>(false) : forgotten.error();
    }
    more = more || *tidied;
  }
  return more;
}

void Memories::forget_failed(Position stored) {
  ids_->forget_after(std::min(ids_known_, stored));
  activity_->forget_after(std::min(activity_known_, stored));
}

base::Status Memories::forget_all(Part part, const base::Error& error) {
  const bool ids = part == Part::kIds;
  parts_.log.warning(std::string(ids ? "the memory of event ids" : "the memory of active days") +
                         " is damaged; deriving it from the journal again",
                     {{"reason", error.message}});
  if (!ids) {
    return forget_activity();
  }
  ids_known_ = 0;
  return ids_->reset();
}

base::Status Memories::forget_activity() {
  activity_known_ = 0;
  return activity_->reset();
}

base::Status Memories::reset() {
  ids_known_ = 0;
  if (auto emptied = ids_->reset(); !emptied) {
    return emptied;
  }
  return forget_activity();
}

}  // namespace loader
