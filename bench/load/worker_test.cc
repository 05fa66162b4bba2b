#include "load/worker.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace load {
namespace {

constexpr std::int64_t kMs = 1'000'000;

/// Answers request number n of each connection with `answers[n % size]`; "" closes instead.
class LoopbackPeer {
 public:
  explicit LoopbackPeer(std::vector<std::string> answers)
      : answers_(std::move(answers)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 64), 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept(); });
  }
  ~LoopbackPeer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& thread : threads_) {
      thread.join();
    }
    ::close(listener_);
  }
  LoopbackPeer(const LoopbackPeer&) = delete;
  LoopbackPeer& operator=(const LoopbackPeer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint64_t requests() const { return requests_; }

 private:
  void accept() {
    for (int fd = ::accept(listener_, nullptr, nullptr); fd >= 0;
         fd = ::accept(listener_, nullptr, nullptr)) {
      threads_.emplace_back([this, fd] { serve(fd); });
    }
  }
  void serve(int fd) {
    for (std::size_t number = 0; read_request(fd); ++number) {
      ++requests_;
      const std::string& answer = answers_[number % answers_.size()];
      if (answer.empty()) {
        break;
      }
      ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    ::close(fd);
  }
  static bool read_request(int fd) {
    std::string text;
    std::size_t wanted = std::string::npos;
    std::array<char, 4096> piece{};
    while (text.size() < wanted) {
      const ssize_t got = ::recv(fd, piece.data(), piece.size(), 0);
      if (got <= 0) {
        return false;
      }
      text.append(piece.data(), static_cast<std::size_t>(got));
      const std::size_t head = text.find("\r\n\r\n");
      const std::size_t length = text.find("Content-Length: ");
      if (head != std::string::npos) {
        wanted = head + 4 + std::stoul(text.substr(length + 16));
      }
    }
    return text.size() == wanted;
  }

  std::vector<std::string> answers_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<std::uint64_t> requests_ = 0;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

const std::string kGood = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const std::string kLater = "HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n";
const std::string kLast = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

struct Load {
  std::vector<std::string> answers = {kGood};
  double interval_ns = 0;
  Peer to = Peer::kHttp;
  std::int64_t length_ms = 30;
  std::int64_t warmup_ms = 10;
};

struct Result {
  Tally tally;
  std::uint64_t served = 0;
};

/// A worker with two connections and batches of 3.
Result run(const Load& load) {
  const Recipe recipe{.to = load.to, .app = {.app_id = "shop"}, .batch = 3, .run = "0a1b2c3d"};
  LoopbackPeer server(load.answers);
  const auto peer = PeerAddress::find("127.0.0.1", server.port());
  Worker worker(recipe, *peer, 0);
  EXPECT_TRUE(worker.open(2));
  Schedule schedule;
  schedule.begin_ns = monotonic_ns();
  schedule.measure_ns = schedule.begin_ns + load.warmup_ms * kMs;
  schedule.end_ns = schedule.begin_ns + load.length_ms * kMs;
  schedule.give_up_ns = schedule.end_ns + 5000 * kMs;
  schedule.interval_ns = load.interval_ns;
  worker.run(schedule);
  return {worker.tally(), server.requests()};
}

/// Runs longer and longer until what the test waits for has happened.
template <class Enough>
Result run_until(Load load, Enough enough) {
  Result result = run(load);
  for (; !enough(result.tally) && load.length_ms < 10'000; load.length_ms *= 4) {
    result = run(load);
  }
  return result;
}

TEST(Worker, WhatIsAcknowledgedWasSentAndServed) {
  const Result result = run_until({}, [](const Tally& tally) {
    return tally.finished.requests > 0 &&
           tally.acknowledged_total.requests > tally.finished.requests;
  });
  const Tally& tally = result.tally;
  EXPECT_EQ(tally.first_error, "");
  EXPECT_GT(tally.acknowledged_total.requests, tally.finished.requests);
  EXPECT_GT(tally.finished.requests, 0U);
  EXPECT_EQ(tally.sent.requests, tally.acknowledged_total.requests);
  EXPECT_EQ(tally.sent.requests, result.served);
  EXPECT_EQ(tally.sent.events, tally.sent.requests * 3);
  EXPECT_EQ(tally.latency.count(), tally.acknowledged[0].requests);
  EXPECT_EQ(tally.statuses.at(200), tally.finished.requests);
}

TEST(Worker, APushBackCountsAndSlowsDown) {
  const Result result = run({.answers = {kLater}});
  EXPECT_EQ(result.tally.acknowledged_total.requests, 0U);
  EXPECT_EQ(result.tally.pushed_back, result.tally.sent.requests);
  // Two connections, each of which waits 20 ms of the 30 after an answer.
  EXPECT_LE(result.tally.sent.requests, 4U);
  EXPECT_NE(result.tally.first_error.find("answered 503"), std::string::npos);
}

TEST(Worker, AnAnnouncedEndOfAConnectionIsNoError) {
  const Result result = run_until({.answers = {kGood, kLast}},
                                  [](const Tally& tally) { return tally.reconnects > 0; });
  EXPECT_EQ(result.tally.first_error, "");
  EXPECT_GT(result.tally.reconnects, 0U);
  EXPECT_EQ(result.tally.sent.requests, result.tally.acknowledged_total.requests);
}

TEST(Worker, AClosedConnectionLeavesItsRequestUnanswered) {
  const Result result = run_until({.answers = {kGood, ""}},
                                  [](const Tally& tally) { return tally.unanswered.requests > 0; });
  const Tally& tally = result.tally;
  EXPECT_GT(tally.unanswered.requests, 0U);
  EXPECT_EQ(tally.unanswered.events, tally.unanswered.requests * 3);
  EXPECT_EQ(tally.sent.requests, tally.acknowledged_total.requests + tally.unanswered.requests);
  EXPECT_NE(tally.first_error.find("127.0.0.1:"), std::string::npos);
  EXPECT_NE(tally.first_error.find("closed the connection before it answered"), std::string::npos);
}

TEST(Worker, WithARateRequestsAreDueAtFixedTimes) {
  const Result result = run({.interval_ns = 1 * kMs});
  EXPECT_EQ(result.tally.sent.requests + result.tally.unsent, 30U);
  EXPECT_EQ(result.tally.latency.count(), 20U);
}

// Both connections are held up for 20 ms at once; what was due meanwhile is sent afterwards.
TEST(Worker, WithARateWaitingForAConnectionCountsAsLatency) {
  std::vector<std::string> answers(1000, kGood);
  answers.front() = kLater;
  const Result result =
      run({.answers = answers, .interval_ns = 1 * kMs, .length_ms = 100, .warmup_ms = 0});
  const Tally& tally = result.tally;
  EXPECT_LE(tally.pushed_back, 2U);
  EXPECT_EQ(tally.sent.requests + tally.unsent, 100U);
  EXPECT_EQ(tally.latency.count(), 100U - tally.pushed_back);
  EXPECT_GT(tally.latency.quantile_ns(0.95), 10 * kMs);
}

TEST(Worker, WithARateWhatFindsNoConnectionUntilTheEndCountsAsLatency) {
  const Result result =
      run({.answers = {kLater}, .interval_ns = 1 * kMs, .length_ms = 15, .warmup_ms = 0});
  EXPECT_LE(result.tally.sent.requests, 2U);
  EXPECT_EQ(result.tally.sent.requests + result.tally.unsent, 15U);
  EXPECT_EQ(result.tally.latency.count(), result.tally.unsent);
  EXPECT_GT(result.tally.latency.max_ns(), 10 * kMs);
}

TEST(Worker, CatchmentMustAnswerAsItsApiPromises) {
  const Result result =
      run({.answers = {"HTTP/1.1 204 No Content\r\n\r\n"}, .to = Peer::kCatchment});
  EXPECT_EQ(result.tally.acknowledged_total.requests, 0U);
  EXPECT_NE(result.tally.first_error.find("clickstream answered 204"), std::string::npos);
  const Result marked =
      run({.answers = {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                       "X-Catchment-Error: 1 of 3 events will be put aside\r\n\r\n"},
           .to = Peer::kCatchment});
  EXPECT_EQ(marked.tally.acknowledged_total.requests, 0U);
  EXPECT_NE(marked.tally.first_error.find("will be put aside"), std::string::npos);
}

TEST(PeerAddress, AnAddressWithColonsGetsBrackets) {
  EXPECT_EQ(host_and_port("::1", 8080), "[::1]:8080");
  EXPECT_EQ(host_and_port("localhost", 80), "localhost:80");
}

TEST(PeerAddress, ARefusedConnectionNamesHostAndPort) {
  std::uint16_t port = 0;
  {
    const LoopbackPeer gone({kGood});
    port = gone.port();
  }
  const auto peer = PeerAddress::find("localhost", port);
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->connect().error().message,
            "cannot connect to localhost:" + std::to_string(port) + ": Connection refused");
}

}  // namespace
}  // namespace load
