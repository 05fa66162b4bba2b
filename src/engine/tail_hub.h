#pragma once
// Hands events, as they are loaded, to everybody who runs `catchment tail`. Costs nothing while
// nobody does. A reader who cannot keep up loses lines, and is told how many.

#include "store/store.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <string>

namespace engine {

/// Threads: publish() from the loader's thread, follow() from any.
class TailHub {
 public:
  /// One reader. Lines wait here until they are taken.
  struct Reader {
    std::string app_id;  ///< Empty: all applications.
    std::deque<std::string> lines;
    std::uint64_t lost = 0;
  };

  void publish(const store::Batch& batch);

  std::list<Reader>::iterator open(std::string app_id);
  void close(std::list<Reader>::iterator reader);
  /// Waits a moment for lines; returns and removes them.
  std::deque<std::string> take(std::list<Reader>::iterator reader, std::uint64_t& lost);

 private:
  void push_locked(const std::string& app_id, const std::string& line);
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Reader> readers_;
};

}  // namespace engine
