#include "loader/caretaker.h"

#include "base/thread_name.h"
#include "base/thread_priority.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace loader {
namespace {

constexpr int kPriority = 10;
/// Between tries of a seal that fails.
constexpr std::chrono::milliseconds kPause{1000};
/// Between looks whether a round of checks is due, and between rounds without a reason.
constexpr std::chrono::seconds kCheckIdle{1};
constexpr std::chrono::hours kRoundsApart{6};
/// From a suspicion to its round: anybody's query may cause one.
constexpr std::chrono::seconds kSuspicionRests{3};
/// Pauses within a round, in times of what was read last, so that others get at the disk.
constexpr int kCheckPauses = 3;

/// What third-party code throws, as an error.
template <class Work>
auto guarded(const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& error) {
    return base::fail(base::Code::kInternal, error.what());
  }
}

}  // namespace

Caretaker::Caretaker(store::Store& store, base::Log& log, std::function<void()> done)
    : store_(store), log_(log), done_(std::move(done)) {
  thread_ = std::thread([this] { run(); });
}

Caretaker::~Caretaker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Caretaker::seal(Position kept) {
  {
    const std::lock_guard lock(mutex_);
    seal_wanted_ = true;
    kept_ = kept;
    pace_.seal_asked(std::chrono::steady_clock::now());
  }
  changed_.notify_all();
}

bool Caretaker::sealing() const {
  const std::lock_guard lock(mutex_);
  return seal_wanted_;
}

void Caretaker::allow_merging(Merging wish) {
  const std::lock_guard lock(mutex_);
  if (merging_ != wish) {
    merging_ = wish;
    changed_.notify_all();
  }
}

bool Caretaker::may_merge() const {
  return merge_left_ && pace_.allows(merging_, std::chrono::steady_clock::now());
}

base::Status Caretaker::alone(const std::function<base::Result<Position>()>& work) {
  {
    std::unique_lock lock(mutex_);
    resting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !working_; });
  }
  const base::Result<Position> done = work();
  const std::lock_guard lock(mutex_);
  resting_ = false;
  if (done) {
    seal_wanted_ = false;
    sealed_ = *done;
    failure_.clear();
    damage_.clear();
  }
  changed_.notify_all();
  return done ? base::ok() : base::Status(done.error());
}

Position Caretaker::sealed() const {
  const std::lock_guard lock(mutex_);
  return sealed_;
}

std::string Caretaker::failure() const {
  const std::lock_guard lock(mutex_);
  return damage_.empty() ? failure_ : damage_;
}

std::string Caretaker::damage() const {
  const std::lock_guard lock(mutex_);
  return damage_;
}

void Caretaker::run() {
  base::name_this_thread("caretaker");
  base::lower_thread_priority(kPriority);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_until(lock, check_at_, [this] {
      return stopping_ || (!resting_ && (seal_wanted_ || may_merge()));
    });
    if (stopping_) {
      return;
    }
    if (resting_) {
      changed_.wait(lock, [this] { return stopping_ || !resting_; });
      continue;
    }
    working_ = true;
    if (seal_wanted_) {
      seal_now(lock);
    } else if (may_merge()) {
      merge_now(lock);
    }
    if (std::chrono::steady_clock::now() >= check_at_ && !stopping_) {
      check_now(lock);
    }
    working_ = false;
    changed_.notify_all();
    lock.unlock();
    done_();
    lock.lock();
  }
}

void Caretaker::seal_now(std::unique_lock<std::mutex>& lock) {
  const Position kept = kept_;
  lock.unlock();
  const base::Status done = guarded([this] { return store_.seal(); });
  lock.lock();
  if (done) {
    seal_wanted_ = false;
    merge_left_ = true;
    pace_.sealed();
    sealed_ = kept;
    failure_.clear();
    return;
  }
  if (failure_ != done.error().message) {
    failure_ = done.error().message;
    log_.error("the store cannot be sealed; it is tried again", {{"reason", failure_}});
  }
  changed_.wait_for(lock, kPause, [this] { return stopping_ || resting_; });
}

void Caretaker::merge_now(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  const base::Result<bool> more = guarded([this] { return store_.compact(); });
  lock.lock();
  merge_left_ = more && *more;
  if (!merge_left_) {
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
void Caretaker::check_now(std::unique_lock<std::mutex>& lock) {
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

void Caretaker::note_damage(const std::string& reason) {
  if (damage_.empty()) {
    damage_ = "the store is damaged: " + reason;
  }
}

}  // namespace loader
