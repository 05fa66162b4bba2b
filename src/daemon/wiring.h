#pragma once
// The only place that knows every part: builds the endpoints over an engine::Engine and lists which
// path goes to which of them.

#include "engine/engine.h"
#include "http/server.h"

#include <memory>
#include <vector>

namespace catchment {

/// Owns the handlers the routes point to. Outlives the HTTP server.
class Wiring {
 public:
  Wiring(engine::Engine& engine, engine::Pipeline& pipeline);
  Wiring(const Wiring&) = delete;
  Wiring& operator=(const Wiring&) = delete;
  ~Wiring();

  [[nodiscard]] std::vector<http::Route> routes() const;
  [[nodiscard]] http::Handler& fallback() const;
  /// The server whose counters /metrics shows, once it runs; nullptr before it stops.
  void show_server(const http::Server* server);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace catchment
