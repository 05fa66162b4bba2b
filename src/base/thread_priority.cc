#include "base/thread_priority.h"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <sys/syscall.h>
#include <unistd.h>

namespace base {
namespace {

constexpr int kThisThread = 0;
constexpr std::uint64_t kShortTurnNs = 100'000;

thread_local bool lowered = false;
thread_local bool hurrying = false;

/// The first version of the kernel's `struct sched_attr`, which not every C library declares.
struct Attributes {
  std::uint32_t bytes = sizeof(Attributes);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice_value = 0;
  std::uint32_t priority = 0;
  std::uint64_t turn_ns = 0;  ///< 0: the system's own. Linux before 6.12 takes no notice of it.
  std::uint64_t deadline_ns = 0;
  std::uint64_t period_ns = 0;
};
static_assert(sizeof(Attributes) == 48);

std::optional<Attributes> current() {
  Attributes attributes;
  const auto failed = syscall(SYS_sched_getattr, kThisThread, &attributes, sizeof attributes, 0U);
  return failed == 0 ? std::optional(attributes) : std::nullopt;
}

void apply(const Attributes& attributes) {
  static_cast<void>(syscall(SYS_sched_setattr, kThisThread, &attributes, 0U));
}

/// Those of the thread the program began with, which keeps them all. None where there are more than
/// the C library's set holds.
std::optional<cpu_set_t> of_the_program() {
  cpu_set_t processors;
  const bool known = sched_getaffinity(getpid(), sizeof processors, &processors) == 0;
  return known ? std::optional(processors) : std::nullopt;
}

void use(const cpu_set_t& processors) {
  static_cast<void>(sched_setaffinity(kThisThread, sizeof processors, &processors));
}

}  // namespace

void take_short_turns() {
  auto attributes = current();
  if (attributes && attributes->policy == SCHED_OTHER) {  // else who runs the server chose it
    attributes->turn_ns = kShortTurnNs;
    apply(*attributes);
  }
}

void lower_thread_priority(int nice_value) {
  auto attributes = current();
  if (attributes && attributes->policy == SCHED_OTHER) {
    attributes->policy = SCHED_BATCH;
    attributes->nice_value = std::max(attributes->nice_value, nice_value);
    attributes->turn_ns = 0;
    apply(*attributes);
    lowered = true;
    hurry(false);
  }
}

void hurry(bool behind) {
  if (!lowered) {
    return;
  }
  hurrying = behind;
  auto processors = of_the_program();
  if (processors && !behind && CPU_COUNT(&*processors) > 1) {
    int first = 0;
    while (!CPU_ISSET(first, &*processors)) {
      ++first;
    }
    CPU_CLR(first, &*processors);
  }
  if (processors) {
    use(*processors);
  }
}

EveryProcessor::EveryProcessor() : lift_(lowered && !hurrying) {
  if (lift_) {
    hurry(true);
  }
}

EveryProcessor::~EveryProcessor() {
  if (lift_) {
    hurry(false);
  }
}

void give_way() {
  if (lowered && !hurrying) {
    static_cast<void>(sched_yield());
  }
}

}  // namespace base
