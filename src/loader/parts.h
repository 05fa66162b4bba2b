#pragma once
// What the loader is made of and told: its neighbours, its settings, and whom it tells.

#include "base/clock.h"
#include "base/log.h"
#include "event/event.h"
#include "event/record.h"
#include "io/file_system.h"
#include "kpi/rules/rules.h"
#include "loader/state/state.h"
#include "store/store.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace loader {

using event::Position;

/// One of the api/*/decode.h functions. Pure; what it throws costs only its record.
using Decoder = std::function<event::Decoded(const event::Record&)>;

/// Everything here outlives the loader.
struct Parts {
  io::FileSystem& files;
  const base::Clock& clock;
  base::Log& log;
  store::Store& store;
  std::map<event::Api, Decoder> decoders;
  /// enrich::Enricher::complete, or nothing. Called from the loader's thread only.
  std::function<void(event::Event&)> enrich;
  /// Writer::durable_position of the journal. Any thread.
  std::function<Position()> durable;
  /// Writer::make_durable of the journal, or nothing: called before anything made of records is
  /// kept for good, so that no file ever knows more than the journal.
  std::function<base::Status()> make_durable = {};
  /// What counts for KPIs now, or nothing: each API's defaults. From the loader's thread only.
  std::function<std::shared_ptr<const kpi::RuleBook>()> rule_book = {};
};

struct Options {
  std::string journal_folder;
  std::string state_folder;
  /// Records are synced before they are seen here, so what is made of them may reach the disk at
  /// any time.
  bool journal_synced = true;
  std::chrono::seconds dedup_window{std::chrono::days{30}};
  std::uint64_t seal_rows = 120'000;
  std::uint64_t seal_bytes = std::uint64_t{96} << 20U;
  std::chrono::milliseconds seal_age{300'000};
  /// A step ends when one of these is reached. Long ones cost less an event: see linger_max.
  std::uint64_t step_records_max = 16'000;
  std::uint64_t step_bytes_max = std::uint64_t{48} << 20U;  ///< Of records and the rows they made.
  std::uint64_t step_rows_max = 64'000;
  /// Within a step rows go to the store as soon as they take so much: as long as they are few, they
  /// never leave the processor's cache.
  std::uint64_t slice_bytes_max = std::uint64_t{1} << 20U;
  /// Pause after a step that took all there was, for more to gather: a row of the state is then
  /// written once for several events. Several times what the step took, within these bounds; nobody
  /// who waits is made to wait for it.
  std::chrono::milliseconds linger_min{50};
  std::chrono::milliseconds linger_max{200};
  std::size_t dedup_table_entries_max = std::size_t{1} << 18U;
};

/// Units the loader found in records, by the application whose credentials the request carried.
/// A record put aside whole is one unit of the books, and here as many as were answered. What a
/// replay brings is not among them: it replaces what was counted before.
using Handled = std::map<std::pair<std::string, event::Api>, std::uint64_t>;

/// All are optional and called from the loader's thread (names and answers also by open()).
struct Hooks {
  /// A name that is stored for the first time for this application and API, and at open() each
  /// that was stored before.
  std::function<void(std::string_view app_id, event::Api api, std::string_view name)> event_name;
  /// A record that carries the notes "idempotency_key" and "idempotency_answer", and at open() each
  /// of the last 24 hours.
  std::function<void(const state::IdempotentAnswer&)> answer;
  /// Rows that are about to become visible.
  std::function<void(const store::Batch&)> batch;
  /// Everything up to `position` is in the store and in the books. `handled`: of the records since
  /// the call before, without those that were in the journal at the start.
  std::function<void(Position position, const Handled& handled)> loaded;
  /// The thread has started; the place to lower its priority.
  std::function<void()> thread_start;
};

}  // namespace loader
