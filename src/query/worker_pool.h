#pragma once
// Threads for work that may take long and must not hold up the threads that read requests.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace query {

/// Threads: post() from any thread.
class WorkerPool {
 public:
  WorkerPool(std::size_t threads, std::size_t waiting_max);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  /// Finishes what is running, drops what waits.
  ~WorkerPool();

  /// False when `waiting_max` pieces of work wait already; `work` is then untouched.
  bool post(std::function<void()>& work);

 private:
  void run();
  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace query
