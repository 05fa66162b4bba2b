#pragma once
// Keeps queries apart and within their time: one thread interrupts those past their deadline, a
// gate lets only so many run at once.
// Internal to this room.

#include <duckdb.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>

namespace store::duckdb {

/// Threads: every method may be called from any thread.
class Watchdog {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

  /// While it lives, `connection` is interrupted once `deadline` has passed, and again and again:
  /// an interrupt that comes before the engine started the query has no effect.
  class Guard {
   public:
    Guard(Watchdog& watchdog, duckdb_connection connection, Deadline deadline);
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard();

   private:
    Watchdog& watchdog_;
    std::uint64_t id_;
  };

 private:
  struct Watched {
    duckdb_connection connection = nullptr;
    Deadline deadline;
  };
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, Watched> watched_;
  std::uint64_t next_id_ = 0;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

/// Lets a few in at a time; the others wait until their deadline.
class Gate {
 public:
  explicit Gate(unsigned places) : places_(std::max(1U, places)) {}

  bool enter(Watchdog::Deadline deadline) {
    std::unique_lock lock(mutex_);
    if (!left_.wait_until(lock, deadline, [this] { return places_ > 0; })) {
      return false;
    }
    --places_;
    return true;
  }
  void leave() {
    {
      const std::lock_guard lock(mutex_);
      ++places_;
    }
    left_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  unsigned places_;
};

}  // namespace store::duckdb
