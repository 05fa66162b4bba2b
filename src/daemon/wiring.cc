#include "daemon/wiring.h"

#include "api/clevertap/endpoint.h"
#include "api/clickstream/endpoint.h"
#include "api/edge.h"
#include "api/mobile_analytics/endpoint.h"
#include "api/mobile_analytics/identity_endpoint.h"
#include "api/mobile_analytics/kpi_endpoint.h"
#include "api/segmentstream/endpoint.h"
#include "base/path_text.h"
#include "daemon/pages.h"
#include "engine/receipt.h"
#include "engine/rule_book_source.h"
#include "engine/status.h"
#include "query/api.h"
#include "query/kpis.h"
#include "query/worker_pool.h"

#include <atomic>
#include <utility>

namespace catchment {
namespace {

// What a body may measure before its API is asked. Each API's own limit is smaller or equal; the
// bytes above it let the API say so with its own words instead of a cut connection.
constexpr std::size_t kClickstreamBytesMax = 1'048'576;
constexpr std::size_t kClevertapBytesMax = std::size_t{8} << 20U;
constexpr std::size_t kMobileAnalyticsBytesMax = std::size_t{1024} << 10U;
constexpr std::size_t kSegmentstreamBytesMax = std::size_t{1} << 20U;
constexpr std::size_t kQueryBytesMax = std::size_t{1} << 20U;
constexpr std::size_t kQueriesWaitingMax = 64;

api::Edge edge_of(engine::Engine& opened, engine::Pipeline& pipeline) {
  return {.intake = pipeline.intake(),
          .registry = opened.registry(),
          .clock = opened.surroundings().clock,
          .log = opened.surroundings().log,
          .names = pipeline.names(),
          .idempotency = pipeline.idempotency()};
}

}  // namespace

struct Wiring::State {
  State(engine::Engine& engine_in, engine::Pipeline& pipeline_in);

  void make_collecting_endpoints();
  void make_asking_endpoints();
  bool wait_visible(event::Position position, std::chrono::milliseconds timeout);
  std::string show_metrics();

  engine::Engine& opened;
  engine::Pipeline& pipeline;
  api::Edge edge;
  std::atomic<const http::Server*> server{nullptr};
  std::unique_ptr<http::Handler> segmentstream;
  std::unique_ptr<http::Handler> clickstream;
  std::unique_ptr<http::Handler> ping;
  std::unique_ptr<http::Handler> clevertap;
  std::unique_ptr<http::Handler> mobile_analytics;
  std::unique_ptr<query::Kpis> kpis;
  std::unique_ptr<http::Handler> query_api;
  std::unique_ptr<http::Handler> kpi_paths;
  std::unique_ptr<http::Handler> pages;
  std::unique_ptr<http::Handler> identities;  // before the pages
  query::WorkerPool pool;                     // its work uses the others: ends first
};

Wiring::State::State(engine::Engine& engine_in, engine::Pipeline& pipeline_in)
    : opened(engine_in),
      pipeline(pipeline_in),
      edge(edge_of(engine_in, pipeline_in)),
      pool(engine_in.settings().query.concurrent_max, kQueriesWaitingMax) {
  make_collecting_endpoints();
  make_asking_endpoints();
  pages = make_pages({.failure = [this] { return base::without_folders(pipeline.failure()); },
                      .metrics_text = [this] { return show_metrics(); }});
  identities = api::mobile_analytics::make_identity_endpoint(
      opened.surroundings().clock, opened.surroundings().random, opened.registry(), *pages);
}

void Wiring::State::make_collecting_endpoints() {
  segmentstream = api::segmentstream::make_endpoint(edge);
  clickstream = api::clickstream::make_endpoint(
      edge, [this](const http::Request& request, http::Responder& respond) {
        return api::segmentstream::take_collect(edge, request, respond);
      });
  ping = api::clickstream::make_ping(edge);
  clevertap = api::clevertap::make_endpoint(edge);
  mobile_analytics = api::mobile_analytics::make_endpoint(
      edge, {.clock_skew_max = opened.settings().mobile_analytics_clock_skew_max});
}

void Wiring::State::make_asking_endpoints() {
  const settings::Settings& settings = opened.settings();
  const auto wait = [this](event::Position position, std::chrono::milliseconds timeout) {
    return wait_visible(position, timeout);
  };
  kpis = std::make_unique<query::Kpis>(
      query::KpiSources{
          .clock = opened.surroundings().clock,
          .store = pipeline.store(),
          .state_path = pipeline.state_path(),
          .rules = [this] { return engine::rule_book_of(*opened.registry().snapshot()); },
          .wait_visible = wait},
      settings.query.deadline);
  const query::Sources sources{
      .registry = opened.registry(),
      .store = pipeline.store(),
      .kpis = *kpis,
      .pool = pool,
      .status_json =
          [this] {
            engine::StatusReport report = engine::make_status(pipeline, opened.registry());
            report.failure = base::without_folders(report.failure);
            return engine::status_json(report) + "\n";
          },
      .wait_visible = wait,
      .receipt_json = [this](event::Position position,
                             const std::string& app_id) -> base::Result<std::string> {
        const auto found = engine::find_receipt(opened.surroundings().files, pipeline,
                                                {.position = position, .app_id = app_id});
        return found ? base::Result<std::string>(engine::receipt_json(*found)) : found.error();
      },
  };
  query_api = query::make_api(sources, {.deadline = settings.query.deadline});
  kpi_paths = api::mobile_analytics::make_kpi_endpoint(
      {.clock = opened.surroundings().clock,
       .registry = opened.registry(),
       .kpis = *kpis,
       .pool = pool,
       .clock_skew_max = settings.mobile_analytics_clock_skew_max});
}

bool Wiring::State::wait_visible(event::Position position, std::chrono::milliseconds timeout) {
  // A position nobody was given yet would hold a query's thread for the whole deadline.
  return position <= pipeline.durable_position() && pipeline.wait_visible(position, timeout);
}

std::string Wiring::State::show_metrics() {
  const http::Server* running = server.load();
  const http::Stats stats = running == nullptr ? http::Stats{} : running->stats();
  return engine::metrics_text(engine::make_status(pipeline, opened.registry()),
                              running == nullptr ? nullptr : &stats);
}

Wiring::Wiring(engine::Engine& engine, engine::Pipeline& pipeline)
    : state_(std::make_unique<State>(engine, pipeline)) {}

Wiring::~Wiring() = default;

std::vector<http::Route> Wiring::routes() const {
  const settings::Paths& paths = state_->opened.settings().paths;
  return {
      {paths.clickstream, state_->clickstream.get(), kClickstreamBytesMax},
      {paths.clevertap, state_->clevertap.get(), kClevertapBytesMax},
      {paths.mobile_analytics, state_->mobile_analytics.get(), kMobileAnalyticsBytesMax},
      {paths.segmentstream, state_->segmentstream.get(), kSegmentstreamBytesMax},
      {"/ping", state_->ping.get(), kClickstreamBytesMax},
      {"/api/v1/", state_->query_api.get(), kQueryBytesMax},
      {"/2016-07-01/apps/", state_->kpi_paths.get(), kQueryBytesMax},
      {"/kpis/", state_->kpi_paths.get(), kQueryBytesMax},
      {"/events/", state_->kpi_paths.get(), kQueryBytesMax},
  };
}

http::Handler& Wiring::fallback() const { return *state_->identities; }

void Wiring::show_server(const http::Server* server) { state_->server.store(server); }

}  // namespace catchment
