#include "daemon/journal_intake.h"

#include <charconv>

namespace catchment {
namespace {

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
  Waiting waiting{0, std::string(record.app_id), record.api, units_of(record)};
  writer_.append(std::move(bytes),
                 [this, waiting = std::move(waiting), done = std::move(done)](
                     const base::Result<event::Position>& position) mutable {
                   if (position) {
                     const std::lock_guard lock(mutex_);
                     waiting.position = *position;
                     if (waiting.position > loaded_) {
                       waiting_.push_back(std::move(waiting));
                     }
                   }
                   done(position);
                 });
}

void JournalIntake::loaded(event::Position position) {
  const std::lock_guard lock(mutex_);
  loaded_ = position;
  while (!waiting_.empty() && waiting_.front().position <= position) {
    waiting_.pop_front();
  }
}

JournalIntake::Pending JournalIntake::pending() const {
  const std::lock_guard lock(mutex_);
  Pending out;
  for (const Waiting& waiting : waiting_) {
    out[{waiting.app_id, waiting.api}] += waiting.units;
  }
  return out;
}

}  // namespace catchment
