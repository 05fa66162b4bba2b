#include "engine/tail_hub.h"

#include "base/text.h"
#include "base/time_text.h"

#include <fmt/format.h>

#include <chrono>

namespace engine {
namespace {

constexpr std::size_t kLinesMax = 10'000;
constexpr std::chrono::milliseconds kWait{200};

std::string event_line(const event::Event& event) {
  const std::string& who = event.user_id.empty() ? event.user_pseudo_id : event.user_id;
  return fmt::format("{}  {}  {}  {}  {}  {}\n",
                     base::format_iso8601_ms(base::from_us(event.received_at.value_or(0))),
                     base::printable(event.app_id), event::api_name(event.api),
                     base::printable(event.event_name), base::printable(who), event.properties);
}

std::string rejected_line(const event::RejectedRow& row) {
  return fmt::format("{}  {}  {}  rejected  {}  {}\n",
                     base::format_iso8601_ms(base::from_us(row.received_at.value_or(0))),
                     base::printable(row.app_id), event::api_name(row.api), row.code,
                     base::printable(row.reason));
}

}  // namespace

void TailHub::push_locked(const std::string& app_id, const std::string& line) {
  for (Reader& reader : readers_) {
    if (!reader.app_id.empty() && reader.app_id != app_id) {
      continue;
    }
    if (reader.lines.size() >= kLinesMax) {
      ++reader.lost;
    } else {
      reader.lines.push_back(line);
    }
  }
}

void TailHub::publish(const store::Batch& batch) {
  const std::lock_guard lock(mutex_);
  if (readers_.empty()) {
    return;
  }
  for (const event::Event* event : batch.events.rows()) {
    push_locked(event->app_id, event_line(*event));
  }
  for (const event::RejectedRow& row : batch.rejected) {
    push_locked(row.app_id, rejected_line(row));
  }
  changed_.notify_all();
}

std::list<TailHub::Reader>::iterator TailHub::open(std::string app_id) {
  const std::lock_guard lock(mutex_);
  readers_.emplace_front().app_id = std::move(app_id);
  return readers_.begin();
}

void TailHub::close(std::list<Reader>::iterator reader) {
  const std::lock_guard lock(mutex_);
  readers_.erase(reader);
}

std::deque<std::string> TailHub::take(std::list<Reader>::iterator reader, std::uint64_t& lost) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kWait, [reader] { return !reader->lines.empty(); });
  lost = std::exchange(reader->lost, 0);
  return std::exchange(reader->lines, {});
}

}  // namespace engine
