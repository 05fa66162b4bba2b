#include "journal/queue.h"

#include <algorithm>
#include <utility>

namespace journal {

/// Records that may share a sync, or bytes that make a group by themselves.
bool Queue::enough() const {
  return items_.size() >= options_.gather_records ||
         waiting_bytes_ >= std::min(options_.group_bytes_max, options_.queue_bytes_max / 2);
}

Queue::Call Queue::push(Item item) {
  const std::uint64_t bytes = bytes_of(std::span(&item, 1));
  bytes_ += bytes;
  waiting_bytes_ += bytes;
  ++records_;
  items_.push_back(std::move(item));
  if (gathering_) {
    return enough() ? Call::kCommitter : Call::kNobody;
  }
  if (asked_) {
    return Call::kNobody;
  }
  if (enough()) {
    asked_ = true;
    return Call::kCommitter;
  }
  return Call::kLater;
}

bool Queue::ask() {
  if (items_.empty() || asked_) {
    return false;
  }
  asked_ = true;
  return !gathering_;
}

void Queue::stop() {
  stopping_ = true;
  wake_.notify_all();
}

bool Queue::take(std::unique_lock<std::mutex>& lock, Pace pace,
                 std::optional<std::chrono::steady_clock::duration> limit,
                 std::vector<Item>& items) {
  const auto called = [this] { return asked_ || stopping_; };
  if (limit) {
    wake_.wait_for(lock, *limit, called);
  } else {
    wake_.wait(lock, called);
  }
  if (pace == Pace::kGathered && options_.sync == SyncMode::kCommit) {
    gathering_ = true;
    wake_.wait_for(lock, options_.gather_time, [this] { return enough() || stopping_; });
    gathering_ = false;
  }
  asked_ = false;
  waiting_bytes_ = 0;
  items.swap(items_);
  return !(items.empty() && stopping_);
}

void Queue::release(std::span<Item> items) {
  bytes_ -= bytes_of(items);
  records_ -= items.size();
}

}  // namespace journal
