#pragma once
// The events of one step of the loader on their way into the store. A row of `event` takes some
// kilobytes, so that moving each one would be a good part of what loading costs: the vectors the
// decoders made are taken over whole, and rows are found through pointers. Owner: a Batch.

#include "event/event.h"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace store {

/// Threads: one at a time.
class EventList {
 public:
  EventList() = default;
  EventList(EventList&&) = default;
  EventList& operator=(EventList&&) = default;
  EventList(const EventList&) = delete;
  EventList& operator=(const EventList&) = delete;
  ~EventList() = default;

  /// Takes the events over as they lie.
  void add(std::vector<event::Event> events) {
    if (events.empty()) {
      return;
    }
    for (event::Event& event : parts_.emplace_back(std::move(events))) {
      rows_.push_back(&event);
    }
  }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  /// In the order they were added. Lifetime: of the list.
  [[nodiscard]] std::span<event::Event* const> rows() const { return rows_; }

 private:
  std::vector<std::vector<event::Event>> parts_;  // may move, their events stay
  std::vector<event::Event*> rows_;
};

}  // namespace store
