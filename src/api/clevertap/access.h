#pragma once
// Who may upload, and how many requests of one account may be under way.

#include "http/message.h"
#include "registry/app.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace api::clevertap {

/// The application, or the vendor's text for 401.
struct Access {
  const registry::App* app = nullptr;
  std::string_view error;
};

/// Checks the two headers. Lifetime: `app` points into `snapshot`.
Access authenticate(const http::Request& request, const registry::Snapshot& snapshot);

/// Counts the requests of each application between arrival and answer. Threads: any.
class InFlight {
 public:
  /// Holds one place until it is destroyed.
  using Place = std::shared_ptr<void>;

  InFlight() : counts_(std::make_shared<Counts>()) {}

  /// A null Place when `requests_max` are under way; 0 is no limit.
  Place enter(const std::string& app_id, std::int64_t requests_max);

 private:
  // Shared with the places, which may outlast this object.
  struct Counts {
    std::mutex mutex;
    std::unordered_map<std::string, std::int64_t> by_app;
  };
  std::shared_ptr<Counts> counts_;
};

}  // namespace api::clevertap
