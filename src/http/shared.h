#pragma once
// What all threads of one server share: its options, who answers what, the counters and the memory
// bodies may use. Owned by the Server and by every Worker; the last one frees it.

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "http/address.h"
#include "http/router.h"
#include "http/server.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace boost::asio::ssl {
class context;
}

namespace http {

struct Counters {
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> connections_total{0};
  std::atomic<std::uint64_t> connections_refused_total{0};
  std::atomic<std::uint64_t> requests_total{0};
  std::atomic<std::uint64_t> bad_requests_total{0};
};

/// Bytes of bodies held by all connections, against one limit. Threads: any.
class BodyMemory {
 public:
  explicit BodyMemory(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  [[nodiscard]] bool acquire(std::size_t bytes) {
    if (used_.fetch_add(bytes) + bytes > bytes_max_) {
      used_.fetch_sub(bytes);
      return false;
    }
    return true;
  }
  void release(std::size_t bytes) { used_.fetch_sub(bytes); }
  [[nodiscard]] std::size_t used() const { return used_.load(); }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> used_{0};
};

/// The certificate in use. Threads: any.
class TlsSlot {
 public:
  using Context = std::shared_ptr<boost::asio::ssl::context>;
  [[nodiscard]] Context get() const {
    const std::lock_guard lock(mutex_);
    return context_;
  }
  void set(Context context) {
    const std::lock_guard lock(mutex_);
    context_ = std::move(context);
  }

 private:
  mutable std::mutex mutex_;
  Context context_;
};

/// Lets stop() wait until the last connection is gone. Threads: any.
class Quiet {
 public:
  void notify() {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }
  template <class Condition>
  void wait_for(std::chrono::milliseconds limit, Condition condition) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, condition);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

struct Shared {
  Shared(Options options_in, std::vector<Route> routes, Handler& fallback, TrustedProxies trusted,
         const Environment& environment)
      : options(std::move(options_in)),
        router(std::move(routes), fallback),
        proxies(std::move(trusted)),
        clock(environment.clock),
        random(environment.random),
        log(environment.log),
        body_memory(options.body_memory_max) {}

  const Options options;
  const Router router;
  const TrustedProxies proxies;
  const base::Clock& clock;
  base::Random& random;
  base::Log& log;
  Counters counters;
  BodyMemory body_memory;
  TlsSlot tls;
  Quiet quiet;
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> workers_stopping{0};  ///< They accept no more.
};

}  // namespace http
