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

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
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
  /// or when it is not going to be (kUnavailable, kTooLarge). A handler may not wait for that.
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

/// Answers given under an Idempotency-Key, for 24 hours unless they take too much memory: then the
/// oldest are forgotten first. The journal record carries key and answer as notes, so that the
/// table survives a restart. Threads: any.
class IdempotencyKeys {
 public:
  /// What keys and answers may take in memory: some 200,000 short ones.
  static constexpr std::size_t kBytesMax = std::size_t{64} << 20U;

  struct Answer {
    int status = 200;
    std::string body;
    event::Position position = 0;  ///< 0 while the first request is still being stored.
  };
  explicit IdempotencyKeys(const base::Clock& clock, std::size_t bytes_max = kBytesMax)
      : clock_(clock), bytes_max_(bytes_max) {}

  enum class Claim : std::uint8_t { kFirst, kInProgress, kAnswered };
  /// Claims `key` for a new request: kFirst means go on, under a Hold, and settle() it.
  Claim claim(std::string_view app_id, std::string_view key, Answer& answered);
  void settle(std::string_view app_id, std::string_view key, Answer answer);
  /// Not stored: free again. Nothing when it is settled.
  void release(std::string_view app_id, std::string_view key);

  /// Releases a claimed key, unless it was settled, whichever way its request ends. Lifetime: the
  /// table outlives it.
  class Hold {
   public:
    Hold(IdempotencyKeys& keys, std::string_view app_id, std::string_view key)
        : keys_(&keys), app_id_(app_id), key_(key) {}
    Hold(Hold&& other) noexcept;
    Hold& operator=(Hold&&) = delete;
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold();
    void settle(Answer answer);

   private:
    IdempotencyKeys* keys_ = nullptr;
    std::string app_id_;
    std::string key_;
  };

 private:
  struct Entry;
  using Entries = std::unordered_map<std::string, Entry>;
  struct Entry {
    Answer answer;
    bool settled = false;
    base::Time at{};
    std::list<const std::string*>::iterator place;  ///< In oldest_; when settled.
  };
  void forget_locked();
  static std::size_t bytes_of(const Entries::value_type& entry);

  const base::Clock& clock_;
  const std::size_t bytes_max_;
  std::mutex mutex_;
  Entries entries_;
  std::list<const std::string*> oldest_;  ///< Keys of what is settled, oldest first.
  std::size_t settled_bytes_ = 0;
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
