#pragma once
// Asks the running program the questions an operator would: do the books close, and does an event
// come through. Its answers are part of health, status and metrics.

#include "audit/canary.h"
#include "base/clock.h"
#include "base/log.h"
#include "engine/balance.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace engine {

struct AuditReport {
  std::vector<Difference> differences;                   ///< What does not close.
  std::optional<audit::CanaryReport> canary;             ///< When one is sent.
  std::optional<std::chrono::milliseconds> checked_ago;  ///< The last comparison of everything.
};

/// Owns one thread, of lower priority than what answers.
class Auditor {
 public:
  /// `canary` may be null.
  Auditor(BalanceSources balance, std::unique_ptr<audit::Canary> canary, base::Log& log);
  Auditor(const Auditor&) = delete;
  Auditor& operator=(const Auditor&) = delete;
  /// Waits for the query under way.
  ~Auditor();

  /// Threads: any.
  [[nodiscard]] AuditReport report() const;
  /// Empty while all is well, else what is not. Threads: any.
  [[nodiscard]] std::string failure() const;

 private:
  void run();
  void step();
  void log_changes();
  base::Log& log_;
  Balance balance_;
  const std::unique_ptr<audit::Canary> canary_;
  std::string logged_;  // the thread's own
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace engine
