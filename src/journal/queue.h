#pragma once
// What waits for the committer, and when it is woken for it: when the burst of a thread that
// appends is over (base/burst.h), so that what was ready to be read together shares one write and
// sync; or before, when that is enough for one.

#include "journal/item.h"
#include "journal/writer.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace journal {

/// Threads: every call under one mutex, the Writer's, but notify(). take() gives it back while it
/// waits.
class Queue {
 public:
  /// `options` outlives it.
  explicit Queue(const Options& options) : options_(options) {}

  enum class Call : std::uint8_t {
    kNobody,    ///< The committer is awake, or waits for more.
    kLater,     ///< ask() is to be called when the caller's burst ends.
    kCommitter  ///< notify() is to be called, without the mutex.
  };
  [[nodiscard]] Call push(Item item);
  /// For all that was pushed. True when notify() is to be called.
  [[nodiscard]] bool ask();
  void notify() { wake_.notify_one(); }
  void stop();

  /// Waits until there is something to do, or `limit` is over; what was pushed goes into `items`,
  /// which is empty before. False when there never will be any more.
  [[nodiscard]] bool take(std::unique_lock<std::mutex>& lock, Pace pace,
                          std::optional<std::chrono::steady_clock::duration> limit,
                          std::vector<Item>& items);
  /// What was taken has been answered.
  void release(std::span<Item> items);

  /// Pushed and not released.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t records() const { return records_; }

 private:
  [[nodiscard]] bool enough() const;

  const Options& options_;
  std::condition_variable wake_;
  std::vector<Item> items_;
  std::uint64_t waiting_bytes_ = 0;  ///< Of items_.
  std::uint64_t bytes_ = 0;
  std::uint64_t records_ = 0;
  bool asked_ = false;      ///< Never without items.
  bool gathering_ = false;  ///< The committer waits for company of what there is.
  bool stopping_ = false;
};

}  // namespace journal
