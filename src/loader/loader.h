#pragma once
// Follows the journal: decodes every record again, completes and deduplicates its events, and makes
// rows, books and persons of them, exactly once (stepper.h says why). One thread does all of it and
// sleeps until the journal commits; another seals and merges files meanwhile. Owner: the daemon.

#include "base/result.h"
#include "event/record.h"
#include "loader/caretaker.h"
#include "loader/parts.h"
#include "loader/stepper.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace loader {

/// received = stored + duplicate + rejected; what is not loaded yet is in none of them.
struct BookLine {
  std::string app_id;
  event::Api api = event::Api::kClickstream;
  std::uint64_t received = 0;
  std::uint64_t stored = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t rejected = 0;
  std::uint64_t profiles = 0;  ///< Of those stored: records that change a person and make no row.
};

/// All books at one moment, and which records they cover.
struct Ledger {
  std::vector<BookLine> lines;
  Position from = 0;
  Position through = 0;
};

/// Longer than it rests between steps: what can wait should.
constexpr std::chrono::milliseconds kBehind{500};

struct Stats {
  Position loaded = 0;
  std::uint64_t lag_records = 0;
  std::uint64_t lag_ms = 0;  ///< Age of the oldest commit that is not loaded.
  std::uint64_t records_damaged = 0;
  std::uint64_t ids_in_memory = 0;
  std::uint64_t ids_in_runs = 0;
  std::uint64_t id_runs = 0;
  std::string failure;  ///< What keeps it from going on, or went wrong for good; else empty.

  [[nodiscard]] bool behind() const { return std::chrono::milliseconds(lag_ms) >= kBehind; }
};

/// Threads: every method from any thread, except follow(), start() and stop(), which the owner
/// calls.
class Loader {
 public:
  /// Opens the state and what it needs; neither loads anything nor asks the journal yet.
  static base::Result<std::unique_ptr<Loader>> open(Parts parts, Options options, Hooks hooks);
  /// For open().
  Loader(Parts parts, Options options, Hooks hooks);
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;
  /// Stops.
  ~Loader();

  /// As Stepper::reach(): the journal's new records have to start behind it.
  [[nodiscard]] Position reach() const { return stepper_->reach(); }
  /// Before start(); as Stepper::follow().
  base::Status follow(Position journal_end);
  void start();
  /// Finishes the step in hand and seals, so that the next start has nothing to read again.
  void stop();

  /// The journal has committed up to `durable`. True when loading is behind. Cheap; for
  /// journal::Writer::on_commit.
  bool wake(Position durable);
  /// True once everything up to `position` is visible and booked; false after `timeout`.
  bool wait_visible(Position position, std::chrono::milliseconds timeout);
  [[nodiscard]] Position visible() const { return loaded_.load(std::memory_order_acquire); }
  /// books() say what became of everything up to here.
  [[nodiscard]] Position booked() const { return stepper_->state().applied(); }
  /// Everything derived from records up to here is durable; the journal may let go of them.
  [[nodiscard]] Position sealed() const { return caretaker_->sealed(); }

  [[nodiscard]] std::vector<BookLine> books() const { return ledger().lines; }
  [[nodiscard]] Ledger ledger() const;
  [[nodiscard]] Stats stats() const;

  /// False: nobody waits any more.
  using Progress = std::function<bool(Position done, Position last)>;
  /// Empties store and state and waits until all that is in the journal now is derived again.
  /// kUnavailable when `progress` said not to wait; the rebuild goes on. kInvalid, and nothing
  /// done, when the journal no longer begins with its first record.
  base::Status rebuild(const Progress& progress);

 private:
  /// A commit and when it was made known.
  struct Mark {
    Position position = 0;
    std::chrono::steady_clock::time_point at;
  };
  enum class Order : std::uint8_t { kNone, kRebuild, kDone };

  void run();
  bool work();
  void rest(bool busy, bool caught_up);
  void take_orders();
  void repair();
  base::Result<Position> start_over();
  base::Result<Position> seal_all();
  void maintain();
  void publish();
  void fail_with(const base::Error& error);

  const Parts parts_;
  const Options options_;
  const Hooks hooks_;
  std::unique_ptr<Stepper> stepper_;
  std::unique_ptr<Caretaker> caretaker_;
  std::thread thread_;
  std::atomic<Position> loaded_{0};

  // The loader's thread only.
  std::chrono::milliseconds pause_{0};  // before another try, grows while tries fail
  Position tried_ = 0;                  // the journal's end at the last step
  bool hurried_ = false;                // as of the last maintain()
  bool caught_up_ = false;              // the last step took all there was
  std::chrono::nanoseconds step_time_{0};
  bool hot_ = false;           // no step before the seal under way is done
  std::string beyond_repair_;  // damage of the store that could not be helped

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable work_;
  std::condition_variable progress_;
  std::deque<Mark> marks_;
  Position committed_ = 0;  // as wake() was told
  unsigned waiting_ = 0;
  bool idle_ = false;  // the thread waits for a commit
  bool stopping_ = false;
  Order order_ = Order::kNone;
  base::Status order_result_;
  Stats stats_;
};

}  // namespace loader
