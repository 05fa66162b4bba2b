#pragma once
// One server thread: its io_context, its listening socket, its connections and their deadlines.
// Replies made on other threads arrive through deliver(), which wakes the thread once for as many
// replies as have come together. What handlers have for other threads reaches them when all that
// was ready has been read (base/burst.h).

#include "base/burst.h"
#include "http/message.h"
#include "http/reply_head.h"
#include "http/shared.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace http {

class Connection;

class Worker final : public base::Sleeper, public std::enable_shared_from_this<Worker> {
 public:
  /// Takes over `listener`, a listening, non-blocking socket.
  Worker(std::shared_ptr<Shared> shared, int listener, bool ipv6);
  ~Worker() override;

  /// Serves until close_all(). The thread's body.
  void run();

  // From any thread.
  /// Hands a reply to its connection, once the caller's burst has ended (base/burst.h). After the
  /// end of run() it is dropped.
  void deliver(std::shared_ptr<Connection> connection, Reply reply);
  /// Makes the thread look at what was delivered.
  void wake() override;
  /// Stops accepting and lets every connection end after what it has received.
  void begin_stop();
  /// Closes everything; run() returns.
  void close_all();
  [[nodiscard]] bool on_own_thread() const { return std::this_thread::get_id() == thread_id_; }

  // From the worker's thread.
  [[nodiscard]] Shared& shared() const { return *shared_; }
  [[nodiscard]] Stamp& stamp() { return stamp_; }
  void remove(Connection& connection);

 private:
  struct Loop;
  struct Delivery {
    std::shared_ptr<Connection> connection;
    Reply reply;
  };

  void wait_for_connections();
  bool accept_some();
  void admit(int socket, const Address& peer);
  void tick();
  void refuse_connection(int socket);
  void schedule_tick();
  void drain_deliveries();
  void stop_accepting();
  void end_connections();

  const std::shared_ptr<Shared> shared_;
  const bool ipv6_;
  Stamp stamp_;
  std::unique_ptr<Loop> loop_;
  std::thread::id thread_id_;
  std::vector<std::shared_ptr<Connection>> connections_;
  bool accept_paused_ = false;
  bool closing_ = false;

  std::mutex deliveries_mutex_;
  std::vector<Delivery> deliveries_;
  bool deliveries_closed_ = false;
  std::vector<Delivery> draining_;  ///< Only on the worker's thread; keeps its capacity.
};

}  // namespace http
