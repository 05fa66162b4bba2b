#pragma once
// Holds what was answered against what the loader booked, and the books against the rows of the
// store. Each side is counted by itself: units by the edge when it answers and by the loader when
// it books them, rows by a query. What does not come out even is an event lost or counted twice.

#include "base/clock.h"
#include "engine/journal_intake.h"
#include "event/record.h"
#include "loader/loader.h"
#include "store/store.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace engine {

/// Which two numbers are held against each other.
enum class Subject : std::uint8_t {
  kUnits,     ///< Units answered, and booked by the loader, since the start.
  kSum,       ///< Received, and stored + duplicate + rejected.
  kRows,      ///< Events booked as stored, and rows of `event`.
  kRejected,  ///< Units booked as rejected, and rows of `rejected_event`.
};

struct Difference {
  std::string app_id;
  event::Api api = event::Api::kClickstream;
  Subject subject = Subject::kUnits;
  std::uint64_t expected = 0;
  std::uint64_t found = 0;

  [[nodiscard]] std::uint64_t size() const {
    return expected > found ? expected - found : found - expected;
  }
};

/// `balance of "shop" clevertap: 12 events booked as stored, 11 rows of event`.
std::string to_text(const Difference& difference);

struct BalanceSources {
  std::function<loader::Ledger()> ledger;
  std::function<std::optional<JournalIntake::Comparison>()> comparison;
  std::function<event::Position()> visible_position;  ///< Of the store.
  std::function<base::Result<store::QueryResult>(std::string_view, const store::QueryLimits&)>
      query_json;  ///< Of the store, as JSON.
  const base::Clock& clock;
};

/// Threads: step() from one, the others from any.
class Balance {
 public:
  /// A difference counts when this many checks in a row have found it: one alone may be a rebuild
  /// or a replay under way.
  static constexpr unsigned kChecksToBelieve = 3;
  static constexpr std::chrono::seconds kInterval{10};

  explicit Balance(BalanceSources sources) : sources_(std::move(sources)) {}

  /// Checks when it is time to: every kInterval, or less often where counting rows takes long. Rows
  /// are counted by ranges of the journal, each within seconds; the ranges become shorter when
  /// one takes too long. `between` is called after each.
  void step(const std::function<void()>& between);
  /// Ends the check under way within seconds, without a result, and all later ones.
  void cancel() { cancelled_ = true; }
  /// What does not close, as far as it is believed.
  [[nodiscard]] std::vector<Difference> differences() const;
  /// How long ago everything was compared last; nothing before the first time.
  [[nodiscard]] std::optional<std::chrono::milliseconds> checked_ago() const;

 private:
  using Key = std::tuple<std::string, event::Api, Subject>;
  struct Seen {
    Difference difference;
    unsigned times = 0;
  };
  struct Pair {
    std::uint64_t expected = 0;
    std::uint64_t found = 0;
  };
  using Pairs = std::map<Key, Pair>;

  bool compare_units();
  bool compare_rows(const std::function<void()>& between);
  std::optional<Pairs> count_rows(const loader::Ledger& ledger,
                                  const std::function<void()>& between);
  bool count_range(event::Position from, event::Position through, Pairs& pairs);
  /// Takes the pairs for all there is to say about their subjects.
  void note(const std::vector<Subject>& subjects, const Pairs& pairs);

  const BalanceSources sources_;
  std::chrono::steady_clock::time_point due_{};
  std::chrono::steady_clock::time_point rows_due_{};
  std::uint64_t ranges_ = 1;  // to count rows in
  std::atomic<bool> cancelled_ = false;
  mutable std::mutex mutex_;  // guards what follows
  std::map<Key, Seen> seen_;
  std::optional<std::chrono::steady_clock::time_point> checked_at_;
};

}  // namespace engine
