// A server thread in steady state asks for no memory of its own: the buffers of a connection are
// used again for each request. Counted by an operator new of the test's own, where no sanitizer has
// its.

#ifndef CATCHMENT_SANITIZED

#include "http/loopback_testing.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <mutex>
#include <new>
#include <optional>
#include <string>

namespace {

std::size_t& allocations() {
  thread_local std::size_t count = 0;
  return count;
}

}  // namespace

void* operator new(std::size_t bytes) {
  ++allocations();
  void* const memory = std::malloc(bytes);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*bytes*/) noexcept { std::free(memory); }

namespace http {
namespace {

constexpr std::size_t kRequests = 40;
constexpr std::size_t kWarmUp = 8;

/// Notes at each request how often the server's thread has allocated until then.
class Counts {
 public:
  void note() {
    const std::size_t at = size_.fetch_add(1);
    if (at < counts_.size()) {
      counts_[at] = allocations();
    }
  }
  /// Since the warm-up; once all have come.
  [[nodiscard]] std::size_t since_warm_up() const { return counts_.back() - counts_[kWarmUp]; }
  [[nodiscard]] std::size_t size() const { return size_.load(); }

 private:
  std::array<std::size_t, kRequests> counts_{};
  std::atomic<std::size_t> size_{0};
};

class CountingHandler final : public Handler {
 public:
  explicit CountingHandler(bool at_once) : at_once_(at_once) {}
  void handle(const Request& /*request*/, Responder respond) override {
    counts.note();
    if (at_once_) {
      respond(Reply{});
      return;
    }
    const std::lock_guard lock(mutex_);
    respond_.emplace(std::move(respond));
  }
  /// From another thread.
  void answer() {
    while (true) {
      const std::lock_guard lock(mutex_);
      if (respond_) {
        (*respond_)(Reply{});
        respond_.reset();
        return;
      }
    }
  }
  Counts counts;

 private:
  const bool at_once_;
  std::mutex mutex_;
  std::optional<Responder> respond_;
};

const std::string& request() {
  static const std::string text =
      "POST /b?appId=shop&platform=Web HTTP/1.1\r\nHost: collector.example\r\nContent-Length: "
      "600\r\n"
      "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64)\r\nOrigin: https://shop.example\r\n"
      "Content-Type: application/json; charset=utf-8\r\n\r\n" +
      std::string(600, 'x');
  return text;
}

TEST(Allocation, RequestAnsweredAtOnceNeedsNone) {
  CountingHandler handler(true);
  Loopback loopback({}, {Route{"/b", &handler}});
  RawClient client(loopback.port());
  for (std::size_t i = 0; i < kRequests; ++i) {
    client.send(request());
    client.read_reply();
  }
  ASSERT_EQ(handler.counts.size(), kRequests);
  EXPECT_EQ(handler.counts.since_warm_up(), 0U);
}

TEST(Allocation, RequestAnsweredFromAnotherThreadNeedsNone) {
  CountingHandler handler(false);
  Loopback loopback({}, {Route{"/b", &handler}});
  RawClient client(loopback.port());
  for (std::size_t i = 0; i < kRequests; ++i) {
    client.send(request());
    handler.answer();
    client.read_reply();
  }
  ASSERT_EQ(handler.counts.size(), kRequests);
  EXPECT_EQ(handler.counts.since_warm_up(), 0U);
}

}  // namespace
}  // namespace http

#endif
