#pragma once
// Answers Amazon Mobile Analytics' KPI paths: GET /2016-07-01/apps/{app-id}/kpis/… and /events/…,
// and the same without that prefix, with a parameter app-id. Signed with a key of the application,
// or with a token of /api/v1. Nothing of it reaches the journal.

#include "base/clock.h"
#include "http/message.h"
#include "query/kpis.h"
#include "query/worker_pool.h"
#include "registry/registry.h"

#include <chrono>
#include <memory>

namespace api::mobile_analytics {

/// All outlive the handler, but the pool ends before it.
struct KpiParts {
  const base::Clock& clock;
  registry::Registry& registry;
  const query::Kpis& kpis;
  query::WorkerPool& pool;
  /// As Options::clock_skew_max of the endpoint for events.
  std::chrono::milliseconds clock_skew_max{std::chrono::minutes(15)};
};

/// A handler for the routes "/2016-07-01/apps/", "/kpis/" and "/events/".
std::unique_ptr<http::Handler> make_kpi_endpoint(KpiParts parts);

}  // namespace api::mobile_analytics
