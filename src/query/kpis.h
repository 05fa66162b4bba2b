#pragma once
// Questions about KPIs as HTTP asks them: what /api/v1 and the paths of Amazon Mobile Analytics'
// querying API have in common. A question is checked at once and answered on a thread that may
// wait; each API says in its own words what is wrong.

#include "base/clock.h"
#include "base/result.h"
#include "event/record.h"
#include "http/message.h"
#include "kpi/kpi.h"
#include "registry/app.h"
#include "store/store.h"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace query {

/// What answers are made of. All outlive the Kpis.
struct KpiSources {
  const base::Clock& clock;
  store::Store& store;
  std::string state_path;  ///< loader::state::State::path().
  /// What counts for every application now.
  std::function<kpi::RuleBook()> rules;
  /// Waits until everything up to a journal position can be queried; false when time ran out.
  std::function<bool(event::Position, std::chrono::milliseconds)> wait_visible;
};

/// What the path of a request names.
struct KpiPath {
  std::string app_id;    ///< As the client says it, for the answer.
  std::string_view kpi;  ///< Still percent-encoded: "/kpis/dau/count".
};

/// Answers one question that was found good: the reply with status 200, or what went wrong. Takes
/// its time.
using KpiWork = std::function<base::Result<http::Reply>()>;

/// Threads: every method from any thread.
class Kpis {
 public:
  Kpis(KpiSources sources, std::chrono::milliseconds deadline)
      : sources_(std::move(sources)), deadline_(deadline) {}

  /// Beside the parameters of kpi::read_question(): `format` and `not_before`. kNotFound for an
  /// unknown KPI, kInvalid names the parameter.
  [[nodiscard]] base::Result<KpiWork> question(const registry::App& app, const KpiPath& path,
                                               kpi::Parameters parameters) const;
  /// The same for the overview of kpi::report().
  [[nodiscard]] base::Result<KpiWork> report(const registry::App& app,
                                             kpi::Parameters parameters) const;

 private:
  /// What the HTTP part of a question says.
  struct Manner {
    event::Position not_before = 0;
    bool csv = false;
  };
  using Render = std::function<base::Result<std::string>(const kpi::Sources& sources)>;

  static base::Result<Manner> take_manner(kpi::Parameters& parameters);
  [[nodiscard]] kpi::Subject subject_of(const registry::App& app) const;
  [[nodiscard]] base::Result<http::Reply> run(const Manner& manner, const Render& render) const;

  const KpiSources sources_;
  const std::chrono::milliseconds deadline_;
};

}  // namespace query
