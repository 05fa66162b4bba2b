#include "http/server.h"

#include "http/listener.h"
#include "http/shared.h"
#include "http/transport.h"
#include "http/worker.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace http {

struct Server::State {
  std::shared_ptr<Shared> shared;
  std::uint16_t port = 0;
  std::vector<std::shared_ptr<Worker>> workers;
  std::vector<std::thread> threads;
  std::mutex stop_mutex;
  bool stopped = false;
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

base::Result<std::unique_ptr<Server>> Server::start(Options options, std::vector<Route> routes,
                                                    Handler& fallback,
                                                    const Environment& environment) {
  auto proxies = TrustedProxies::parse(options.trusted_proxies);
  if (!proxies) {
    return proxies.error();
  }
  auto state = std::make_unique<State>();
  state->shared = std::make_shared<Shared>(std::move(options), std::move(routes), fallback,
                                           std::move(*proxies), environment);
  const Options& settled = state->shared->options;
  if (!settled.tls.certificate_file.empty()) {
    auto context = load_tls(settled.tls);
    if (!context) {
      return context.error();
    }
    state->shared->tls.set(*std::move(context));
  }
  const unsigned threads = std::max(1U, settled.threads);
  auto listeners = listen_on(settled.host, settled.port, threads);
  if (!listeners) {
    return listeners.error();
  }
  state->port = listeners->port;
  for (const int socket : listeners->sockets) {
    state->workers.push_back(std::make_shared<Worker>(state->shared, socket, listeners->ipv6));
  }
  for (const auto& worker : state->workers) {
    state->threads.emplace_back([worker] { worker->run(); });
  }
  return std::unique_ptr<Server>(new Server(std::move(state)));  // NOLINT: private constructor
}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

std::uint16_t Server::port() const { return state_->port; }

Stats Server::stats() const {
  const Counters& counters = state_->shared->counters;
  return {.connections = counters.connections.load(),
          .connections_total = counters.connections_total.load(),
          .connections_refused_total = counters.connections_refused_total.load(),
          .requests_total = counters.requests_total.load(),
          .bad_requests_total = counters.bad_requests_total.load(),
          .body_memory = state_->shared->body_memory.used()};
}

base::Status Server::reload_tls() {
  const TlsOptions& options = state_->shared->options.tls;
  if (options.certificate_file.empty()) {
    return base::ok();
  }
  auto context = load_tls(options);
  if (!context) {
    return context.error();
  }
  state_->shared->tls.set(*std::move(context));
  return base::ok();
}

void Server::stop(std::chrono::milliseconds grace) {
  const std::lock_guard lock(state_->stop_mutex);
  if (std::exchange(state_->stopped, true)) {
    return;
  }
  Shared& shared = *state_->shared;
  shared.stopping.store(true);
  for (const auto& worker : state_->workers) {
    worker->begin_stop();
  }
  shared.quiet.wait_for(grace, [&] {
    return shared.workers_stopping.load() == state_->workers.size() &&
           shared.counters.connections.load() == 0;
  });
  for (const auto& worker : state_->workers) {
    worker->close_all();
  }
  for (std::thread& thread : state_->threads) {
    thread.join();
  }
}

}  // namespace http
