#pragma once
// Catchment's own HTTP API below /api/v1/: SQL, KPIs, status, applications and receipts, for
// bearers of a token. docs/openapi.json describes it.

#include "http/message.h"
#include "query/kpis.h"
#include "query/worker_pool.h"
#include "registry/registry.h"
#include "store/store.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace query {

/// What the API needs from the rest of the program. All outlive it.
struct Sources {
  registry::Registry& registry;
  store::Store& store;
  const Kpis& kpis;
  WorkerPool& pool;  ///< Runs whatever may take long.
  /// The object `status --json` prints.
  std::function<std::string()> status_json;
  /// Waits until everything up to a journal position can be queried; false when time ran out.
  std::function<bool(event::Position, std::chrono::milliseconds)> wait_visible;
  /// The object `catchment receipt` prints; kNotFound for a position that was not given to a
  /// request of the application (empty: of any). May take its time.
  std::function<base::Result<std::string>(event::Position, const std::string& app_id)> receipt_json;
};

struct Options {
  std::chrono::milliseconds deadline{60'000};
};

/// A handler for the route "/api/v1/". The pool ends before it.
std::unique_ptr<http::Handler> make_api(Sources sources, const Options& options);

}  // namespace query
