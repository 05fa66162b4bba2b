#pragma once
// The state of a data directory as people and programs read it: `status`, /api/v1/status, /metrics
// and /health are four views of one report.

#include "engine/pipeline.h"
#include "http/server.h"
#include "journal/writer.h"
#include "registry/registry.h"
#include "store/store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace engine {

/// One line of the books; received = stored + duplicate + rejected + pending, always.
struct StatusLine {
  std::string app_id;
  event::Api api = event::Api::kClickstream;
  std::uint64_t received = 0;
  std::uint64_t stored = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t rejected = 0;
  std::uint64_t pending = 0;
};

struct StatusReport {
  std::vector<StatusLine> lines;
  journal::Stats journal;
  store::Stats store;
  std::uint64_t lag_events = 0;  ///< Units answered but not loaded.
  std::uint64_t lag_requests = 0;
  std::uint64_t lag_ms = 0;          ///< Age of the oldest request that is not loaded.
  std::optional<AuditReport> audit;  ///< While a server runs.
  std::string failure;               ///< Why health fails; empty while it does not.
};

/// Lines for every application and API that has something to tell, sorted.
StatusReport make_status(Pipeline& pipeline, registry::Registry& registry);

std::string status_json(const StatusReport& report);
std::string status_text(const StatusReport& report);
/// `http` is nullptr while no server runs.
std::string metrics_text(const StatusReport& report, const http::Stats* http);

}  // namespace engine
