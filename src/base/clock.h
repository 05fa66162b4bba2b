#pragma once
// Time as an argument. Everything that needs the time is handed a Clock, so that tests and the
// simulation decide what time it is. Inside the program time is std::chrono; integers with a unit
// in their name exist only on the wire, on disk and in columns.

#include <chrono>
#include <cstdint>
#include <mutex>

namespace base {

/// Microseconds since 1970-01-01T00:00:00Z, leap seconds ignored: the resolution of every
/// timestamp column.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

/// Threads: every method may be called from any thread.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  /// The wall clock; may jump, also backwards.
  [[nodiscard]] virtual Time now() const = 0;
  /// For deadlines and durations; never goes backwards.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point steady_now() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override;
  [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override;
};

/// A clock that stands still until a test moves it.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_(start) {}
  [[nodiscard]] Time now() const override;
  [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override;
  void advance(std::chrono::microseconds by);
  void set(Time now);

 private:
  mutable std::mutex mutex_;
  Time now_;
  std::chrono::steady_clock::time_point steady_{};
};

inline std::int64_t to_us(Time time) { return time.time_since_epoch().count(); }
inline std::int64_t to_ms(Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}
inline Time from_us(std::int64_t us) { return Time(std::chrono::microseconds(us)); }

}  // namespace base
