#include "engine/journal_intake.h"

#include "loader/replay.h"
#include "loader/units.h"

namespace engine {
namespace {

constexpr std::uint64_t kBucketRecords = 256;
/// The thread that gives answers waits for so many at most.
constexpr std::size_t kForgottenAtOnce = 64;

}  // namespace

void JournalIntake::append(const event::Record& record,
                           std::function<void(base::Result<event::Position>)> done) {
  std::string bytes;
  bytes.reserve(record.body.size() + 512);
  event::encode_record(record, bytes);
  Units units{{std::string(record.app_id), record.api},
              loader::units_of(record),
              loader::replay_target(record).has_value()};
  writer_.append(std::move(bytes), [this, units = std::move(units), done = std::move(done)](
                                       const base::Result<event::Position>& position) {
    if (position) {
      remember(*position, units);
    }
    done(position);
  });
}

void JournalIntake::remember(event::Position position, const Units& units) {
  const std::lock_guard lock(mutex_);
  answered_ = position;
  if (!units.replay) {
    answered_units_[units.key] += units.count;
  }
  if (position <= loaded_) {
    return;
  }
  const std::uint64_t records_max = buckets_.size() < exact_max_ ? 1 : kBucketRecords;
  if (buckets_.empty() || buckets_.back().records >= records_max) {
    buckets_.emplace_back();
    buckets_.back().first = position;
  }
  Bucket& bucket = buckets_.back();
  bucket.last = position;
  ++bucket.records;
  bucket.units[units.key] += units.count;
  total_[units.key] += units.count;
  if (units.replay) {
    bucket.replays[units.key] += units.count;
    replays_pending_[units.key] += units.count;
  }
}

void JournalIntake::loaded(event::Position position, const loader::Handled& handled) {
  const auto take = [](Pending& total, const Pending& part) {
    for (const auto& [key, units] : part) {
      const auto left = total.find(key);
      left->second -= units;
      if (left->second == 0) {
        total.erase(left);
      }
    }
  };
  std::unique_lock lock(mutex_);
  forgetting_ = true;
  for (std::size_t count = 1; !buckets_.empty() && buckets_.front().last <= position; ++count) {
    take(total_, buckets_.front().units);
    take(replays_pending_, buckets_.front().replays);
    loaded_ = buckets_.front().last;
    buckets_.pop_front();
    if (count % kForgottenAtOnce == 0) {
      lock.unlock();
      lock.lock();
    }
  }
  for (const auto& [key, units] : handled) {
    handled_units_[key] += units;
  }
  loaded_ = position;
  forgetting_ = false;
}

std::optional<JournalIntake::Comparison> JournalIntake::comparison() const {
  const std::lock_guard lock(mutex_);
  const bool answering = answered_ < loaded_ && (answered_ != 0 || !handled_units_.empty());
  const bool grouped = !buckets_.empty() && buckets_.front().first <= loaded_;
  if (answering || grouped || forgetting_) {
    return std::nullopt;
  }
  Comparison out;
  for (const auto& [key, units] : answered_units_) {
    out[key].answered = units;
  }
  for (const auto& [key, units] : total_) {
    const auto replays = replays_pending_.find(key);
    out[key].answered -= units - (replays == replays_pending_.end() ? 0 : replays->second);
  }
  for (const auto& [key, units] : handled_units_) {
    out[key].handled = units;
  }
  return out;
}

event::Position JournalIntake::loaded_position() const {
  const std::lock_guard lock(mutex_);
  return loaded_;
}

JournalIntake::Pending JournalIntake::pending() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

}  // namespace engine
