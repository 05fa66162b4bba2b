#include "loader/caretaker.h"

#include "base/thread_name.h"
#include "base/thread_priority.h"
#include "loader/guarded.h"

#include <chrono>
#include <utility>

namespace loader {
namespace {

constexpr int kPriority = 10;
/// Between tries of a seal that fails.
constexpr std::chrono::milliseconds kPause{1000};

}  // namespace

Caretaker::Caretaker(store::Store& store, base::Log& log, std::function<void()> done)
    : store_(store), log_(log), done_(std::move(done)), merger_(store, log, done_) {
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
  }
  merger_.seal_asked();
  changed_.notify_all();
}

void Caretaker::note_behind(bool behind) {
  const std::lock_guard lock(mutex_);
  behind_ = behind;
}

bool Caretaker::sealing() const {
  const std::lock_guard lock(mutex_);
  return seal_wanted_;
}

base::Status Caretaker::alone(const std::function<base::Result<Position>()>& work) {
  {
    std::unique_lock lock(mutex_);
    resting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !working_; });
  }
  merger_.rest();
  const base::Result<Position> done = work();
  merger_.resume(done.has_value());
  const std::lock_guard lock(mutex_);
  resting_ = false;
  if (done) {
    seal_wanted_ = false;
    sealed_ = *done;
    failure_.clear();
  }
  changed_.notify_all();
  return done ? base::ok() : base::Status(done.error());
}

Position Caretaker::sealed() const {
  const std::lock_guard lock(mutex_);
  return sealed_;
}

std::string Caretaker::failure() const {
  if (std::string damage = merger_.damage(); !damage.empty()) {
    return damage;
  }
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Caretaker::run() {
  base::name_this_thread("caretaker");
  base::lower_thread_priority(kPriority);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || (!resting_ && seal_wanted_); });
    if (stopping_) {
      return;
    }
    working_ = true;
    seal_now(lock);
    working_ = false;
    changed_.notify_all();
    lock.unlock();
    done_();
    lock.lock();
  }
}

void Caretaker::seal_now(std::unique_lock<std::mutex>& lock) {
  const Position kept = kept_;
  const bool behind = behind_;
  lock.unlock();
  base::hurry(behind);
  const base::Status done = guarded([this] { return store_.seal(); });
  if (done) {
    merger_.sealed();
  }
  lock.lock();
  if (done) {
    seal_wanted_ = false;
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

}  // namespace loader
