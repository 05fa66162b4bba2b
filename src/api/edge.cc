#include "api/edge.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace api {
namespace {

constexpr std::chrono::hours kKeepAnswers{24};
constexpr std::size_t kSweepAtLeast = 100'000;

std::string scoped(std::string_view app_id, std::string_view rest) {
  std::string out(app_id);
  out += '\0';
  out += rest;
  return out;
}

bool allows(std::span<const std::string> origins, std::string_view origin) {
  return std::ranges::any_of(origins, [origin](const std::string& allowed) {
    return allowed == "*" || allowed == origin;
  });
}

}  // namespace

bool EventNames::admit(std::string_view app_id, event::Api api, std::string_view name,
                       std::size_t count_max) {
  const std::lock_guard lock(mutex_);
  auto& known = names_[scoped(app_id, event::api_name(api))];
  if (known.contains(name)) {
    return true;
  }
  if (known.size() >= count_max) {
    return false;
  }
  known.emplace(name);
  return true;
}

void EventNames::observe(std::string_view app_id, event::Api api, std::string_view name) {
  const std::lock_guard lock(mutex_);
  names_[scoped(app_id, event::api_name(api))].emplace(name);
}

bool EventNames::is_known(std::string_view app_id, event::Api api, std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto known = names_.find(scoped(app_id, event::api_name(api)));
  return known != names_.end() && known->second.contains(name);
}

std::size_t EventNames::count(std::string_view app_id, event::Api api) const {
  const std::lock_guard lock(mutex_);
  const auto known = names_.find(scoped(app_id, event::api_name(api)));
  return known == names_.end() ? 0 : known->second.size();
}

IdempotencyKeys::Claim IdempotencyKeys::claim(std::string_view app_id, std::string_view key,
                                              Answer& answered) {
  const std::lock_guard lock(mutex_);
  expire_locked();
  const auto [entry, fresh] = entries_.try_emplace(scoped(app_id, key));
  if (fresh) {
    entry->second.at = clock_.now();
    return Claim::kFirst;
  }
  if (!entry->second.settled) {
    return Claim::kInProgress;
  }
  answered = entry->second.answer;
  return Claim::kAnswered;
}

void IdempotencyKeys::settle(std::string_view app_id, std::string_view key, Answer answer) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[scoped(app_id, key)];
  entry.answer = std::move(answer);
  entry.settled = true;
  entry.at = clock_.now();
}

void IdempotencyKeys::release(std::string_view app_id, std::string_view key) {
  const std::lock_guard lock(mutex_);
  entries_.erase(scoped(app_id, key));
}

// A sweep looks at every entry, so it runs only when the table has doubled since the last one; an
// answer kept longer than promised does no harm.
void IdempotencyKeys::expire_locked() {
  if (entries_.size() < std::max(sweep_at_, kSweepAtLeast)) {
    return;
  }
  const base::Time oldest = clock_.now() - kKeepAnswers;
  std::erase_if(entries_, [oldest](const auto& entry) {
    return entry.second.settled && entry.second.at < oldest;
  });
  sweep_at_ = 2 * entries_.size();
}

void add_cors(const http::Request& request, std::span<const std::string> origins,
              const CorsRules& rules, http::Reply& reply) {
  const std::string_view origin = request.header("origin");
  if (origin.empty() || !allows(origins, origin)) {
    return;
  }
  reply.add("Access-Control-Allow-Origin", rules.credentials ? std::string(origin) : "*");
  if (rules.credentials) {
    reply.add("Access-Control-Allow-Credentials", "true");
    reply.add("Vary", "Origin");
  }
  reply.add("Access-Control-Allow-Methods", std::string(rules.methods));
  const std::string_view asked = request.header("access-control-request-headers");
  const std::string_view headers = rules.headers.empty() ? asked : rules.headers;
  if (!headers.empty()) {
    reply.add("Access-Control-Allow-Headers", std::string(headers));
  }
  if (!rules.expose_headers.empty()) {
    reply.add("Access-Control-Expose-Headers", std::string(rules.expose_headers));
  }
}

event::Record record_of(const http::Request& request, event::Api api, std::string_view app_id) {
  event::Record record;
  record.api = api;
  record.received_at = request.received_at;
  record.app_id = app_id;
  record.request_id = request.request_id;
  record.method = request.method;
  record.target = request.target;
  record.peer_ip = request.peer_ip;
  record.user_agent = request.header("user-agent");
  record.body = request.body;
  return record;
}

void add_position(event::Position position, http::Reply& reply) {
  reply.add("X-Catchment-Position", std::to_string(position));
}

void keep_refused(Edge& edge, event::Record record, std::string_view code, std::string_view reason,
                  std::function<void()> done) {
  record.kind = event::RecordKind::kRefused;
  record.notes.push_back({"code", code});
  record.notes.push_back({"reason", reason});
  base::Log& log = edge.log;
  edge.intake.append(
      record, [&log, done = std::move(done)](const base::Result<event::Position>& position) {
        if (!position) {
          log.warning("a refused request could not be kept", {{"why", position.error().message}});
        }
        done();
      });
}

}  // namespace api
