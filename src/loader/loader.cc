#include "loader/loader.h"

#include "base/thread_name.h"
#include "base/thread_priority.h"

#include <algorithm>
#include <utility>

namespace loader {
namespace {

using Milliseconds = std::chrono::milliseconds;

/// How many times what a step took the loader waits for more to gather: it works a ninth of the
/// time at least before it waits longer than linger_min.
constexpr int kLingerSteps = 8;
constexpr Milliseconds kPauseMin{100};
constexpr Milliseconds kPauseMax{5000};
/// Without work the thread looks this often whether a seal is due.
constexpr Milliseconds kIdle{1000};
/// Beyond this the loader waits for the seal that is under way, so that memory has a bound.
constexpr double kTooHot = 2;
/// Commits closer together than this are one mark.
constexpr Milliseconds kMarkApart{5};
constexpr std::size_t kMarksMax = 10'000;

std::uint64_t unsigned_of(std::int64_t number) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
}

}  // namespace

Loader::Loader(Parts parts, Options options, Hooks hooks)
    : parts_(std::move(parts)), options_(std::move(options)), hooks_(std::move(hooks)) {}

base::Result<std::unique_ptr<Loader>> Loader::open(Parts parts, Options options, Hooks hooks) {
  auto loader = std::make_unique<Loader>(std::move(parts), std::move(options), std::move(hooks));
  auto stepper = Stepper::open(loader->parts_, loader->options_, loader->hooks_);
  if (!stepper) {
    return stepper.error();
  }
  loader->stepper_ = std::move(*stepper);
  Loader& self = *loader;
  self.caretaker_ = std::make_unique<Caretaker>(self.parts_.store, self.parts_.log, [&self] {
    const std::lock_guard lock(self.mutex_);
    self.work_.notify_one();
  });
  return loader;
}

Loader::~Loader() {
  stop();
  caretaker_.reset();  // it calls back, so before everything it calls
}

base::Status Loader::follow(Position journal_end) {
  if (auto followed = stepper_->follow(journal_end); !followed) {
    return followed;
  }
  wake(parts_.durable());
  publish();
  return base::ok();
}

void Loader::start() {
  thread_ = std::thread([this] { run(); });
}

void Loader::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  progress_.notify_all();
  if (!thread_.joinable()) {
    return;
  }
  thread_.join();
  caretaker_->allow_merging(Merging::kNever);
  if (auto sealed = caretaker_->alone([this] { return seal_all(); }); !sealed) {
    // What is not sealed is in the journal.
    parts_.log.warning("cannot seal the store before stopping",
                       {{"reason", sealed.error().message}});
  }
}

bool Loader::wake(Position durable) {
  bool behind = false;
  {
    const std::lock_guard lock(mutex_);
    committed_ = std::max(committed_, durable);
    const auto now = parts_.clock.steady_now();
    const bool join =
        !marks_.empty() && (marks_.size() >= kMarksMax || now - marks_.back().at < kMarkApart);
    if (join) {
      marks_.back().position = std::max(marks_.back().position, durable);
    } else if (durable > visible()) {
      marks_.push_back({durable, now});
    }
    behind = !marks_.empty() && now - marks_.front().at >= kBehind;
    if (!idle_) {
      return behind;  // it looks by itself
    }
  }
  work_.notify_one();
  return behind;
}

bool Loader::wait_visible(Position position, Milliseconds timeout) {
  std::unique_lock lock(mutex_);
  ++waiting_;
  work_.notify_one();
  progress_.wait_for(lock, timeout, [&] { return visible() >= position || stopping_; });
  --waiting_;
  return visible() >= position;
}

Ledger Loader::ledger() const {
  state::Ledger from = stepper_->state().ledger();
  Ledger out{.lines = {}, .from = from.from, .through = from.through};
  for (state::BookLine& line : from.lines) {
    out.lines.push_back({std::move(line.app_id), line.api, unsigned_of(line.counts.received),
                         unsigned_of(line.counts.stored), unsigned_of(line.counts.duplicate),
                         unsigned_of(line.counts.rejected), unsigned_of(line.counts.profiles)});
  }
  return out;
}

Stats Loader::stats() const {
  const Position durable = parts_.durable();
  const std::lock_guard lock(mutex_);
  Stats stats = stats_;
  if (stats.failure.empty()) {
    stats.failure = caretaker_->failure();
  }
  stats.loaded = visible();
  stats.lag_records = durable > stats.loaded ? durable - stats.loaded : 0;
  if (stats.lag_records > 0 && !marks_.empty()) {
    const auto age = parts_.clock.steady_now() - marks_.front().at;
    stats.lag_ms = unsigned_of(std::chrono::duration_cast<Milliseconds>(age).count());
  }
  return stats;
}

base::Status Loader::rebuild(const Progress& progress) {
  const Position last = parts_.durable();
  {
    std::unique_lock lock(mutex_);
    if (order_ != Order::kNone) {
      return base::fail(base::Code::kUnavailable, "a rebuild is running already");
    }
    order_ = Order::kRebuild;
    work_.notify_one();
    progress_.wait(lock, [this] { return order_ == Order::kDone || stopping_; });
    order_ = Order::kNone;
    if (!order_result_) {
      return order_result_;
    }
  }
  while (!wait_visible(last, Milliseconds(200))) {
    if (progress && !progress(visible(), last)) {
      return base::fail(base::Code::kUnavailable, "the rebuild goes on, but nobody waits for it");
    }
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      return base::fail(base::Code::kUnavailable,
                        "stopped during the rebuild; it goes on at the next start");
    }
  }
  if (progress) {
    progress(last, last);
  }
  return base::ok();
}

void Loader::run() {
  base::name_this_thread("loader");
  if (hooks_.thread_start) {
    hooks_.thread_start();
  }
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) {
        return;
      }
    }
    take_orders();
    repair();
    hot_ = caretaker_->sealing() && stepper_->heat() >= kTooHot;
    const bool busy = !hot_ && work();
    maintain();
    rest(busy, caught_up_);
  }
}

/// One step; true when there may be more to do at once.
bool Loader::work() {
  tried_ = parts_.durable();
  const auto begun = parts_.clock.steady_now();
  auto done = stepper_->step();
  step_time_ = parts_.clock.steady_now() - begun;
  publish();
  if (!done) {
    fail_with(done.error());
    return false;
  }
  pause_ = Milliseconds(0);
  caught_up_ = stepper_->loaded() >= tried_;
  return done->records > 0;
}

void Loader::fail_with(const base::Error& error) {
  pause_ = std::clamp(pause_ * 2, kPauseMin, kPauseMax);
  parts_.log.error("the loader cannot go on; it tries again", {{"reason", error.message}});
  const std::lock_guard lock(mutex_);
  stats_.failure = error.message;
}

void Loader::publish() {
  const Position loaded = stepper_->loaded();
  const dedup::Stats ids = stepper_->id_stats();
  bool again = false;
  {
    const std::lock_guard lock(mutex_);
    again = loaded < loaded_.exchange(loaded, std::memory_order_acq_rel);
    while (!marks_.empty() && marks_.front().position <= loaded) {
      marks_.pop_front();
    }
    stats_.records_damaged = stepper_->records_damaged();
    stats_.ids_in_memory = ids.ids_in_memory;
    stats_.ids_in_runs = ids.ids_in_runs;
    stats_.id_runs = ids.runs;
    stats_.failure.clear();
    if (stats_.records_damaged > 0) {
      stats_.failure = std::to_string(stats_.records_damaged) + " journal records are damaged";
    }
  }
  if (again) {
    wake(parts_.durable());  // what was loaded before is behind now
  }
  progress_.notify_all();
}

base::Result<Position> Loader::seal_all() {
  auto sealed = stepper_->seal();
  return sealed ? base::Result<Position>(stepper_->loaded()) : sealed.error();
}

base::Result<Position> Loader::start_over() {
  auto emptied = stepper_->start_over();
  return emptied ? base::Result<Position>(Position{0}) : emptied.error();
}

void Loader::take_orders() {
  {
    const std::lock_guard lock(mutex_);
    if (order_ != Order::kRebuild) {
      return;
    }
  }
  auto emptied = caretaker_->alone([this] { return start_over(); });
  publish();
  const std::lock_guard lock(mutex_);
  order_ = Order::kDone;
  order_result_ = std::move(emptied);
  progress_.notify_all();
}

/// Derives the store again when the caretaker has found a file of it damaged.
void Loader::repair() {
  const std::string damage = caretaker_->damage();
  if (damage.empty() || damage == beyond_repair_) {
    return;
  }
  parts_.log.error("a file of the store is damaged; every row is derived again from the journal",
                   {{"reason", damage}});
  if (auto emptied = caretaker_->alone([this] { return start_over(); }); !emptied) {
    beyond_repair_ = damage;
    parts_.log.error("the store cannot be derived again", {{"reason", emptied.error().message}});
  }
  publish();
}

void Loader::maintain() {
  const bool behind = stats().behind();
  caretaker_->note_behind(behind);
  if (!caretaker_->sealing() && stepper_->wants_seal()) {
    auto kept = stepper_->prepare_seal();
    if (!kept) {
      fail_with(kept.error());
      return;
    }
    caretaker_->seal(*kept);
  }
  caretaker_->allow_merging(behind ? Merging::kWhenNeeded : Merging::kFreely);
  // Beside a seal on the same processor loading would be behind soon.
  const bool hurried = behind || caretaker_->sealing();
  if (std::exchange(hurried_, hurried) != hurried) {
    base::hurry(hurried);
  }
  if (auto merged = stepper_->tidy(); !merged) {
    fail_with(merged.error());
  }
}

void Loader::rest(bool busy, bool caught_up) {
  std::unique_lock lock(mutex_);
  const auto ordered = [this] { return stopping_ || order_ == Order::kRebuild; };
  if (hot_) {
    work_.wait_for(lock, kIdle, [&] { return ordered() || !caretaker_->sealing(); });
  } else if (pause_ > Milliseconds(0)) {
    work_.wait_for(lock, pause_, ordered);
  } else if (busy && caught_up) {
    // What comes next is taken together, unless somebody waits for it.
    const auto linger = std::clamp<std::chrono::nanoseconds>(
        step_time_ * kLingerSteps, options_.linger_min, options_.linger_max);
    work_.wait_for(lock, linger, [&] { return ordered() || waiting_ > 0; });
  } else if (!busy) {
    idle_ = true;
    work_.wait_for(lock, kIdle, [&] { return ordered() || committed_ > tried_; });
    idle_ = false;
  }
}

}  // namespace loader
