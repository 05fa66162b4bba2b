#pragma once
// A store for tests: rows in memory. What is not sealed is gone after a crash.

#include "event/columns.h"
#include "store/store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <iterator>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace loader {

using event::Position;

class MemoryStore : public store::Store {
 public:
  base::Status append(store::Batch batch) override {
    if (refusals > 0) {
      --refusals;
      return base::fail(base::Code::kUnavailable, "no memory left");
    }
    for (const event::Event* event : batch.events.rows()) {
      if (event->event_name == "poison") {
        return base::fail(base::Code::kInternal, "cannot take this row");
      }
    }
    const std::lock_guard lock(mutex_);
    EXPECT_GT(batch.through, visible_) << "rows were appended twice";
    for (event::Event* event : batch.events.rows()) {
      events.push_back(std::move(*event));
    }
    std::move(batch.items.begin(), batch.items.end(), std::back_inserter(items));
    std::move(batch.rejected.begin(), batch.rejected.end(), std::back_inserter(rejected));
    visible_ = batch.through;
    ++appends;
    return base::ok();
  }
  base::Status seal() override {
    if (fail_seal) {
      return base::fail(base::Code::kIo, "the disk is gone");
    }
    const std::lock_guard lock(mutex_);
    sealed_ = visible_.load();
    sealed_rows_ = {events, items, rejected};
    return base::ok();
  }
  base::Result<bool> compact() override { return false; }
  base::Result<bool> check() override {
    return damaged ? base::Result<bool>(base::fail(base::Code::kCorrupt, "a file is damaged"))
                   : base::Result<bool>(false);
  }
  base::Status clear() override {
    damaged = false;
    visible_ = 0;
    sealed_ = 0;
    sealed_rows_ = {};
    restore();
    return base::ok();
  }
  void crash() {
    visible_ = sealed_.load();
    restore();
  }
  [[nodiscard]] Position visible_position() const override { return visible_; }
  [[nodiscard]] Position sealed_position() const override { return sealed_; }
  [[nodiscard]] store::Stats stats() const override {
    store::Stats stats;
    stats.visible = visible_;
    stats.sealed = sealed_;
    stats.hot_rows = stats.visible - stats.sealed;
    return stats;
  }
  /// Knows one question: which records are put aside with codes that `sql` names. Hides what was
  /// replayed, unless `sql` asks for every one.
  base::Result<store::QueryResult> query(std::string_view sql, store::ResultFormat /*format*/,
                                         const store::QueryLimits& /*limits*/) override {
    if (refused_queries > 0) {
      --refused_queries;
      return base::fail(base::Code::kUnavailable, "too many queries");
    }
    const bool every = sql.find(" every_rejected_event ") != std::string_view::npos;
    std::string text = "journal_position,code\r\n";
    for (const event::RejectedRow& row : rejected) {
      const Position position = static_cast<Position>(*row.journal_position);
      if (sql.find("'" + row.code + "'") != std::string_view::npos &&
          (every || !is_replayed || !is_replayed(position))) {
        text.append(std::to_string(position)).append(",").append(row.code).append("\r\n");
      }
    }
    return store::QueryResult{std::move(text), rejected.size()};
  }

  std::vector<event::Event> events;
  std::vector<event::ItemRow> items;
  std::vector<event::RejectedRow> rejected;
  std::function<bool(Position)> is_replayed;  // such rows are not in the view rejected_event
  std::atomic<int> refused_queries = 0;
  std::atomic<int> refusals = 0;
  std::atomic<bool> damaged = false;
  std::atomic<int> appends = 0;
  std::atomic<bool> fail_seal = false;

 private:
  std::mutex mutex_;  // append() and seal() may run at the same time
  void restore() { std::tie(events, items, rejected) = sealed_rows_; }
  std::atomic<Position> visible_{0};
  std::atomic<Position> sealed_{0};
  std::tuple<std::vector<event::Event>, std::vector<event::ItemRow>,
             std::vector<event::RejectedRow>>
      sealed_rows_;
};

}  // namespace loader
