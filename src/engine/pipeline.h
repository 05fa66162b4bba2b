#pragma once
// From the journal to the store: opens both, runs the loader between them, and holds what the
// endpoints need to accept requests. Repairs itself at the start: a damaged store or state is moved
// aside and derived again.

#include "api/edge.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "engine/auditor.h"
#include "engine/journal_intake.h"
#include "engine/registry_tables.h"
#include "engine/tail_hub.h"
#include "io/file_system.h"
#include "journal/writer.h"
#include "kpi/rules/rules.h"
#include "loader/loader.h"
#include "settings/settings.h"
#include "store/store.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace engine {

/// What a Pipeline is made of. Everything outlives it.
struct Neighbours {
  io::FileSystem& files;
  const base::Clock& clock;
  base::Log& log;
  /// As loader::Parts::rule_book.
  std::function<std::shared_ptr<const kpi::RuleBook>()> rule_book = {};
  /// The applications of the moment, for the vendors' views; without it these name no identities.
  RegistrySnapshot registry = {};
};

/// Threads: every method from any thread.
class Pipeline {
 public:
  static base::Result<std::unique_ptr<Pipeline>> start(const std::string& folder,
                                                       const settings::Settings& settings,
                                                       Neighbours neighbours);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  /// Stops the loader, which seals the store, then the journal.
  ~Pipeline();

  [[nodiscard]] store::Store& store();
  [[nodiscard]] JournalIntake& intake();
  [[nodiscard]] api::EventNames& names();
  [[nodiscard]] api::IdempotencyKeys& idempotency();
  [[nodiscard]] TailHub& tail();
  [[nodiscard]] const std::string& journal_folder() const;
  /// Of loader::state::State, for its readers.
  [[nodiscard]] std::string state_path() const;

  /// Returns when everything answered before the call can be queried.
  base::Status flush(std::chrono::milliseconds timeout);
  bool wait_visible(event::Position position, std::chrono::milliseconds timeout);
  /// As loader::Loader::rebuild().
  base::Status rebuild(const std::function<bool(event::Position, event::Position)>& progress);

  struct Books {
    std::vector<loader::BookLine> loaded;
    JournalIntake::Pending pending;
  };
  [[nodiscard]] Books books();
  /// All books at one moment.
  [[nodiscard]] loader::Ledger ledger() const;
  /// Starts to check, every few seconds, that the books close, and to send a canary at every
  /// `canary_interval`, unless that is 0. Once, before others use the pipeline.
  void start_audit(std::chrono::milliseconds canary_interval);
  /// Nothing without start_audit().
  [[nodiscard]] std::optional<AuditReport> audit() const;
  [[nodiscard]] journal::Stats journal_stats() const;
  [[nodiscard]] event::Position durable_position() const;
  /// Everything up to here can be queried and is in the books.
  [[nodiscard]] event::Position visible_position() const;
  [[nodiscard]] std::uint64_t lag_ms() const;
  /// Empty while all is well, else what fails.
  [[nodiscard]] std::string failure() const;

 private:
  struct State;
  explicit Pipeline(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace engine
