#pragma once
// Sends an event of an application of its own through journal, loader and store every now and then,
// and asks the store for it: that events come through is seen, not concluded.

#include "api/edge.h"
#include "base/clock.h"
#include "base/result.h"
#include "event/record.h"
#include "registry/app.h"
#include "store/store.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace audit {

/// The application the events belong to.
using registry::kCanaryApp;

struct CanarySources {
  api::Intake& intake;
  store::Store& store;
  const base::Clock& clock;
  /// Waits until a journal position can be queried; false when time ran out.
  std::function<bool(event::Position, std::chrono::milliseconds)> wait_visible;
};

struct CanaryReport {
  /// Of the newest event a query has shown; before the first, since the start.
  std::chrono::milliseconds age{0};
  std::chrono::milliseconds latency{0};  ///< From sending it to its row in a query.
  bool overdue = false;
};

/// Threads: step() from one, report() from any.
class Canary {
 public:
  /// Overdue is a canary whose newest visible event is older than this many intervals.
  static constexpr int kIntervalsMax = 3;

  Canary(CanarySources sources, std::chrono::milliseconds interval);

  /// Sends when it is time to, and looks for what was sent; waits a second for it at most.
  void step();
  [[nodiscard]] CanaryReport report() const;

 private:
  /// An event on its way.
  struct Sent {
    std::chrono::steady_clock::time_point at{};
    base::Time received_at{};
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<event::Position> position;  ///< Once it is durable; 0 when it was refused.
  };
  void send(std::chrono::steady_clock::time_point now);
  void look();
  bool settle(const Sent& sent, event::Position position);
  base::Result<bool> shows(const Sent& sent, event::Position position) const;

  const CanarySources sources_;
  const std::chrono::milliseconds interval_;
  std::optional<std::chrono::steady_clock::time_point> sent_at_;
  std::deque<std::shared_ptr<Sent>> under_way_;
  mutable std::mutex mutex_;  // guards what follows
  std::chrono::steady_clock::time_point newest_;
  std::chrono::milliseconds latency_{0};
};

}  // namespace audit
