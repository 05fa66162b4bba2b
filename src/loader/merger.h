#pragma once
// Merges files of the store and reads them again in search of damage, on a thread of its own, so
// that neither loading nor sealing waits for it. It gives way to threads that answer, as the loader
// does. Owner: the Caretaker.

#include "base/log.h"
#include "store/store.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace loader {

/// What the loader has to say about merging.
enum class Merging : std::uint8_t {
  kNever,       ///< The server stops.
  kWhenNeeded,  ///< Loading is behind.
  kFreely,
};

/// When files are merged: in time the disk and the processor have to spare. To merge a row costs
/// more than to seal it, so while events come fast files pile up, and are merged afterwards, more
/// at once. Threads: one at a time.
class MergePace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void seal_asked(Time now);
  /// So many files there are.
  void note_files(std::uint64_t files) { files_ = files; }
  /// None of them is to be merged.
  void merged_all() { settled_files_ = files_; }
  [[nodiscard]] bool allows(Merging wish, Time now) const;

 private:
  Time asked_{};   ///< For the last seal.
  Time before_{};  ///< For the one before it.
  std::uint64_t files_ = 0;
  std::uint64_t settled_files_ = 0;  ///< When there was nothing left to merge.
};

/// Threads: every method from any.
class Merger {
 public:
  /// Lifetime: store and log outlive it. `damaged` is called from its thread when damage() begins
  /// to say something.
  Merger(store::Store& store, base::Log& log, std::function<void()> damaged);
  Merger(const Merger&) = delete;
  Merger& operator=(const Merger&) = delete;
  ~Merger();

  void allow(Merging wish);
  void seal_asked();
  void sealed();
  /// Ends the work in hand, and waits for that; there is no other before resume().
  void rest();
  /// `anew`: the files there were are gone, or as they should be.
  void resume(bool anew);
  /// Which file of the store is damaged, until then.
  [[nodiscard]] std::string damage() const;

 private:
  void run();
  void merge_now(std::unique_lock<std::mutex>& lock);
  void check_now(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] bool may_merge() const;
  void note_damage(const std::string& reason);

  store::Store& store_;
  base::Log& log_;
  const std::function<void()> damaged_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool stopping_ = false;
  bool working_ = false;
  bool resting_ = false;
  Merging merging_ = Merging::kNever;
  MergePace pace_;
  bool merge_left_ = true;  // there may be files to merge
  std::string damage_;
  std::chrono::steady_clock::time_point check_at_{};  // the next look, and what it is to see
  std::chrono::steady_clock::time_point round_at_{};
  bool in_round_ = false;
  std::thread thread_;
};

}  // namespace loader
