#include "engine/pipeline.h"

#include "base/thread_priority.h"
#include "engine/decoders.h"
#include "engine/housekeeper.h"
#include "enrich/enrich.h"
#include "loader/ingestion_table.h"
#include "loader/state/tables.h"
#include "store/duckdb/duckdb_store.h"

#include <filesystem>
#include <mutex>
#include <utility>

namespace engine {
namespace {

constexpr int kBooksTriesMax = 100;
constexpr int kLoaderPriority = 10;
/// Above the reserve, where compressing waits.
constexpr std::uint64_t kSegmentsOfRoom = 16;

journal::Options journal_options(const std::string& folder, const settings::Journal& from,
                                 event::Position floor) {
  journal::Options out;
  out.folder = folder;
  out.sync = from.sync;
  out.sync_interval = from.sync_interval;
  out.segment_bytes = from.segment_size;
  out.queue_bytes_max = from.queue_size;
  out.reserve_bytes = from.reserve;
  out.position_floor = floor;
  out.prepare_segments = true;
  return out;
}

loader::Options loader_options(const std::string& journal_folder, const std::string& state_folder,
                               const settings::Settings& from) {
  loader::Options out;
  out.journal_folder = journal_folder;
  out.state_folder = state_folder;
  out.journal_synced = from.journal.sync == journal::SyncMode::kCommit;
  out.dedup_window = std::chrono::duration_cast<std::chrono::seconds>(from.dedup_window);
  out.seal_rows = from.store.seal_rows;
  out.seal_bytes = from.store.seal_size;
  out.seal_age = from.store.seal_age;
  return out;
}

/// What an answer under an idempotency key was, for requests that repeat it after a restart.
api::IdempotencyKeys::Answer answer_of(const loader::state::IdempotentAnswer& noted) {
  return {200, noted.answer, noted.position};
}

}  // namespace

struct Pipeline::State {
  State(const std::string& folder_in, Neighbours neighbours)
      : journal_folder(io::join(folder_in, "journal")),
        store_folder(std::filesystem::absolute(io::join(folder_in, "store")).string()),
        state_folder(io::join(folder_in, "state")),
        files(neighbours.files),
        clock(neighbours.clock),
        log(neighbours.log),
        rule_book(std::move(neighbours.rule_book)),
        registry(std::move(neighbours.registry)),
        idempotency(clock) {}

  base::Status open_journal(const settings::Journal& settings);
  base::Status open_store(const settings::Settings& settings);
  base::Status open_loader(const settings::Settings& settings);
  base::Status follow_journal();
  base::Result<std::unique_ptr<store::Store>> try_store(const settings::Settings& settings);
  loader::Hooks hooks();
  [[nodiscard]] std::string state_path() const { return io::join(state_folder, "state.db"); }

  const std::string journal_folder;
  const std::string store_folder;
  const std::string state_folder;
  io::FileSystem& files;
  const base::Clock& clock;
  base::Log& log;
  const std::function<std::shared_ptr<const kpi::RuleBook>()> rule_book;
  const RegistrySnapshot registry;
  api::EventNames names;
  api::IdempotencyKeys idempotency;
  TailHub tail;
  // In the order of an event's way; destroyed in the opposite one. The journal answers what is
  // queued before it ends, through the intake.
  std::unique_ptr<JournalIntake> intake;
  std::unique_ptr<journal::Writer> journal;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<enrich::Enricher> enricher;
  std::unique_ptr<loader::Loader> loader;
  std::unique_ptr<Housekeeper> housekeeper;
  std::unique_ptr<Auditor> auditor;
};

base::Status Pipeline::State::open_journal(const settings::Journal& settings) {
  base::Result<std::unique_ptr<journal::Writer>> opened = journal::Writer::open(
      files, clock, log, journal_options(journal_folder, settings, loader->reach()));
  if (!opened) {
    return opened.error();
  }
  journal = *std::move(opened);
  intake = std::make_unique<JournalIntake>(*journal);
  return base::ok();
}

base::Result<std::unique_ptr<store::Store>> Pipeline::State::try_store(
    const settings::Settings& settings) {
  store::duckdb::Options options;
  options.folder = store_folder;
  options.query_memory_bytes = settings.query.memory;
  options.seal_memory_bytes = settings.store.sealing_memory;
  options.threads = static_cast<unsigned>(settings.query.threads);
  options.verify_files = settings.journal.age_max.count() != 0 || settings.journal.size_max != 0;
  options.queries_max = static_cast<unsigned>(settings.query.concurrent_max);
  options.session_inactivity = settings.session_inactivity;
  options.clickstream_project_id = settings.clickstream_project_id;
  options.before_commit = [this] { return journal->make_durable(); };
  const std::string database = state_path();
  options.virtual_tables = {
      {loader::state::users_table(database), {"user", "users"}},
      {loader::state::replayed_table(database), {"replayed_rejections"}},
      {loader::ingestion_table(files, journal_folder,
                               [this] { return journal->durable_position(); }),
       {"ingestion_events"}},
  };
  if (registry) {
    options.virtual_tables.push_back({identity_pool_table(registry), {}});
    options.virtual_tables.push_back({cognito_table(registry), {}});
  }
  return store::duckdb::open(std::move(options), files, log);
}

base::Status Pipeline::State::open_store(const settings::Settings& settings) {
  base::Result<std::unique_ptr<store::Store>> opened = try_store(settings);
  if (!opened && opened.error().code == base::Code::kCorrupt) {
    const base::Result<std::string> aside = store::duckdb::move_aside(store_folder, files, clock);
    if (!aside) {
      return aside.error();
    }
    log.error("the store is damaged; it was moved aside and is derived again from the journal",
              {{"why", opened.error().message}, {"folder", *aside}});
    opened = try_store(settings);
  }
  if (!opened) {
    return opened.error();
  }
  store = *std::move(opened);
  return base::ok();
}

loader::Hooks Pipeline::State::hooks() {
  loader::Hooks out;
  out.event_name = [this](std::string_view app_id, event::Api api, std::string_view name) {
    names.observe(app_id, api, name);
  };
  out.answer = [this](const loader::state::IdempotentAnswer& noted) {
    idempotency.settle(noted.app_id, noted.key, answer_of(noted));
  };
  out.batch = [this](const store::Batch& batch) { tail.publish(batch); };
  out.thread_start = [] { base::lower_thread_priority(kLoaderPriority); };
  out.loaded = [this](event::Position position, const loader::Handled& handled) {
    intake->loaded(position, handled);
  };
  return out;
}

base::Status Pipeline::State::open_loader(const settings::Settings& settings) {
  base::Result<std::unique_ptr<enrich::Enricher>> opened = enrich::Enricher::open(
      {.geo_file = settings.geo_file,
       .user_agent_file = settings.user_agent_file,
       .clock_correction = settings.clickstream_clock_correction,
       .traffic_source_reference_order = settings.clickstream_traffic_source_reference_order,
       .log = &log});
  if (!opened) {
    return opened.error();
  }
  enricher = *std::move(opened);
  loader::Parts parts{
      .files = files,
      .clock = clock,
      .log = log,
      .store = *store,
      .decoders = all_decoders(),
      .enrich = [this](event::Event& event) { enricher->complete(event); },
      .durable = [this] { return journal->durable_position(); },
      .make_durable = [this] { return journal->make_durable(); },
      .rule_book = rule_book,
  };
  base::Result<std::unique_ptr<loader::Loader>> loader_opened = loader::Loader::open(
      std::move(parts), loader_options(journal_folder, state_folder, settings), hooks());
  if (!loader_opened) {
    return loader_opened.error();
  }
  loader = *std::move(loader_opened);
  return base::ok();
}

base::Status Pipeline::State::follow_journal() {
  loader::Loader& running = *loader;
  if (base::Status followed = running.follow(journal->recovery().end); !followed) {
    return followed;
  }
  intake->loaded(running.visible());
  journal->on_commit([&running](event::Position durable) {
    return running.wake(durable) ? journal::Pace::kGathered : journal::Pace::kAtOnce;
  });
  running.start();
  return base::ok();
}

base::Result<std::unique_ptr<Pipeline>> Pipeline::start(const std::string& folder,
                                                        const settings::Settings& settings,
                                                        Neighbours neighbours) {
  auto state = std::make_unique<State>(folder, std::move(neighbours));
  base::Status done = state->files.create_directories(state->state_folder);
  // The journal last: its positions go on behind what the others know.
  if (done) {
    done = state->open_store(settings);
  }
  if (done) {
    done = state->open_loader(settings);
  }
  if (done) {
    done = state->open_journal(settings.journal);
  }
  if (done) {
    done = state->follow_journal();
  }
  if (!done) {
    return done.error();
  }
  const loader::Loader& running = *state->loader;
  state->housekeeper = std::make_unique<Housekeeper>(
      state->files, state->clock, state->log,
      HousekeeperOptions{.journal_folder = state->journal_folder,
                         .compress = settings.journal.compress,
                         .retention = {.age_max = settings.journal.age_max,
                                       .bytes_max = settings.journal.size_max},
                         .sealed_position = [&running] { return running.sealed(); },
                         .behind = [&running] { return running.stats().behind(); },
                         .free_bytes_min = settings.journal.reserve +
                                           kSegmentsOfRoom * settings.journal.segment_size,
                         .survey = [&journal = *state->journal] { journal.survey(); }});
  return std::unique_ptr<Pipeline>(new Pipeline(std::move(state)));  // NOLINT: private constructor
}

Pipeline::Pipeline(std::unique_ptr<State> state) : state_(std::move(state)) {}

Pipeline::~Pipeline() {
  state_->auditor.reset();
  state_->housekeeper.reset();
  state_->journal->on_commit({});
  state_->loader->stop();
}

store::Store& Pipeline::store() { return *state_->store; }
JournalIntake& Pipeline::intake() { return *state_->intake; }
api::EventNames& Pipeline::names() { return state_->names; }
api::IdempotencyKeys& Pipeline::idempotency() { return state_->idempotency; }
TailHub& Pipeline::tail() { return state_->tail; }
const std::string& Pipeline::journal_folder() const { return state_->journal_folder; }
std::string Pipeline::state_path() const { return state_->state_path(); }

base::Status Pipeline::flush(std::chrono::milliseconds timeout) {
  const event::Position wanted = durable_position();
  if (wait_visible(wanted, timeout)) {
    return base::ok();
  }
  const std::string why = failure();
  return base::fail(base::Code::kUnavailable, "position " + std::to_string(wanted) +
                                                  " could not be queried in time; now at " +
                                                  std::to_string(state_->loader->visible()) +
                                                  (why.empty() ? "" : "; " + why));
}

bool Pipeline::wait_visible(event::Position position, std::chrono::milliseconds timeout) {
  return state_->loader->wait_visible(position, timeout);
}

base::Status Pipeline::rebuild(
    const std::function<bool(event::Position, event::Position)>& progress) {
  return state_->loader->rebuild(progress);
}

Pipeline::Books Pipeline::books() {
  // A step is booked, then taken from what is pending: asked again when that was going on, a few
  // times at most, so that a busy loader cannot hold up a status page.
  Books books;
  for (int tries = 0; tries < kBooksTriesMax; ++tries) {
    const event::Position before = state_->intake->loaded_position();
    books = {state_->loader->books(), state_->intake->pending()};
    const event::Position after = state_->intake->loaded_position();
    if (before == after && state_->loader->booked() == after) {
      break;
    }
  }
  return books;
}

loader::Ledger Pipeline::ledger() const { return state_->loader->ledger(); }

void Pipeline::start_audit(std::chrono::milliseconds canary_interval) {
  std::unique_ptr<audit::Canary> canary;
  if (canary_interval.count() != 0) {
    canary = std::make_unique<audit::Canary>(
        audit::CanarySources{
            .intake = *state_->intake,
            .store = *state_->store,
            .clock = state_->clock,
            .wait_visible =
                [this](event::Position position, std::chrono::milliseconds timeout) {
                  return wait_visible(position, timeout);
                }},
        canary_interval);
  }
  state_->auditor = std::make_unique<Auditor>(
      BalanceSources{.ledger = [this] { return ledger(); },
                     .comparison = [this] { return state_->intake->comparison(); },
                     .visible_position = [this] { return state_->store->visible_position(); },
                     .query_json =
                         [this](std::string_view sql, const store::QueryLimits& limits) {
                           return state_->store->query(sql, store::ResultFormat::kJson, limits);
                         },
                     .clock = state_->clock},
      std::move(canary), state_->log);
}

std::optional<AuditReport> Pipeline::audit() const {
  return state_->auditor == nullptr ? std::nullopt
                                    : std::optional<AuditReport>(state_->auditor->report());
}

journal::Stats Pipeline::journal_stats() const { return state_->journal->stats(); }

event::Position Pipeline::durable_position() const { return state_->journal->durable_position(); }

event::Position Pipeline::visible_position() const { return state_->loader->visible(); }

std::uint64_t Pipeline::lag_ms() const { return state_->loader->stats().lag_ms; }

std::string Pipeline::failure() const {
  if (const std::string journal = state_->journal->trouble(); !journal.empty()) {
    return "journal: " + journal;
  }
  const loader::Stats loader = state_->loader->stats();
  if (!loader.failure.empty()) {
    return "loader: " + loader.failure;
  }
  return state_->auditor == nullptr ? "" : state_->auditor->failure();
}

}  // namespace engine
