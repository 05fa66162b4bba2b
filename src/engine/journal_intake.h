#pragma once
// Puts accepted requests into the journal, keeps count of what is not loaded yet, and holds what
// was answered against what the loader found.

#include "api/edge.h"
#include "journal/writer.h"
#include "loader/parts.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
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

  /// Forgets what the loader has booked: everything up to `position`. `handled`: units the loader
  /// found in what it had not told of before.
  void loaded(event::Position position, const loader::Handled& handled = {});
  [[nodiscard]] event::Position loaded_position() const;

  /// Units (events, profile records) answered but not loaded, by application and API.
  using Pending = std::map<std::pair<std::string, event::Api>, std::uint64_t>;
  [[nodiscard]] Pending pending() const;

  /// Units of all requests answered since the start and loaded, as their answers and as the loader
  /// counted them.
  struct Compared {
    std::uint64_t answered = 0;
    std::uint64_t handled = 0;
  };
  using Comparison = std::map<std::pair<std::string, event::Api>, Compared>;
  /// Nothing while the two cannot be compared: an answer of a loaded request is still being given,
  /// or a long lag is counted in groups.
  [[nodiscard]] std::optional<Comparison> comparison() const;

 private:
  /// What one record adds to the counts.
  struct Units {
    Pending::key_type key;
    std::uint64_t count = 0;
    bool replay = false;  ///< It replaces what was counted before.
  };
  void remember(event::Position position, const Units& units);

  /// Consecutive records, counted together.
  struct Bucket {
    event::Position first = 0;
    event::Position last = 0;
    std::uint64_t records = 0;
    Pending units;
    Pending replays;  ///< Of these, those that replay.
  };

  journal::Writer& writer_;
  const std::size_t exact_max_;
  mutable std::mutex mutex_;
  event::Position loaded_ = 0;
  bool forgetting_ = false;  // loaded() is not through
  std::deque<Bucket> buckets_;
  Pending total_;  // of all buckets
  Pending replays_pending_;
  event::Position answered_ = 0;
  Pending answered_units_;
  Pending handled_units_;
};

}  // namespace engine
