#include "load/worker.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

namespace load {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kMillisecondNs = 1'000'000;
constexpr std::int64_t kPushedBackNs = 20 * kMillisecondNs;
constexpr std::int64_t kRefusedNs = 100 * kMillisecondNs;
constexpr std::size_t kInputBytes = 16384;
constexpr std::size_t kEventsAtOnce = 256;
constexpr int kTooMany = 429;
constexpr int kUnavailable = 503;

/// What each API answers when all is stored.
int wanted_status(Api api) {
  switch (api) {
    case Api::kMobile: return 202;
    case Api::kSegmentstream: return 204;
    default: return 200;
  }
}

}  // namespace

std::int64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecondNs + now.tv_nsec;
}

struct Worker::Connection {
  explicit Connection(Protocol protocol) : reader(protocol) {}

  int fd = -1;
  bool waiting = false;  ///< A request is in flight.
  Output out;
  std::string_view unsent;
  ReplyReader reader;
  Made made;
  std::int64_t due_ns = 0;
  std::int64_t paused_until_ns = 0;
};

Worker::Worker(const Recipe& recipe, const PeerAddress& peer, unsigned lane)
    : recipe_(recipe), peer_(peer), lane_(lane), maker_(recipe, lane), input_(kInputBytes) {}

Worker::~Worker() {
  for (const auto& connection : connections_) {
    close(*connection);
  }
  if (epoll_ >= 0) {
    ::close(epoll_);
  }
}

base::Status Worker::open(unsigned connections) {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) {
    return base::os_fail("cannot make an epoll", errno);
  }
  const Protocol protocol = recipe_.to == Peer::kRedis ? Protocol::kRedis : Protocol::kHttp;
  for (unsigned at = 0; at < connections; ++at) {
    connections_.push_back(std::make_unique<Connection>(protocol));
    const base::Status connected = connect(*connections_.back());
    if (!connected) {
      return connected;
    }
  }
  return base::ok();
}

base::Status Worker::connect(Connection& connection) {
  const base::Result<int> fd = peer_.connect();
  if (!fd) {
    return fd.error();
  }
  connection.fd = *fd;
  // Edges of both kinds, asked for once: nothing has to be changed between requests.
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &connection;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event) != 0) {
    return base::os_fail("cannot wait for a socket", errno);
  }
  return base::ok();
}

void Worker::close(Connection& connection) {
  if (connection.fd >= 0) {
    ::close(connection.fd);
    connection.fd = -1;
  }
}

/// Opens the connection again and gives it its next request, or tries later.
void Worker::reconnect(Connection& connection) {
  close(connection);
  if (monotonic_ns() >= schedule_.end_ns) {
    return;
  }
  const base::Status connected = connect(connection);
  if (!connected) {
    tally_.note_error(connected.error().message);
    close(connection);
    return pause(connection, kRefusedNs);
  }
  ++tally_.reconnects;
  next(connection);
}

void Worker::pause(Connection& connection, std::int64_t ns) {
  connection.paused_until_ns = monotonic_ns() + ns;
  paused_.push_back(&connection);
}

void Worker::wake_paused(std::int64_t now) {
  const auto late = std::partition(
      paused_.begin(), paused_.end(),
      [now](const Connection* connection) { return connection->paused_until_ns > now; });
  const std::vector<Connection*> woken(late, paused_.end());
  paused_.erase(late, paused_.end());
  for (Connection* connection : woken) {
    if (connection->fd < 0) {
      reconnect(*connection);
    } else {
      next(*connection);
    }
  }
}

/// What a connection without a request in flight does.
void Worker::next(Connection& connection) {
  if (schedule_.interval_ns > 0) {
    free_.push_back(&connection);
    return;
  }
  const std::int64_t now = monotonic_ns();
  if (now < schedule_.end_ns) {
    begin(connection, now);
  }
}

void Worker::begin(Connection& connection, std::int64_t due_ns) {
  const std::int64_t wall_ns = monotonic_ns() + schedule_.wall_offset_ns;
  connection.made = maker_.make(wall_ns / kMillisecondNs, connection.out);
  connection.unsent = connection.made.bytes;
  connection.reader.reset();
  connection.waiting = true;
  connection.due_ns = due_ns;
  ++in_flight_;
  tally_.sent.add(connection.made.events);
  tally_.request_bytes += connection.made.bytes.size();
  tally_.body_bytes += connection.made.body_bytes;
  flush(connection);
}

void Worker::flush(Connection& connection) {
  while (!connection.unsent.empty()) {
    const ssize_t sent =
        ::send(connection.fd, connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent < 0) {
      // Anything else than a full socket shows when the answer is read.
      return;
    }
    connection.unsent.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Worker::receive(Connection& connection) {
  while (connection.fd >= 0) {
    const ssize_t got = ::recv(connection.fd, input_.data(), input_.size(), 0);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      return;
    }
    if (got <= 0) {
      return lose(connection, "closed the connection");
    }
    if (!connection.waiting) {
      return lose(connection, "sent an answer nobody asked for");
    }
    const std::string_view bytes(input_.data(), static_cast<std::size_t>(got));
    const ReplyReader::State state = connection.reader.feed(bytes);
    if (state == ReplyReader::State::kBroken) {
      return lose(connection, connection.reader.text());
    }
    if (state == ReplyReader::State::kDone) {
      return finish(connection);
    }
    if (bytes.size() < input_.size()) {
      return;
    }
  }
}

bool Worker::measured(std::int64_t now) const {
  return now >= schedule_.measure_ns && now < schedule_.end_ns;
}

bool Worker::success(const Connection& connection) const {
  const ReplyReader& reader = connection.reader;
  if (recipe_.to != Peer::kCatchment) {
    return reader.status() >= 200 && reader.status() < 300;
  }
  const bool all_taken = connection.made.api != Api::kClevertap ||
                         reader.body().find("\"success\"") != std::string_view::npos;
  return reader.status() == wanted_status(connection.made.api) && all_taken &&
         reader.complaint().empty();
}

void Worker::finish(Connection& connection) {
  const std::int64_t now = monotonic_ns();
  const ReplyReader& reader = connection.reader;
  const unsigned events = connection.made.events;
  const bool good = success(connection);
  connection.waiting = false;
  --in_flight_;
  if (measured(now)) {
    tally_.finished.add(events);
    ++tally_.statuses[reader.status()];
  }
  if (good) {
    tally_.acknowledged_total.add(events);
    progress_.store(tally_.acknowledged_total.requests, std::memory_order_relaxed);
    if (measured(now)) {
      tally_.acknowledged[static_cast<std::size_t>(connection.made.api)].add(events);
    }
    // With a rate, what was due in time counts although it was answered late.
    if (measured(schedule_.interval_ns > 0 ? connection.due_ns : now)) {
      tally_.latency.add(now - connection.due_ns);
    }
  } else {
    tally_.note_error(std::string(to_text(connection.made.api)) + " answered " +
                      std::to_string(reader.status()) + ": " + std::string(reader.text()));
  }
  const bool pushed_back = reader.status() == kTooMany || reader.status() == kUnavailable;
  tally_.pushed_back += pushed_back ? 1 : 0;
  if (reader.closes() || !connection.unsent.empty()) {
    return reconnect(connection);
  }
  if (pushed_back) {
    return pause(connection, kPushedBackNs);
  }
  next(connection);
}

/// The connection is of no use any more.
void Worker::lose(Connection& connection, std::string_view why) {
  if (connection.waiting) {
    connection.waiting = false;
    --in_flight_;
    tally_.unanswered.add(connection.made.events);
    if (measured(monotonic_ns())) {
      tally_.finished.add(connection.made.events);
    }
    tally_.note_error(peer_.name() + " " + std::string(why) + " before it answered");
  }
  std::erase(free_, &connection);
  std::erase(paused_, &connection);
  reconnect(connection);
}

std::int64_t Worker::due_ns() const {
  return schedule_.begin_ns +
         static_cast<std::int64_t>(static_cast<double>(due_) * schedule_.interval_ns);
}

void Worker::send_due(std::int64_t now) {
  while (!free_.empty() && due_ns() <= now && now < schedule_.end_ns) {
    Connection* const connection = free_.back();
    free_.pop_back();
    const std::int64_t due = due_ns();
    ++due_;
    begin(*connection, due);
  }
}

std::int64_t Worker::wait_until(std::int64_t now) const {
  std::int64_t out = now < schedule_.end_ns ? schedule_.end_ns : schedule_.give_up_ns;
  if (now < schedule_.end_ns && schedule_.interval_ns > 0 && !free_.empty()) {
    out = std::min(out, due_ns());
  }
  for (const Connection* connection : paused_) {
    out = std::min(out, connection->paused_until_ns);
  }
  return out;
}

void Worker::begin_load() {
  // Timers of a thread are 50 us late otherwise, which would count as latency.
  ::prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0);
  for (const auto& connection : connections_) {
    next(*connection);
  }
}

/// Counts what came to nothing.
void Worker::end_load() {
  for (const auto& connection : connections_) {
    if (connection->waiting) {
      tally_.unanswered.add(connection->made.events);
      tally_.note_error(peer_.name() + " did not answer within 10 s behind the end");
    }
  }
  if (schedule_.interval_ns <= 0) {
    return;
  }
  for (; due_ns() < schedule_.end_ns; ++due_) {
    ++tally_.unsent;
    if (measured(due_ns())) {
      tally_.latency.add(schedule_.end_ns - due_ns());
    }
  }
}

int Worker::wait_for_events(std::int64_t ns, std::span<epoll_event> events) {
  const auto count = static_cast<int>(events.size());
  if (fine_timer_) {
    const timespec timeout{.tv_sec = ns / kSecondNs, .tv_nsec = ns % kSecondNs};
    const int ready = ::epoll_pwait2(epoll_, events.data(), count, &timeout, nullptr);
    if (ready >= 0 || errno != ENOSYS) {
      return ready;
    }
    // Linux before 5.11, and tools that do not know the call.
    fine_timer_ = false;
  }
  const std::int64_t ms = (ns + kMillisecondNs - 1) / kMillisecondNs;
  return ::epoll_wait(epoll_, events.data(), count, static_cast<int>(ms));
}

void Worker::run(const Schedule& schedule) {
  schedule_ = schedule;
  begin_load();
  std::array<epoll_event, kEventsAtOnce> events{};
  for (std::int64_t now = monotonic_ns(); now < schedule_.give_up_ns; now = monotonic_ns()) {
    if (now >= schedule_.end_ns && in_flight_ == 0) {
      break;
    }
    const std::int64_t wait = std::max<std::int64_t>(wait_until(now) - now, 0);
    const int ready = wait_for_events(wait, events);
    for (int at = 0; at < ready; ++at) {
      auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(at)].data.ptr);
      if (!connection.unsent.empty()) {
        flush(connection);
      }
      receive(connection);
    }
    const std::int64_t then = monotonic_ns();
    if (!paused_.empty()) {
      wake_paused(then);
    }
    if (schedule_.interval_ns > 0) {
      send_due(then);
    }
  }
  end_load();
}

}  // namespace load
