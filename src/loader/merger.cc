#include "loader/merger.h"

#include "base/thread_name.h"
#include "base/thread_priority.h"
#include "loader/guarded.h"

#include <algorithm>

namespace loader {
namespace {

constexpr int kPriority = 15;
/// Between looks whether a round of checks is due, and between rounds without a reason.
constexpr std::chrono::seconds kCheckIdle{1};
constexpr std::chrono::hours kRoundsApart{6};
/// From a suspicion to its round: anybody's query may cause one.
constexpr std::chrono::seconds kSuspicionRests{3};
/// Pauses within a round, in times of what was read last, so that others get at the disk.
constexpr int kCheckPauses = 3;

/// Seals that follow each other faster mean that events come fast, for so long after the last:
/// longer than any two of them are apart.
constexpr std::chrono::seconds kSealsApart{4};
constexpr std::chrono::seconds kSealRests{6};
static_assert(kSealRests > kSealsApart);
/// With so many more files than nothing to merge leaves, they are merged all the same: each
/// question opens every file.
constexpr std::uint64_t kFilesMax = 1000;
/// Between interruptions of a merge that is to end.
constexpr std::chrono::milliseconds kInterruptPause{20};

}  // namespace

void MergePace::seal_asked(Time now) {
  before_ = asked_;
  asked_ = now;
}

bool MergePace::allows(Merging wish, Time now) const {
  if (wish == Merging::kNever) {
    return false;
  }
  const bool fast = asked_ - before_ < kSealsApart && now - asked_ < kSealRests;
  return files_ >= settled_files_ + kFilesMax || (wish == Merging::kFreely && !fast);
}

Merger::Merger(store::Store& store, base::Log& log, std::function<void()> damaged)
    : store_(store), log_(log), damaged_(std::move(damaged)) {
  thread_ = std::thread([this] { run(); });
}

Merger::~Merger() {
  rest();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Merger::allow(Merging wish) {
  const std::lock_guard lock(mutex_);
  if (merging_ != wish) {
    merging_ = wish;
    changed_.notify_all();
  }
}

void Merger::seal_asked() {
  const std::lock_guard lock(mutex_);
  pace_.seal_asked(std::chrono::steady_clock::now());
}

void Merger::sealed() {
  const std::uint64_t files = store_.stats().files;
  const std::lock_guard lock(mutex_);
  pace_.note_files(files);
  merge_left_ = true;
  changed_.notify_all();
}

void Merger::rest() {
  std::unique_lock lock(mutex_);
  resting_ = true;
  changed_.notify_all();
  while (working_) {
    lock.unlock();
    store_.interrupt();
    lock.lock();
    changed_.wait_for(lock, kInterruptPause, [this] { return !working_; });
  }
}

void Merger::resume(bool anew) {
  const std::lock_guard lock(mutex_);
  resting_ = false;
  if (anew) {
    damage_.clear();
    pace_ = {};
  }
  changed_.notify_all();
}

std::string Merger::damage() const {
  const std::lock_guard lock(mutex_);
  return damage_;
}

bool Merger::may_merge() const {
  return merge_left_ && pace_.allows(merging_, std::chrono::steady_clock::now());
}

void Merger::run() {
  base::name_this_thread("merger");
  base::lower_thread_priority(kPriority);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_until(lock, check_at_,
                        [this] { return stopping_ || (!resting_ && may_merge()); });
    if (!stopping_ && resting_) {
      changed_.wait(lock, [this] { return stopping_ || !resting_; });
    }
    if (stopping_) {
      return;
    }
    const bool was_whole = damage_.empty();
    working_ = true;
    if (may_merge()) {
      merge_now(lock);
    }
    if (std::chrono::steady_clock::now() >= check_at_ && !stopping_ && !resting_) {
      check_now(lock);
    }
    working_ = false;
    changed_.notify_all();
    if (was_whole && !damage_.empty()) {
      lock.unlock();
      damaged_();
      lock.lock();
    }
  }
}

void Merger::merge_now(std::unique_lock<std::mutex>& lock) {
  merge_left_ = false;  // unless sealed() says otherwise meanwhile
  lock.unlock();
  const base::Result<bool> more = guarded([this] { return store_.compact(); });
  const std::uint64_t files = store_.stats().files;
  lock.lock();
  if (!more && resting_) {
    merge_left_ = true;
    return;
  }
  pace_.note_files(files);
  if (more && *more) {
    merge_left_ = true;
  } else if (!merge_left_) {
    // Also what cannot be merged is not tried again before there are more files.
    pace_.merged_all();
  }
  if (!more) {
    log_.warning("cannot merge files of the store", {{"reason", more.error().message}});
    if (more.error().code == base::Code::kCorrupt) {
      note_damage(more.error().message);
    }
  }
}

/// Rounds through all files: after the start, on suspicion, and now and then.
void Merger::check_now(std::unique_lock<std::mutex>& lock) {
  const auto begun = std::chrono::steady_clock::now();
  check_at_ = begun + kCheckIdle;
  if (!damage_.empty()) {
    return;
  }
  if (!in_round_ && store_.suspected()) {
    round_at_ = std::min(round_at_, begun + kSuspicionRests);
  }
  if (!in_round_ && begun < round_at_) {
    return;
  }
  lock.unlock();
  const base::Result<bool> more = guarded([this] { return store_.check(); });
  lock.lock();
  const auto now = std::chrono::steady_clock::now();
  in_round_ = more && *more;
  if (in_round_) {
    check_at_ = now + kCheckPauses * (now - begun);
  } else {
    round_at_ = now + kRoundsApart;
  }
  if (!more && more.error().code == base::Code::kCorrupt) {
    note_damage(more.error().message);
  }
}

void Merger::note_damage(const std::string& reason) {
  if (damage_.empty()) {
    damage_ = "the store is damaged: " + reason;
  }
}

}  // namespace loader
