#pragma once
// A thread that seals the store, so that loading goes on, and the Merger, which has one of its own.
// It gives way to threads that answer, as the loader does. Owner: the Loader.

#include "base/log.h"
#include "base/result.h"
#include "event/record.h"
#include "loader/merger.h"
#include "store/store.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace loader {

using event::Position;

/// Threads: every method from the loader's thread, except sealed(), failure() and damage(),
/// from any.
class Caretaker {
 public:
  /// `done` is called after each seal and when damage is found, from whatever thread. Lifetime:
  /// store and log outlive it.
  Caretaker(store::Store& store, base::Log& log, std::function<void()> done);
  Caretaker(const Caretaker&) = delete;
  Caretaker& operator=(const Caretaker&) = delete;
  /// Finishes what it is at.
  ~Caretaker();

  /// Asks for a seal. `kept`: everything up to there is durable apart from its rows.
  void seal(Position kept);
  /// Whether loading is behind: the next seal, or try, takes no longer than it must then.
  void note_behind(bool behind);
  /// True from seal() on until it has succeeded.
  [[nodiscard]] bool sealing() const;
  void allow_merging(Merging wish) { merger_.allow(wish); }
  /// Runs `work` while nothing is sealed or merged. Its position is what sealed() gives afterwards,
  /// and a seal that was asked for is dropped.
  base::Status alone(const std::function<base::Result<Position>()>& work);

  /// Everything derived from records up to here is durable: the journal is not needed for it. 0
  /// before the first seal.
  [[nodiscard]] Position sealed() const;
  /// Why the last seal failed, or which file of the store is damaged; empty while all is well.
  [[nodiscard]] std::string failure() const;
  /// Which file of the store is damaged, until alone() has put an end to it.
  [[nodiscard]] std::string damage() const { return merger_.damage(); }

 private:
  void run();
  void seal_now(std::unique_lock<std::mutex>& lock);

  store::Store& store_;
  base::Log& log_;
  const std::function<void()> done_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool stopping_ = false;
  bool working_ = false;
  bool resting_ = false;  // alone() runs
  bool seal_wanted_ = false;
  Position kept_ = 0;    // of the seal that is wanted
  bool behind_ = false;  // loading is
  Position sealed_ = 0;
  std::string failure_;
  Merger merger_;
  std::thread thread_;
};

}  // namespace loader
