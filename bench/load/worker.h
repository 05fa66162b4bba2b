#pragma once
// One thread of a load: its share of the connections, each with one request in flight at most.
// Without a rate the next request follows the answer; with one, requests are due at fixed times and
// wait for a free connection, and their latency counts from when they were due.

#include "base/result.h"
#include "load/peer_address.h"
#include "load/reply_reader.h"
#include "load/request_maker.h"
#include "load/tally.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

struct epoll_event;

namespace load {

/// Nanoseconds of the monotonic clock.
std::int64_t monotonic_ns();

/// When everything happens, on the monotonic clock.
struct Schedule {
  std::int64_t begin_ns = 0;
  std::int64_t measure_ns = 0;      ///< Behind the warm-up.
  std::int64_t end_ns = 0;          ///< Nothing is sent from here on.
  std::int64_t give_up_ns = 0;      ///< What is not answered then counts as unanswered.
  std::int64_t wall_offset_ns = 0;  ///< Wall clock minus monotonic clock.
  double interval_ns = 0;           ///< Between two requests of one worker; 0: no rate.
};

class Worker {
 public:
  /// Lifetime: `recipe` and `peer` outlive the worker. `lane` numbers it.
  Worker(const Recipe& recipe, const PeerAddress& peer, unsigned lane);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Opens its connections.
  base::Status open(unsigned connections);
  /// Sends and receives until the end. Its own thread calls it.
  void run(const Schedule& schedule);

  [[nodiscard]] const Tally& tally() const { return tally_; }
  /// Requests acknowledged so far. From any thread.
  [[nodiscard]] std::uint64_t progress() const { return progress_.load(std::memory_order_relaxed); }

 private:
  struct Connection;

  base::Status connect(Connection& connection);
  void reconnect(Connection& connection);
  void close(Connection& connection);
  void begin(Connection& connection, std::int64_t due_ns);
  void flush(Connection& connection);
  void receive(Connection& connection);
  void finish(Connection& connection);
  void lose(Connection& connection, std::string_view why);
  void pause(Connection& connection, std::int64_t ns);
  void next(Connection& connection);
  void send_due(std::int64_t now);
  void wake_paused(std::int64_t now);
  int wait_for_events(std::int64_t ns, std::span<epoll_event> events);
  void begin_load();
  void end_load();
  [[nodiscard]] std::int64_t due_ns() const;
  [[nodiscard]] std::int64_t wait_until(std::int64_t now) const;
  [[nodiscard]] bool measured(std::int64_t now) const;
  [[nodiscard]] bool success(const Connection& connection) const;

  const Recipe& recipe_;
  const PeerAddress& peer_;
  unsigned lane_;
  RequestMaker maker_;
  Schedule schedule_;
  bool fine_timer_ = true;  ///< The kernel can wait for less than a millisecond.
  int epoll_ = -1;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> free_;    ///< With a rate: those that wait for a request.
  std::vector<Connection*> paused_;  ///< Those that were asked to come later, or cannot connect.
  std::vector<char> input_;
  std::uint64_t due_ = 0;  ///< Requests of the rate that were begun.
  std::uint64_t in_flight_ = 0;
  Tally tally_;
  std::atomic<std::uint64_t> progress_ = 0;
};

}  // namespace load
