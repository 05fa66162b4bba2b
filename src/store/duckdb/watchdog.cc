#include "store/duckdb/watchdog.h"

#include "base/thread_name.h"

#include <algorithm>

namespace store::duckdb {
namespace {

constexpr std::chrono::milliseconds kRepeat{20};

}  // namespace

Watchdog::Watchdog() : thread_([this] { run(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watchdog::run() {
  base::name_this_thread("watchdog");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const Deadline now = std::chrono::steady_clock::now();
    Deadline next = Deadline::max();
    for (auto& [id, watched] : watched_) {
      if (watched.deadline <= now) {
        duckdb_interrupt(watched.connection);
        watched.deadline = now + kRepeat;
      }
      next = std::min(next, watched.deadline);
    }
    if (next == Deadline::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, next);
    }
  }
}

Watchdog::Guard::Guard(Watchdog& watchdog, duckdb_connection connection, Deadline deadline)
    : watchdog_(watchdog) {
  {
    const std::lock_guard lock(watchdog_.mutex_);
    id_ = watchdog_.next_id_++;
    watchdog_.watched_[id_] = {connection, deadline};
  }
  watchdog_.changed_.notify_all();
}

Watchdog::Guard::~Guard() {
  const std::lock_guard lock(watchdog_.mutex_);
  watchdog_.watched_.erase(id_);
}

}  // namespace store::duckdb
