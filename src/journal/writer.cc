#include "journal/writer.h"

#include "base/burst.h"
#include "base/thread_name.h"
#include "base/thread_priority.h"
#include "journal/appender.h"
#include "journal/inventory.h"
#include "journal/item.h"
#include "journal/queue.h"
#include "journal/settler.h"
#include "journal/spare.h"
#include "journal/tail.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>

namespace journal {
namespace {

/// Of a large group the first answers leave before the last are handed over.
constexpr std::size_t kAnswersABurst = 64;

base::Error refusal(const std::string& why) { return base::fail(base::Code::kUnavailable, why); }

}  // namespace

struct Writer::State final : base::Sleeper {
  State(io::FileSystem& files_in, const base::Clock& clock_in, base::Log& log_in,
        Options options_in)
      : files(files_in),
        clock(clock_in),
        log(log_in),
        options(std::move(options_in)),
        spare(files_in, log_in, {options.folder, options.segment_bytes, options.reserve_bytes}),
        inventory(files_in, options.folder),
        settler(files_in, options.folder),
        queue(options) {}

  base::Status start();
  base::Status prepare();
  void stop();
  void append(std::string record, Done done);
  std::string why_not_locked(std::uint64_t bytes) const;
  void wake() override;
  void survey();
  Stats stats();

  void run();
  bool take(std::vector<Item>& items);
  void commit(std::vector<Item>& items);
  void fail_all(std::span<Item> items, const base::Error& error);
  void sync_interval_sync();
  void publish(Position first, std::span<Item> items);
  base::Status make_durable();
  void note_failure(const std::string& reason);
  std::string why_failed() {
    const std::lock_guard lock(mutex);
    return failure;
  }

  io::FileSystem& files;
  const base::Clock& clock;
  base::Log& log;
  const Options options;
  base::SystemRandom system_random;
  Recovery recovery;
  Spare spare;
  std::unique_ptr<Appender> appender;  ///< Committer thread only, once it runs.
  std::chrono::steady_clock::time_point synced_at{};
  std::atomic<Position> durable{0};
  std::mutex listener_mutex;
  Listener listener;
  Pace pace = Pace::kAtOnce;  ///< Committer thread only.
  Inventory inventory;
  Settler settler;

  /// For base::Burst. Owns nothing: bursts in which somebody appended end before the Writer does.
  const std::shared_ptr<base::Sleeper> sleeper{std::shared_ptr<void>(), this};

  std::mutex mutex;  ///< Guards everything below.
  Queue queue;
  std::string failure;
  std::string short_of_space;  ///< Why the last group was refused; empty while there is room.
  std::chrono::steady_clock::time_point short_since{};
  Stats seen;  ///< What the committer last published.
  Inventory::Totals sealed;
  std::optional<std::chrono::steady_clock::time_point> room_seen_at;  ///< By a survey: plenty.
  std::string low_space;  ///< What the last survey says of free disk; empty while there is enough.

  std::thread committer;  ///< Last: the others exist before it starts.
};

base::Status Writer::State::start() {
  base::Result<Tail> tail = recover_tail(files, options);
  if (!tail) {
    return tail.error();
  }
  log_recovery(log, recovery = tail->recovery);
  base::Random& random = options.random != nullptr ? *options.random : system_random;
  appender = std::make_unique<Appender>(Appender::Parts{files, clock, random, spare}, options,
                                        std::move(*tail));
  if (const base::Status prepared = prepare(); !prepared) {
    return prepared;
  }
  durable = recovery.end;
  seen.last_durable = recovery.end;
  seen.free_disk_bytes = appender->free_bytes();
  synced_at = clock.steady_now();
  survey();
  if (options.prepare_segments) {
    spare.start();
  }
  committer = std::thread([this] { run(); });
  return base::ok();
}

base::Status Writer::State::prepare() {
  if (recovery.end < recovery.last) {
    // A segment behind the gap would hide it from the next start, and whoever keeps what was made
    // of lost records has not put that right yet. The first append makes the segment.
    return base::ok();
  }
  const base::Status prepared = appender->prepare();
  // A full disk is no reason not to start: what is stored can be read, and space may come back.
  if (!prepared && prepared.error().code == base::Code::kUnavailable) {
    log.warning("journal refuses records", {{"reason", prepared.error().message}});
    return base::ok();
  }
  return prepared;
}

void Writer::State::stop() {
  {
    const std::lock_guard lock(mutex);
    queue.stop();
  }
  if (committer.joinable()) {
    committer.join();
  }
}

void Writer::State::append(std::string record, Done done) {
  if (record.size() > options.record_bytes_max) {
    done(base::fail(base::Code::kTooLarge, "record has " + std::to_string(record.size()) +
                                               " bytes, the journal takes " +
                                               std::to_string(options.record_bytes_max)));
    return;
  }
  const std::uint64_t bytes = record.size() + segment::kRecordHeaderBytes;
  std::unique_lock lock(mutex);
  const std::string why = why_not_locked(bytes);
  if (!why.empty()) {
    lock.unlock();
    done(refusal(why));
    return;
  }
  const Queue::Call call = queue.push({std::move(record), std::move(done)});
  lock.unlock();
  if (call == Queue::Call::kCommitter) {
    queue.notify();
  } else if (call == Queue::Call::kLater) {
    base::Burst::wake(sleeper);
  }
}

/// The burst of somebody who appended is over.
void Writer::State::wake() {
  std::unique_lock lock(mutex);
  const bool asleep = queue.ask();
  lock.unlock();
  if (asleep) {
    queue.notify();
  }
}

/// Why a record of so many bytes is not taken; empty when it is.
std::string Writer::State::why_not_locked(std::uint64_t bytes) const {
  if (!failure.empty()) {
    return failure;
  }
  if (queue.bytes() + bytes > options.queue_bytes_max) {
    return "journal queue is full, " + std::to_string(queue.bytes()) + " bytes wait for the disk";
  }
  if (!short_of_space.empty() && clock.steady_now() - short_since < Space::kAgeMax) {
    return short_of_space;
  }
  return {};
}

bool Writer::State::take(std::vector<Item>& items) {
  std::optional<std::chrono::steady_clock::duration> limit;
  if (options.sync == SyncMode::kInterval && appender->unsynced() && why_failed().empty()) {
    limit = options.sync_interval - (clock.steady_now() - synced_at);
  }
  std::unique_lock lock(mutex);
  return queue.take(lock, pace, limit, items);
}

void Writer::State::run() {
  base::name_this_thread("journal");
  base::take_short_turns();
  std::vector<Item> items;
  while (take(items)) {
    commit(items);
    items.clear();
    sync_interval_sync();
  }
  if (options.sync == SyncMode::kInterval && why_failed().empty()) {
    if (const base::Status synced = appender->sync(); !synced) {
      note_failure(synced.error().message);
    }
  }
}

void Writer::State::commit(std::vector<Item>& items) {
  std::vector<std::string_view> records;
  records.reserve(items.size());
  for (const Item& item : items) {
    records.emplace_back(item.record);
  }
  for (std::size_t start = 0; start < items.size();) {
    const std::span<Item> left = std::span(items).subspan(start);
    if (const std::string why = why_failed(); !why.empty()) {
      fail_all(left, refusal(why));
      return;
    }
    const Position first = appender->last() + 1;
    const base::Result<std::size_t> count = appender->append(std::span(records).subspan(start));
    if (!count) {
      fail_all(left, count.error());
      return;
    }
    publish(first, left.first(*count));
    start += *count;
  }
}

void Writer::State::publish(Position first, std::span<Item> items) {
  const Position last = first + items.size() - 1;
  durable.store(last, std::memory_order_release);
  {
    const std::lock_guard lock(mutex);
    queue.release(items);
    if (!short_of_space.empty()) {
      log.info("journal takes records again");
      short_of_space.clear();
    }
    seen.last_durable = last;
    seen.free_disk_bytes = appender->free_bytes();
    seen.syncs = appender->syncs();
    seen.sync_us_last = static_cast<std::uint64_t>(appender->last_sync_took().count());
    seen.bytes = appender->active_bytes();
  }
  {
    base::Burst burst;
    for (std::size_t i = 0; i < items.size(); ++i) {
      items[i].done(first + i);
      if ((i + 1) % kAnswersABurst == 0) {
        burst.end();
      }
    }
  }
  const std::lock_guard lock(listener_mutex);
  pace = listener ? listener(last) : Pace::kAtOnce;
}

void Writer::State::fail_all(std::span<Item> items, const base::Error& error) {
  std::string why = error.message;
  if (error.code != base::Code::kUnavailable) {
    note_failure(why);
    why = why_failed();
  }
  {
    const std::lock_guard lock(mutex);
    if (failure.empty()) {
      if (short_of_space.empty()) {
        log.warning("journal refuses records", {{"reason", why}});
      }
      short_of_space = why;
      short_since = clock.steady_now();
      seen.free_disk_bytes = appender->free_bytes();
    }
    queue.release(items);
  }
  const base::Burst burst;
  for (const Item& item : items) {
    item.done(refusal(why));
  }
}

void Writer::State::sync_interval_sync() {
  if (options.sync != SyncMode::kInterval || !why_failed().empty() || !appender->unsynced()) {
    return;
  }
  const auto now = clock.steady_now();
  if (now - synced_at < options.sync_interval) {
    return;
  }
  synced_at = now;
  if (const base::Status synced = appender->sync(); !synced) {
    note_failure(synced.error().message);
  }
}

/// Final: after a failed write or sync the kernel may have thrown the pages away, and a later sync
/// that succeeds would say nothing about them.
void Writer::State::note_failure(const std::string& reason) {
  log.error("journal failed and refuses every record until restart", {{"reason", reason}});
  const std::lock_guard lock(mutex);
  failure = "journal failed and refuses every record until restart: " + reason;
}

base::Status Writer::State::make_durable() {
  if (options.sync == SyncMode::kCommit) {
    return base::ok();
  }
  auto settled = settler.settle();
  if (!settled && settler.broken() && why_failed().empty()) {
    note_failure(settled.error().message);
  }
  return settled;
}

/// Looks at the space by itself: without requests the committer would not, and health has to show
/// it when a disk fills or has room again.
void Writer::State::survey() {
  const base::Result<std::uint64_t> free = files.free_bytes(options.folder);
  const Inventory::Totals totals = inventory.totals();
  if (free) {
    spare.keep_room(*free, !stats().refusal.empty());
  }
  const std::lock_guard lock(mutex);
  sealed = totals;
  if (free) {
    seen.free_disk_bytes = *free;
    low_space = below_reserve(*free, options.reserve_bytes);
    if (*free >= options.reserve_bytes + options.segment_bytes) {
      room_seen_at = clock.steady_now();
    }
  }
}

Stats Writer::State::stats() {
  const std::lock_guard lock(mutex);
  Stats out = seen;
  out.segments = sealed.segments;
  out.bytes += sealed.sealed_bytes;
  out.last_appended = seen.last_durable + queue.records();
  out.queue_bytes = queue.bytes();
  out.failure = failure;
  out.refusal = low_space;
  if (out.refusal.empty() && !(room_seen_at && *room_seen_at >= short_since)) {
    out.refusal = short_of_space;
  }
  return out;
}

base::Result<std::unique_ptr<Writer>> Writer::open(io::FileSystem& files, const base::Clock& clock,
                                                   base::Log& log, Options options) {
  auto state = std::make_unique<State>(files, clock, log, std::move(options));
  if (const base::Status started = state->start(); !started) {
    return started.error();
  }
  return std::unique_ptr<Writer>(
      new Writer(std::move(state)));  // NOLINT: the constructor is private
}

Writer::Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Writer::~Writer() { state_->stop(); }

void Writer::append(std::string record, Done done) {
  state_->append(std::move(record), std::move(done));
}

base::Status Writer::make_durable() { return state_->make_durable(); }

const Recovery& Writer::recovery() const { return state_->recovery; }
void Writer::survey() { state_->survey(); }
void Writer::fill_spare() { state_->spare.fill(); }
Stats Writer::stats() const { return state_->stats(); }
std::string Writer::trouble() const {
  const Stats seen = state_->stats();
  return seen.failure.empty() ? seen.refusal : seen.failure;
}
Position Writer::durable_position() const {
  return state_->durable.load(std::memory_order_acquire);
}

void Writer::on_commit(Listener listener) {
  const std::lock_guard lock(state_->listener_mutex);
  state_->listener = std::move(listener);
}

}  // namespace journal
