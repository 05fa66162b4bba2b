#include "audit/canary.h"

#include "base/time_text.h"

#include <utility>

namespace audit {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWait{1000};
constexpr std::chrono::seconds kQueryDeadline{10};
/// Events on their way beyond this many are not looked for any more.
constexpr std::size_t kUnderWayMax = 16;
constexpr std::string_view kBody =
    R"({"event":{"name":"Canary","user":{"anonymousId":"catchment_canary"}}})";

milliseconds since(std::chrono::steady_clock::time_point at,
                   std::chrono::steady_clock::time_point now) {
  return std::chrono::duration_cast<milliseconds>(now - at);
}

}  // namespace

Canary::Canary(CanarySources sources, milliseconds interval)
    : sources_(std::move(sources)), interval_(interval), newest_(sources_.clock.steady_now()) {}

void Canary::step() {
  const auto now = sources_.clock.steady_now();
  if (!sent_at_ || now - *sent_at_ >= interval_) {
    send(now);
  }
  look();
}

void Canary::send(std::chrono::steady_clock::time_point now) {
  sent_at_ = now;
  const auto sent = std::make_shared<Sent>();
  sent->at = now;
  event::Record record;
  record.api = event::Api::kSegmentstream;
  record.received_at = sources_.clock.now();
  record.app_id = kCanaryApp;
  record.request_id = "canary";
  record.method = "POST";
  record.target = "/track";
  record.headers = {{"content-type", "application/json"}};
  record.body = kBody;
  sent->received_at = record.received_at;
  sources_.intake.append(record, [sent](const base::Result<event::Position>& position) {
    const std::lock_guard lock(sent->mutex);
    sent->position = position ? *position : 0;
    sent->answered.notify_all();
  });
  under_way_.push_back(sent);
  if (under_way_.size() > kUnderWayMax) {
    under_way_.pop_front();
  }
}

void Canary::look() {
  while (!under_way_.empty()) {
    const std::shared_ptr<Sent> sent = under_way_.front();
    {
      std::unique_lock lock(sent->mutex);
      if (!sent->answered.wait_for(lock, kWait, [&] { return sent->position.has_value(); })) {
        return;
      }
    }
    if (*sent->position != 0 && !settle(*sent, *sent->position)) {
      return;
    }
    under_way_.pop_front();
  }
}

/// False while it cannot be said whether the event comes through.
bool Canary::settle(const Sent& sent, event::Position position) {
  if (!sources_.wait_visible(position, kWait)) {
    return false;
  }
  const base::Result<bool> shown = shows(sent, position);
  if (!shown) {
    return false;
  }
  if (*shown) {
    const auto now = sources_.clock.steady_now();
    const std::lock_guard lock(mutex_);
    newest_ = sent.at;
    latency_ = since(sent.at, now);
  }
  return true;
}

base::Result<bool> Canary::shows(const Sent& sent, event::Position position) const {
  // The date lets whole files be passed over. A hit without a time of its own has that of receipt.
  std::string sql = "SELECT 1 FROM event WHERE event_date >= DATE '";
  sql.append(base::format_date(sent.received_at - std::chrono::hours(48)));
  sql.append("' AND app_id = '").append(kCanaryApp);
  sql.append("' AND journal_position = ").append(std::to_string(position));
  store::QueryLimits limits;
  limits.deadline = kQueryDeadline;
  const auto found = sources_.store.query(sql, store::ResultFormat::kJson, limits);
  return found ? base::Result<bool>(found->rows == 1) : found.error();
}

CanaryReport Canary::report() const {
  const auto now = sources_.clock.steady_now();
  const std::lock_guard lock(mutex_);
  const milliseconds age = since(newest_, now);
  return {.age = age, .latency = latency_, .overdue = age > kIntervalsMax * interval_};
}

}  // namespace audit
