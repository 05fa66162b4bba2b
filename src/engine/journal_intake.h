#pragma once
// Puts accepted requests into the journal and keeps count of what is not loaded yet.

#include "api/edge.h"
#include "journal/writer.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace engine {

/// Threads: append() from any thread; the counts from any thread.
class JournalIntake final : public api::Intake {
 public:
  /// Records are counted one by one while fewer than `exact_max` are not loaded, beyond that in
  /// groups, so that a long lag stays cheap to remember.
  explicit JournalIntake(journal::Writer& writer, std::size_t exact_max = 20'000)
      : writer_(writer), exact_max_(exact_max) {}

  void append(const event::Record& record,
              std::function<void(base::Result<event::Position>)> done) override;

  /// Forgets what the loader has booked: everything up to `position`.
  void loaded(event::Position position);
  [[nodiscard]] event::Position loaded_position() const;

  /// Units (events, profile records) answered but not loaded, by application and API.
  using Pending = std::map<std::pair<std::string, event::Api>, std::uint64_t>;
  [[nodiscard]] Pending pending() const;

 private:
  void remember(event::Position position, const Pending::key_type& key, std::uint64_t units);

  /// Consecutive records, counted together.
  struct Bucket {
    event::Position last = 0;
    std::uint64_t records = 0;
    Pending units;
  };

  journal::Writer& writer_;
  const std::size_t exact_max_;
  mutable std::mutex mutex_;
  event::Position loaded_ = 0;
  std::deque<Bucket> buckets_;
  Pending total_;  // of all buckets
};

}  // namespace engine
