// Replies that come from other threads, in bursts, while clients and the server come and go.

#include "http/loopback_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace http {
namespace {

using std::chrono::milliseconds;

/// Answers from a thread of its own, all that has come together at once: as the journal does.
class BurstHandler final : public Handler {
 public:
  BurstHandler() : thread_([this] { run(); }) {}
  ~BurstHandler() override { finish(); }
  BurstHandler(const BurstHandler&) = delete;
  BurstHandler& operator=(const BurstHandler&) = delete;

  void handle(const Request& request, Responder respond) override {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({&request, std::move(respond)});
    changed_.notify_one();
  }
  void finish() {
    {
      const std::lock_guard lock(mutex_);
      finished_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) {
      thread_.join();
    }
  }

 private:
  struct Waiting {
    const Request* request;
    Responder respond;
  };
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return finished_ || !waiting_.empty(); });
      if (waiting_.empty()) {
        return;
      }
      std::vector<Waiting> burst;
      burst.swap(waiting_);
      lock.unlock();
      for (Waiting& one : burst) {
        Reply reply;
        reply.body = std::string(one.request->body);
        one.respond(std::move(reply));
      }
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting> waiting_;
  bool finished_ = false;
  std::thread thread_;
};

std::string requests_of(int client, int count) {
  std::string requests;
  for (int i = 0; i < count; ++i) {
    const std::string body = std::to_string(client) + ":" + std::to_string(i);
    requests += "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body;
  }
  return requests;
}

TEST(Responder, RepliesFromBurstsReachTheirClientsInOrder) {
  constexpr int kClients = 16;
  constexpr int kRequests = 25;
  BurstHandler bursts;
  Options options;
  options.threads = 2;
  Loopback loopback(options, {Route{"/b", &bursts}});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.push_back(std::make_unique<RawClient>(loopback.port()));
    clients.back()->send(requests_of(c, kRequests));
  }
  for (int c = 0; c < kClients; ++c) {
    for (int i = 0; i < kRequests; ++i) {
      const std::string body = body_of(clients[static_cast<std::size_t>(c)]->read_reply());
      ASSERT_EQ(body, std::to_string(c) + ":" + std::to_string(i));
    }
  }
}

TEST(Responder, ClientsMayLeaveWhileTheirRepliesAreMade) {
  BurstHandler bursts;
  Loopback loopback({}, {Route{"/b", &bursts}});
  for (int c = 0; c < 40; ++c) {
    RawClient client(loopback.port());
    client.send(requests_of(c, 5));
  }
  EXPECT_TRUE(loopback.wait_for(
      [](const Stats& stats) { return stats.connections_total == 40 && stats.connections == 0; }));
}

TEST(Responder, ServerMayStopWhileRepliesAreMade) {
  for (int round = 0; round < 10; ++round) {
    BurstHandler bursts;
    Loopback loopback({}, {Route{"/b", &bursts}});
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int c = 0; c < 8; ++c) {
      clients.push_back(std::make_unique<RawClient>(loopback.port()));
      clients.back()->send(requests_of(c, 10));
    }
    loopback.server().stop(milliseconds(round % 2));
    loopback.destroy();
    bursts.finish();
    for (const auto& client : clients) {
      EXPECT_TRUE(client->closed_by_server());
    }
  }
}

}  // namespace
}  // namespace http
