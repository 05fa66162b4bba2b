#pragma once
// KPIs for tests of those who answer them: an application nobody has sent anything to, and a store
// that answers SQL with what it was asked.

#include "base/check.h"
#include "base/log.h"
#include "io/file_system.h"
#include "loader/state/state.h"
#include "query/kpis.h"
#include "query/worker_pool.h"
#include "store/store.h"

#include <memory>
#include <string>
#include <string_view>

namespace query {

class EchoStore final : public store::Store {
 public:
  base::Status append(store::Batch) override { return base::ok(); }
  base::Status seal() override { return base::ok(); }
  base::Result<bool> compact() override { return false; }
  [[nodiscard]] store::Position visible_position() const override { return 7; }
  [[nodiscard]] store::Position sealed_position() const override { return sealed; }
  [[nodiscard]] store::Stats stats() const override { return {}; }
  base::Result<store::QueryResult> query(std::string_view sql, store::ResultFormat format,
                                         const store::QueryLimits&) override {
    if (sql.starts_with("DROP")) {
      return base::fail(base::Code::kInvalid, "only one SELECT is allowed");
    }
    if (sql == "FAIL") {
      return base::fail(base::Code::kInternal, "cannot read '/srv/data/store/manifest'");
    }
    return store::QueryResult{
        (format == store::ResultFormat::kCsv ? "csv:" : "json:") + std::string(sql), 1};
  }

  store::Position sealed = 0;
};

class TestKpis {
 public:
  /// `clock` outlives it.
  TestKpis(const std::string& folder, const base::Clock& clock)
      : state_(*loader::state::State::open(*files_, base::null_log(), {.folder = folder})),
        kpis(KpiSources{.clock = clock,
                        .store = store,
                        .state_path = state_->path(),
                        .rules = [] { return kpi::RuleBook(); },
                        .wait_visible =
                            [this](event::Position position, std::chrono::milliseconds) {
                              return position <= 7 && load(position);
                            }},
             std::chrono::milliseconds(60'000)) {}

 private:
  /// The state comes up to what the store has in files.
  bool load(event::Position position) {
    return position > store.sealed || (state_->begin() && state_->commit(position));
  }

  const std::unique_ptr<io::FileSystem> files_ = io::posix_file_system();
  const std::unique_ptr<loader::state::State> state_;

 public:
  EchoStore store;
  Kpis kpis;
  WorkerPool pool{2, 64};
};

}  // namespace query
