#include "engine/rule_book_source.h"

#include <utility>

namespace engine {

kpi::RuleBook rule_book_of(const registry::Snapshot& snapshot) {
  kpi::RuleBook book;
  for (const registry::App& app : snapshot.apps()) {
    book.set(app.id, app.settings.active_events, app.settings.revenue);
  }
  return book;
}

std::shared_ptr<const kpi::RuleBook> RuleBookSource::current() {
  std::shared_ptr<const registry::Snapshot> now = registry_.snapshot();
  if (now != seen_) {
    book_ = std::make_shared<const kpi::RuleBook>(rule_book_of(*now));
    seen_ = std::move(now);
  }
  return book_;
}

}  // namespace engine
