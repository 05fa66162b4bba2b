#include "engine/journal_intake.h"

#include <charconv>

namespace engine {
namespace {

constexpr std::uint64_t kBucketRecords = 256;

/// How many units the record holds, as its endpoint noted; one where it did not.
std::uint64_t units_of(const event::Record& record) {
  std::uint64_t units = 1;
  if (const auto note = record.note("units")) {
    std::from_chars(note->data(), note->data() + note->size(), units);
  }
  return units;
}

}  // namespace

void JournalIntake::append(const event::Record& record,
                           std::function<void(base::Result<event::Position>)> done) {
  std::string bytes;
  bytes.reserve(record.body.size() + 512);
  event::encode_record(record, bytes);
  Pending::key_type key(record.app_id, record.api);
  writer_.append(std::move(bytes),
                 [this, key = std::move(key), units = units_of(record),
                  done = std::move(done)](const base::Result<event::Position>& position) {
                   if (position) {
                     remember(*position, key, units);
                   }
                   done(position);
                 });
}

void JournalIntake::remember(event::Position position, const Pending::key_type& key,
                             std::uint64_t units) {
  const std::lock_guard lock(mutex_);
  if (position <= loaded_) {
    return;
  }
  const std::uint64_t records_max = buckets_.size() < exact_max_ ? 1 : kBucketRecords;
  if (buckets_.empty() || buckets_.back().records >= records_max) {
    buckets_.emplace_back();
  }
  Bucket& bucket = buckets_.back();
  bucket.last = position;
  ++bucket.records;
  bucket.units[key] += units;
  total_[key] += units;
}

void JournalIntake::loaded(event::Position position) {
  const std::lock_guard lock(mutex_);
  loaded_ = position;
  while (!buckets_.empty() && buckets_.front().last <= position) {
    for (const auto& [key, units] : buckets_.front().units) {
      const auto total = total_.find(key);
      total->second -= units;
      if (total->second == 0) {
        total_.erase(total);
      }
    }
    buckets_.pop_front();
  }
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
