#pragma once
// Collects, for tests, what a Writer answers. Threads: any; the getters after wait().

#include "journal/writer.h"

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace journal {

/// Waits for answers of append() and keeps them in the order they came.
class Answers {
 public:
  Writer::Done expect(std::string record) {
    const std::lock_guard lock(mutex_);
    ++waiting_;
    return [this, record = std::move(record)](base::Result<Position> result) {
      const std::lock_guard inner(mutex_);
      if (result) {
        order_.push_back(*result);
        stored_[*result] = record;
      } else {
        errors_.push_back(result.error());
      }
      --waiting_;
      done_.notify_all();
    };
  }
  void wait() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return waiting_ == 0; });
  }
  [[nodiscard]] const std::vector<Position>& order() const { return order_; }
  [[nodiscard]] const std::map<Position, std::string>& stored() const { return stored_; }
  [[nodiscard]] const std::vector<base::Error>& errors() const { return errors_; }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t waiting_ = 0;
  std::vector<Position> order_;
  std::map<Position, std::string> stored_;
  std::vector<base::Error> errors_;
};

}  // namespace journal
