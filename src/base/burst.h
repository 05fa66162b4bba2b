#pragma once
// Wakes another thread once for many things. Who wakes a thread for the first of thirty things it
// has for it loses the processor to it, where both use one, and again for the second. So a thread
// that has many of them opens a Burst, and whom it would wake is woken when that ends.

#include <functional>
#include <memory>
#include <vector>

namespace base {

/// Somebody who waits for things from other threads.
class Sleeper {
 public:
  Sleeper() = default;
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  virtual ~Sleeper() = default;
  /// There is something for it. From any thread; does not block. May be called for nothing.
  virtual void wake() = 0;
};

/// While one lives, its thread is in a burst. Bursts may stand inside each other; the innermost
/// counts.
class Burst {
 public:
  /// `held` is called whenever the first is held back; it may see to it that end() is called.
  explicit Burst(std::function<void()> held = {});
  Burst(const Burst&) = delete;
  Burst& operator=(const Burst&) = delete;
  /// Ends the burst.
  ~Burst();

  /// Wakes who has been held back; the next burst begins. For the thread of the burst.
  void end();

  /// Wakes `sleeper` when the burst of the calling thread ends, once however often it is asked to;
  /// now if the thread is in none.
  static void wake(const std::shared_ptr<Sleeper>& sleeper);

 private:
  Burst* const outer_;
  const std::function<void()> held_;
  std::vector<std::shared_ptr<Sleeper>> sleepers_;  ///< Few: one for each kind of thread.
};

}  // namespace base
