#pragma once
// What the endpoints of all APIs share: where accepted requests go, the verdicts that need memory
// of earlier requests, and cross-origin answers. An endpoint authenticates, decodes for its
// verdict, hands the Record to the Intake and answers when it is durable.

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "event/event.h"
#include "event/record.h"
#include "http/message.h"
#include "registry/registry.h"

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace api {

/// Takes records for the journal. Threads: from any thread.
class Intake {
 public:
  Intake() = default;
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;
  virtual ~Intake() = default;

  /// Copies `record` and calls `done` once, from any thread, when it is durable (with its position)
  /// or when it is not going to be (kUnavailable, kTooLarge).
  virtual void append(const event::Record& record,
                      std::function<void(base::Result<event::Position>)> done) = 0;
};

/// The distinct event names an application has used, for APIs that limit their number. The loader
/// fills it at start from what is stored; endpoints ask it while they accept. Threads: any.
class EventNames {
 public:
  /// True when `name` is known or may still be added; adds it. False beyond `count_max` names.
  bool admit(std::string_view app_id, event::Api api, std::string_view name, std::size_t count_max);
  /// Adds without asking.
  void observe(std::string_view app_id, event::Api api, std::string_view name);
  /// For answers that must change nothing (CleverTap's dry run).
  [[nodiscard]] bool is_known(std::string_view app_id, event::Api api, std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view app_id, event::Api api) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::set<std::string, std::less<>>> names_;
};

/// Answers given under an Idempotency-Key, for 24 hours at least. The journal record carries key
/// and answer as notes, so that the table survives a restart. Threads: any.
class IdempotencyKeys {
 public:
  struct Answer {
    int status = 200;
    std::string body;
    event::Position position = 0;  ///< 0 while the first request is still being stored.
  };
  explicit IdempotencyKeys(const base::Clock& clock) : clock_(clock) {}

  enum class Claim : std::uint8_t { kFirst, kInProgress, kAnswered };
  /// Claims `key` for a new request: kFirst means go on and call settle() or release().
  Claim claim(std::string_view app_id, std::string_view key, Answer& answered);
  void settle(std::string_view app_id, std::string_view key, Answer answer);
  void release(std::string_view app_id, std::string_view key);  ///< Not stored: free again.

 private:
  struct Entry {
    Answer answer;
    bool settled = false;
    base::Time at{};
  };
  void expire_locked();
  const base::Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::size_t sweep_at_ = 0;  ///< Entries at which the next sweep is worth its time.
};

/// What every endpoint is given. All outlive the endpoints.
struct Edge {
  Intake& intake;
  registry::Registry& registry;
  const base::Clock& clock;
  base::Log& log;
  EventNames& names;
  IdempotencyKeys& idempotency;
};

/// How one API answers other origins.
struct CorsRules {
  std::string_view methods;         ///< Access-Control-Allow-Methods.
  std::string_view headers;         ///< Access-Control-Allow-Headers; "" echoes what was asked.
  std::string_view expose_headers;  ///< Access-Control-Expose-Headers.
  bool credentials = true;          ///< Echo the origin and allow credentials; else "*".
};
/// Adds the Access-Control headers when the request's Origin is among `origins` (exact, or "*").
void add_cors(const http::Request& request, std::span<const std::string> origins,
              const CorsRules& rules, http::Reply& reply);

/// A record with every field that comes straight from the request: received_at, request_id, method,
/// target, peer_ip, user_agent, body. Lifetime: views into `request`.
event::Record record_of(const http::Request& request, event::Api api, std::string_view app_id);

/// Adds "X-Catchment-Position".
void add_position(event::Position position, http::Reply& reply);

/// Keeps a refused request whole: appends it as kRefused with the notes "code" and "reason", then
/// calls `done`, also when it could not be kept (that is logged).
void keep_refused(Edge& edge, event::Record record, std::string_view code, std::string_view reason,
                  std::function<void()> done);

}  // namespace api
