#include "base/clock.h"

namespace base {

Time SystemClock::now() const {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::chrono::steady_clock::time_point SystemClock::steady_now() const {
  return std::chrono::steady_clock::now();
}

Time ManualClock::now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

std::chrono::steady_clock::time_point ManualClock::steady_now() const {
  const std::lock_guard lock(mutex_);
  return steady_;
}

void ManualClock::advance(std::chrono::microseconds by) {
  const std::lock_guard lock(mutex_);
  now_ += by;
  steady_ += by;
}

void ManualClock::set(Time now) {
  const std::lock_guard lock(mutex_);
  now_ = now;
}

}  // namespace base
