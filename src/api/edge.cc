#include "api/edge.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace api {
namespace {

constexpr std::chrono::hours kKeepAnswers{24};

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
  forget_locked();
  const auto [entry, fresh] = entries_.try_emplace(scoped(app_id, key));
  if (fresh) {
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
  const auto at = entries_.try_emplace(scoped(app_id, key)).first;
  Entry& entry = at->second;
  if (entry.settled) {
    settled_bytes_ -= bytes_of(*at);
    oldest_.splice(oldest_.end(), oldest_, entry.place);
  } else {
    entry.place = oldest_.insert(oldest_.end(), &at->first);
  }
  entry.answer = std::move(answer);
  entry.settled = true;
  entry.at = clock_.now();
  settled_bytes_ += bytes_of(*at);
  forget_locked();
}

void IdempotencyKeys::release(std::string_view app_id, std::string_view key) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(scoped(app_id, key));
  if (entry != entries_.end() && !entry->second.settled) {
    entries_.erase(entry);
  }
}

void IdempotencyKeys::forget_locked() {
  const base::Time oldest = clock_.now() - kKeepAnswers;
  while (!oldest_.empty()) {
    const auto entry = entries_.find(*oldest_.front());
    if (settled_bytes_ <= bytes_max_ && entry->second.at >= oldest) {
      return;
    }
    settled_bytes_ -= bytes_of(*entry);
    oldest_.pop_front();
    entries_.erase(entry);
  }
}

std::size_t IdempotencyKeys::bytes_of(const Entries::value_type& entry) {
  constexpr std::size_t kNodes = 3 * sizeof(void*) + 4 * sizeof(void*);  // of the map and the list
  return sizeof(entry) + kNodes + entry.first.capacity() + entry.second.answer.body.capacity();
}

IdempotencyKeys::Hold::Hold(Hold&& other) noexcept
    : keys_(std::exchange(other.keys_, nullptr)),
      app_id_(std::move(other.app_id_)),
      key_(std::move(other.key_)) {}

IdempotencyKeys::Hold::~Hold() {
  if (keys_ != nullptr) {
    keys_->release(app_id_, key_);
  }
}

void IdempotencyKeys::Hold::settle(Answer answer) {
  keys_->settle(app_id_, key_, std::move(answer));
  keys_ = nullptr;
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
