#pragma once
// Completes an event from itself: what its user agent, address and page URL say. Runs in the
// loader, behind the journal; the same input and the same data files give the same columns.

#include "base/log.h"
#include "base/result.h"
#include "event/event.h"

#include <memory>
#include <string>

namespace enrich {

struct Options {
  std::string geo_file;           ///< Operator's .mmdb; empty: no geo columns.
  std::string user_agent_file;    ///< Newer uap-core regexes.yaml; empty: the built-in rules.
  bool clock_correction = false;  ///< `clickstream.clock_correction`.
  bool traffic_source_reference_order = false;  ///< The `clickstream.` setting of that name.
  base::Log* log = nullptr;  ///< Told of a geo file that cannot be used; outlives the Enricher.
};

/// Threads: complete() from one thread at a time.
class Enricher {
 public:
  /// kInvalid, kIo or kCorrupt names the file that cannot be used.
  static base::Result<std::unique_ptr<Enricher>> open(const Options& options);
  Enricher(const Enricher&) = delete;
  Enricher& operator=(const Enricher&) = delete;
  ~Enricher();

  /// Fills ua_*, geo_*, page_*, traffic_source_* where the event leaves them empty, and corrects
  /// event_timestamp when asked to. A geo file that was replaced is noticed here.
  void complete(event::Event& event);

 private:
  struct State;
  explicit Enricher(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace enrich
