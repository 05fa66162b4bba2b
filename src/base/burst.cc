#include "base/burst.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace base {
namespace {

thread_local Burst* innermost = nullptr;

}  // namespace

Burst::Burst(std::function<void()> held) : outer_(innermost), held_(std::move(held)) {
  innermost = this;
}

Burst::~Burst() {
  innermost = outer_;
  end();
}

void Burst::end() {
  // One that is woken may have others woken.
  for (std::size_t i = 0; i < sleepers_.size(); ++i) {
    const std::shared_ptr<Sleeper> sleeper = sleepers_[i];
    sleeper->wake();
  }
  sleepers_.clear();
}

void Burst::wake(const std::shared_ptr<Sleeper>& sleeper) {
  if (innermost == nullptr) {
    sleeper->wake();
    return;
  }
  auto& sleepers = innermost->sleepers_;
  if (std::find(sleepers.begin(), sleepers.end(), sleeper) != sleepers.end()) {
    return;
  }
  sleepers.push_back(sleeper);
  if (sleepers.size() == 1 && innermost->held_) {
    innermost->held_();
  }
}

}  // namespace base
