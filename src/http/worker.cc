#include "http/worker.h"

#include "base/thread_name.h"
#include "base/thread_priority.h"
#include "http/connection.h"
#include "http/listener.h"
#include "http/transport.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kAcceptsAtOnce = 64;
/// As many as can wait at a listener; who connects while these are accepted comes too late.
constexpr int kRoundsAtStop = kBacklog / kAcceptsAtOnce;
constexpr std::chrono::milliseconds kTickMin{5};
constexpr std::chrono::milliseconds kTickMax{1000};

/// How often deadlines are looked at: fine enough for the shortest of them.
std::chrono::milliseconds tick_of(const Options& options) {
  const auto shortest = std::min(
      {options.header_timeout, options.body_timeout, options.idle_timeout, options.write_timeout});
  return std::clamp(shortest / 4, kTickMin, kTickMax);
}

Address address_of(const sockaddr_storage& from) {
  Address address;
  if (from.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
    std::copy_n(v6.sin6_addr.s6_addr, address.bytes.size(), address.bytes.begin());
    return address;
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(&v4.sin_addr.s_addr);
  address.bytes[10] = 0xff;
  address.bytes[11] = 0xff;
  std::copy_n(bytes, 4, address.bytes.begin() + 12);
  return address;
}

}  // namespace

struct Worker::Loop {
  Loop(int listener, bool ipv6) : io(1), acceptor(io), timer(io), work(asio::make_work_guard(io)) {
    error_code ignored;
    acceptor.assign(ipv6 ? tcp::v6() : tcp::v4(), listener, ignored);
    acceptor.non_blocking(true, ignored);
  }
  asio::io_context io;
  tcp::acceptor acceptor;
  asio::steady_timer timer;
  asio::executor_work_guard<asio::io_context::executor_type> work;
};

Worker::Worker(std::shared_ptr<Shared> shared, int listener, bool ipv6)
    : shared_(std::move(shared)),
      ipv6_(ipv6),
      stamp_(shared_->clock, shared_->random),
      loop_(std::make_unique<Loop>(listener, ipv6)) {}

Worker::~Worker() = default;

void Worker::run() {
  base::name_this_thread("http");
  base::take_short_turns();
  thread_id_ = std::this_thread::get_id();
  asio::post(loop_->io, [this] {
    wait_for_connections();
    schedule_tick();
  });
  // Behind what is ready to be read now: that may hold the next record for the same sync.
  base::Burst burst([this, &burst] { asio::post(loop_->io, [&burst] { burst.end(); }); });
  while (true) {
    try {
      loop_->io.run();
      break;
    } catch (const std::exception& error) {
      shared_->log.error("an http thread caught an exception", {{"what", error.what()}});
    }
  }
  std::vector<Delivery> late;
  const std::lock_guard lock(deliveries_mutex_);
  deliveries_closed_ = true;
  late.swap(deliveries_);
}

void Worker::wait_for_connections() {
  if (!loop_->acceptor.is_open()) {
    return;
  }
  loop_->acceptor.async_wait(tcp::acceptor::wait_read, [this](error_code ec) {
    if (ec) {
      return;
    }
    accept_some();
    if (!accept_paused_) {
      wait_for_connections();
    }
  });
}

/// True when there may be more to accept.
bool Worker::accept_some() {
  for (int i = 0; i < kAcceptsAtOnce && loop_->acceptor.is_open(); ++i) {
    sockaddr_storage from{};
    socklen_t from_bytes = sizeof from;
    const int socket =
        ::accept4(loop_->acceptor.native_handle(), reinterpret_cast<sockaddr*>(&from), &from_bytes,
                  SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
      admit(socket, address_of(from));
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return false;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      shared_->log.warning("no more connections can be accepted", {{"errno", errno}});
      accept_paused_ = true;  // the next tick tries again
      return false;
    }
  }
  return loop_->acceptor.is_open();
}

void Worker::admit(int socket, const Address& peer) {
  Counters& counters = shared_->counters;
  counters.connections_total.fetch_add(1);
  if (counters.connections.fetch_add(1) >= shared_->options.connections_max) {
    counters.connections.fetch_sub(1);
    counters.connections_refused_total.fetch_add(1);
    refuse_connection(socket);
    return;
  }
  std::unique_ptr<Transport> transport;
  if (const auto tls = shared_->tls.get()) {
    transport = make_tls_transport(loop_->io, socket, ipv6_, *tls);
  } else {
    transport = make_plain_transport(loop_->io, socket, ipv6_);
  }
  const auto connection =
      std::make_shared<Connection>(shared_from_this(), std::move(transport), peer);
  connection->worker_index = connections_.size();
  connections_.push_back(connection);
  connection->start();
}

/// Answers 503 as far as the socket takes it at once, and closes.
void Worker::refuse_connection(int socket) {
  if (!shared_->tls.get()) {
    Reply reply;
    reply.status = 503;
    reply.add("Retry-After", "1");
    std::string id;
    stamp_.fresh_id(id);
    std::string head;
    write_head(reply, {.date = stamp_.date(), .request_id = id, .close = true}, head);
    const auto sent = ::send(socket, head.data(), head.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    static_cast<void>(sent);
    ::shutdown(socket, SHUT_WR);
  }
  ::close(socket);
}

void Worker::remove(Connection& connection) {
  const std::size_t index = connection.worker_index;
  std::shared_ptr<Connection> removed = std::move(connections_[index]);
  if (index + 1 < connections_.size()) {
    connections_[index] = std::move(connections_.back());
    connections_[index]->worker_index = index;
  }
  connections_.pop_back();
  if (shared_->counters.connections.fetch_sub(1) == 1 && shared_->stopping.load()) {
    shared_->quiet.notify();
  }
}

void Worker::schedule_tick() {
  if (closing_) {
    return;
  }
  loop_->timer.expires_after(tick_of(shared_->options));
  loop_->timer.async_wait([this](error_code ec) {
    if (!ec) {
      tick();
    }
  });
}

void Worker::tick() {
  const auto now = shared_->clock.steady_now();
  for (std::size_t i = connections_.size(); i-- > 0;) {
    const std::shared_ptr<Connection> connection = connections_[i];
    connection->check_deadline(now);
  }
  if (std::exchange(accept_paused_, false)) {
    wait_for_connections();
  }
  schedule_tick();
}

void Worker::deliver(std::shared_ptr<Connection> connection, Reply reply) {
  bool first = false;
  {
    const std::lock_guard lock(deliveries_mutex_);
    if (deliveries_closed_) {
      return;
    }
    first = deliveries_.empty();
    deliveries_.push_back({std::move(connection), std::move(reply)});
  }
  if (first) {
    base::Burst::wake(shared_from_this());
  }
}

void Worker::wake() {
  asio::post(loop_->io, [this] { drain_deliveries(); });
}

void Worker::drain_deliveries() {
  {
    const std::lock_guard lock(deliveries_mutex_);
    draining_.swap(deliveries_);
  }
  for (Delivery& delivery : draining_) {
    delivery.connection->answer(std::move(delivery.reply));
  }
  draining_.clear();
}

void Worker::stop_accepting() {
  error_code ignored;
  loop_->acceptor.close(ignored);
}

void Worker::begin_stop() {
  asio::post(loop_->io, [this] {
    // Whoever has connected already is served.
    for (int i = 0; i < kRoundsAtStop && accept_some(); ++i) {
    }
    stop_accepting();
    // Behind what the new connections have posted: without TLS they are past the handshake then.
    asio::post(loop_->io, [this] { end_connections(); });
  });
}

void Worker::end_connections() {
  for (std::size_t i = connections_.size(); i-- > 0;) {
    const std::shared_ptr<Connection> connection = connections_[i];
    connection->begin_stop();
  }
  shared_->workers_stopping.fetch_add(1);
  shared_->quiet.notify();
}

void Worker::close_all() {
  asio::post(loop_->io, [this] {
    closing_ = true;
    stop_accepting();
    loop_->timer.cancel();
    while (!connections_.empty()) {
      const std::shared_ptr<Connection> connection = connections_.back();
      connection->close();
    }
    loop_->work.reset();
  });
}

}  // namespace http
