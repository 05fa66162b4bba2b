#include "engine/auditor.h"

#include "base/thread_name.h"
#include "base/thread_priority.h"

#include <exception>
#include <utility>

namespace engine {
namespace {

constexpr std::chrono::seconds kPause{1};
constexpr int kPriority = 15;

}  // namespace

Auditor::Auditor(BalanceSources balance, std::unique_ptr<audit::Canary> canary, base::Log& log)
    : log_(log), balance_(std::move(balance)), canary_(std::move(canary)) {
  thread_ = std::thread([this] { run(); });
}

Auditor::~Auditor() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  balance_.cancel();
  changed_.notify_all();
  thread_.join();
}

void Auditor::run() {
  base::name_this_thread("auditor");
  base::lower_thread_priority(kPriority);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    step();
    lock.lock();
    changed_.wait_for(lock, kPause, [this] { return stopping_; });
  }
}

/// What fails here, as for want of memory, may work the next time.
void Auditor::step() {
  try {
    const auto step_canary = [this] {
      if (canary_ != nullptr) {
        canary_->step();
      }
    };
    balance_.step(step_canary);
    step_canary();
    log_changes();
  } catch (const std::exception& error) {
    log_.warning("the audit failed and is tried again", {{"why", error.what()}});
  }
}

void Auditor::log_changes() {
  std::string now = failure();
  if (now == logged_) {
    return;
  }
  if (now.empty()) {
    log_.info("the audit finds nothing wrong any more");
  } else {
    log_.error("the audit found something wrong", {{"what", now}});
  }
  logged_ = std::move(now);
}

AuditReport Auditor::report() const {
  AuditReport out{
      .differences = balance_.differences(), .canary = {}, .checked_ago = balance_.checked_ago()};
  if (canary_ != nullptr) {
    out.canary = canary_->report();
  }
  return out;
}

std::string Auditor::failure() const {
  const std::vector<Difference> differences = balance_.differences();
  if (differences.empty()) {
    const bool overdue = canary_ != nullptr && canary_->report().overdue;
    return overdue ? "canary: no event of \"" + std::string(registry::kCanaryApp) +
                         "\" younger than three times canary.interval can be queried"
                   : "";
  }
  std::string out = to_text(differences.front());
  if (differences.size() > 1) {
    out += ", and " + std::to_string(differences.size() - 1) + " more";
  }
  return out;
}

}  // namespace engine
