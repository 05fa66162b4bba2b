#pragma once
// What counts in KPIs, taken from the settings of the applications as they are now. The loader asks
// before each record; the answer is made anew only when the registry has changed.

#include "kpi/rules/rules.h"
#include "registry/registry.h"

#include <memory>

namespace engine {

/// The rules that the applications of `snapshot` have of their own.
kpi::RuleBook rule_book_of(const registry::Snapshot& snapshot);

/// Threads: one. Lifetime: `registry` outlives it.
class RuleBookSource {
 public:
  explicit RuleBookSource(const registry::Registry& registry) : registry_(registry) {}
  std::shared_ptr<const kpi::RuleBook> current();

 private:
  const registry::Registry& registry_;
  std::shared_ptr<const registry::Snapshot> seen_;  // kept, so that no other takes its address
  std::shared_ptr<const kpi::RuleBook> book_;
};

}  // namespace engine
