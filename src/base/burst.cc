#include "base/burst.h"

#include <algorithm>

namespace base {
namespace {

thread_local Burst* innermost = nullptr;

}  // namespace

Burst::Burst() : outer_(innermost) { innermost = this; }

Burst::~Burst() {
  innermost = outer_;
  end();
}

void Burst::end() {
  for (const auto& sleeper : sleepers_) {
    sleeper->wake();
  }
  sleepers_.clear();
}

void Burst::wake(const std::shared_ptr<Sleeper>& sleeper) {
  if (innermost == nullptr) {
    sleeper->wake();
    return;
  }
  auto& held = innermost->sleepers_;
  if (std::find(held.begin(), held.end(), sleeper) == held.end()) {
    held.push_back(sleeper);
  }
}

}  // namespace base
