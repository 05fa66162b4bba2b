#include "simulation/world.h"

#include "journal/keeper.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>

namespace simulation {
namespace {

using Call = io::MemoryFileSystem::Call;
using Kind = Action::Kind;
using Loss = io::MemoryFileSystem::Loss;

constexpr std::uint64_t kDiskBytes = std::uint64_t{1} << 40U;
constexpr int kOpenTries = 12;
constexpr int kWaitsMax = 50;
constexpr std::chrono::seconds kForgetFullDisk{5};
constexpr std::string_view kJournal = "data/journal";
constexpr std::string_view kState = "data/state";
constexpr std::string_view kStore = "data/store";

constexpr std::array<std::pair<std::string_view, Call>, 9> kCalls = {{
    {"open", Call::kOpen},
    {"read", Call::kRead},
    {"write", Call::kWrite},
    {"sync", Call::kSync},
    {"allocate", Call::kAllocate},
    {"truncate", Call::kTruncate},
    {"rename", Call::kRename},
    {"remove", Call::kRemove},
    {"sync-directory", Call::kSyncDirectory},
}};

bool is_breakage(const Action& action) {
  return action.kind == Kind::kPowerAt || action.kind == Kind::kFault;
}

Loss loss_of(std::uint64_t seed) {
  return std::array{Loss::kAll, Loss::kRandom, Loss::kRandom, Loss::kNone}.at(seed % 4);
}

}  // namespace

World::World(const History& history)
    : history_(history), random_(history.seed), clock_(base::from_us(1'700'000'000'000'000)) {
  journal_options_.folder = kJournal;
  journal_options_.sync = history.synced ? journal::SyncMode::kCommit : journal::SyncMode::kOff;
  journal_options_.segment_bytes = history.segment;
  journal_options_.group_bytes_max = history.group;
  journal_options_.reserve_bytes = 0;
  journal_options_.random = &random_;
  options_.journal_folder = kJournal;
  options_.state_folder = kState;
  options_.dedup_window = std::chrono::seconds(history.window_s);
  options_.step_records_max = history.step;
  options_.slice_bytes_max = 3 * sizeof(event::Event);  // a few a step
  options_.dedup_table_entries_max = history.table;
}

World::~World() { close(); }

Outcome World::play() {
  auto action = history_.actions.begin();
  // What breaks before anything else breaks the first start.
  for (; action != history_.actions.end() && is_breakage(*action); ++action) {
    act(*action);
  }
  open();
  for (; action != history_.actions.end(); ++action) {
    if (!outcome_.failure.empty()) {
      return outcome_;
    }
    act(*action);
    if (!files_.has_power()) {
      lose_power();
    }
  }
  check();
  if (outcome_.failure.empty()) {
    const auto emptied = stepper_->start_over();
    allow(emptied.has_value(), emptied ? nullptr : &emptied.error(), "starting over");
    load_all();
    compare("after deriving everything again");
  }
  for (const Call call : {Call::kWrite, Call::kSync, Call::kAllocate, Call::kTruncate,
                          Call::kRename, Call::kRemove, Call::kSyncDirectory}) {
    outcome_.changes += files_.calls(call);
  }
  outcome_.records = journal_.size();
  return outcome_;
}

void World::fail(const std::string& what) {
  if (outcome_.failure.empty()) {
    outcome_.failure = what;
  }
}

/// A failure is a finding unless something was told to fail.
void World::allow(bool done, const base::Error* error, std::string_view what) {
  if (!done && !faulty_ && files_.has_power()) {
    fail(std::string(what) + " fails although nothing is broken: " + error->message);
  }
}

void World::act(const Action& action) {
  switch (action.kind) {
    case Kind::kSend: send(action.requests); break;
    case Kind::kRetry: send_again(); break;
    case Kind::kReplay: replay(action.number); break;
    case Kind::kStep: step(); break;
    case Kind::kLoad: load(); break;
    case Kind::kClock: move_clock(std::chrono::seconds(action.number)); break;
    case Kind::kCheck: check(); break;
    case Kind::kStop:
      static_cast<void>(stepper_->seal());
      close();
      restart();
      break;
    case Kind::kKill: crash(Loss::kNone); break;
    case Kind::kPower:
      power_seed_ = static_cast<std::uint64_t>(action.number);
      crash(loss_of(power_seed_));
      break;
    default: act_on_disk(action); break;
  }
}

void World::move_clock(std::chrono::seconds by) {
  if (by.count() > 0) {
    clock_.advance(by);
  } else {
    clock_.set(clock_.now() + by);
  }
}

void World::act_on_disk(const Action& action) {
  const auto note = [&](const auto& done, std::string_view what) {
    allow(done.has_value(), done ? nullptr : &done.error(), what);
  };
  switch (action.kind) {
    case Kind::kSeal: note(stepper_->seal(), "sealing"); break;
    case Kind::kPrepare: {
      const auto prepared = stepper_->prepare_seal();
      note(prepared, "preparing a seal");
      prepared_ = prepared.has_value();
      break;
    }
    case Kind::kSealStore:
      if (std::exchange(prepared_, false)) {
        note(store_->seal(), "sealing the store");
      }
      break;
    case Kind::kSpare: writer_->fill_spare(); break;
    case Kind::kSync: note(make_durable(), "syncing the journal"); break;
    case Kind::kKeepState: note(stepper_->state().make_durable({}), "keeping the state"); break;
    case Kind::kTidy: note(stepper_->tidy(), "tidying the ids"); break;
    case Kind::kCompact: note(store_->compact(), "compacting the store"); break;
    case Kind::kCompress:
      note(journal::compress_one(files_, journal_options_.folder), "compressing");
      break;
    case Kind::kStartOver: note(stepper_->start_over(), "starting over"); break;
    case Kind::kPowerAt:
      power_seed_ = static_cast<std::uint64_t>(action.number) * 7 + history_.seed;
      files_.power_off_at(static_cast<std::uint64_t>(action.number));
      break;
    case Kind::kFault: fault(action); break;
    case Kind::kFull:
      faulty_ = true;
      full_ = true;
      files_.set_capacity(kDiskBytes - *files_.free_bytes("data") +
                          static_cast<std::uint64_t>(action.number));
      break;
    case Kind::kRoom: make_room(); break;
    case Kind::kDelete: erase(action.word); break;
    default: break;
  }
}

void World::fault(const Action& action) {
  const auto* call = std::ranges::find(kCalls, action.word, &decltype(kCalls)::value_type::first);
  if (call == kCalls.end()) {
    fail("there is no call \"" + action.word + "\"");
    return;
  }
  faulty_ = true;
  files_.fail(call->second, action.error, static_cast<std::uint64_t>(action.number));
}

void World::erase(const std::string& what) {
  close();
  files_.remove_tree(what == "store"   ? std::string(kStore)
                     : what == "state" ? std::string(kState)
                                       : io::join(kState, "dedup"));
  restart();
}

void World::make_room() {
  full_ = false;
  files_.set_capacity(kDiskBytes);
}

void World::heal() {
  files_.heal();
  make_room();
  faulty_ = false;
}

void World::close() {
  stepper_.reset();
  store_.reset();
  writer_.reset();
}

/// The machine, or only the process, starts again.
void World::crash(Loss loss) {
  ++outcome_.crashes;
  files_.power_off_at(0);
  close();
  power_on(loss);
  faulty_ = full_;
  open();
}

void World::lose_power() { crash(loss_of(power_seed_)); }

/// After a clean end.
void World::restart() {
  if (!files_.has_power()) {
    lose_power();
    return;
  }
  open();
}

void World::open() {
  refuses_ = false;
  stuck_ = false;
  prepared_ = false;
  for (int tries = 0; outcome_.failure.empty(); ++tries) {
    if (try_open() && files_.has_power()) {
      break;
    }
    if (!files_.has_power()) {
      ++outcome_.crashes;
      close();
      power_on(loss_of(power_seed_ + static_cast<std::uint64_t>(tries)));
    }
    close();
    if (tries > kOpenTries / 2) {
      heal();
    }
  }
  if (outcome_.failure.empty()) {
    check_journal();
  }
}

void World::power_on(Loss loss) {
  files_.restart(loss, power_seed_);
  may_lack_ = may_lack_ || (!history_.synced && loss != Loss::kNone);
  dropped_ = dropped_ && loss == Loss::kNone;
}

base::Status World::make_durable() {
  const Position answered = journal_.empty() ? 0 : journal_.rbegin()->first;
  auto done = writer_->make_durable();
  // What a failed sync has dropped stays dropped when a later one succeeds, whoever opens the file.
  dropped_ = dropped_ || !done;
  if (!dropped_) {
    safe_ = answered;
  }
  stuck_ = stuck_ || !writer_->stats().failure.empty();
  return done;
}

bool World::open_derived() {
  const auto note = [&](const auto& opened, std::string_view what) {
    allow(opened.has_value(), opened ? nullptr : &opened.error(), what);
    return opened.has_value();
  };
  auto store = DiskStore::open(files_, std::string(kStore), [this] { return make_durable(); });
  if (!note(store, "opening the store")) {
    return false;
  }
  store_ = std::move(*store);
  parts_ =
      std::make_unique<loader::Parts>(loader::Parts{files_,
                                                    clock_,
                                                    base::null_log(),
                                                    *store_,
                                                    decoders(),
                                                    {},
                                                    [this] { return writer_->durable_position(); },
                                                    [this] { return make_durable(); }});
  auto stepper = loader::Stepper::open(*parts_, options_, hooks_);
  if (!note(stepper, "opening the loader")) {
    return false;
  }
  stepper_ = std::move(*stepper);
  return true;
}

bool World::try_open() {
  if (!open_derived()) {
    return false;
  }
  journal::Options options = journal_options_;
  options.position_floor = stepper_->reach();
  auto writer = journal::Writer::open(files_, clock_, base::null_log(), options);
  if (!writer) {
    allow(false, &writer.error(), "opening the journal");
    return false;
  }
  writer_ = std::move(*writer);
  const auto followed = stepper_->follow(writer_->recovery().end);
  allow(followed.has_value(), followed ? nullptr : &followed.error(), "following the journal");
  return followed.has_value();
}

void World::step() {
  const auto done = stepper_->step();
  if (done || done.error().code != base::Code::kUnavailable) {
    allow(done.has_value(), done ? nullptr : &done.error(), "a step of the loader");
  }
}

/// Until there is nothing to do; false when it cannot go on.
bool World::load() {
  int waits = 0;
  for (int steps = 0; steps < 1000; ++steps) {
    const auto done = stepper_->step();
    if (!done && done.error().code == base::Code::kUnavailable && ++waits < kWaitsMax) {
      continue;  // The loader asks to be called later.
    }
    allow(done.has_value(), done ? nullptr : &done.error(), "a step of the loader");
    if (!done || done->records == 0) {
      return done.has_value();
    }
  }
  fail("the loader does not come to an end");
  return false;
}

/// With nothing broken any more.
void World::load_all() {
  heal();
  files_.power_off_at(std::numeric_limits<std::uint64_t>::max());
  if (stuck_) {
    close();
    open();
  }
  load();
  if (outcome_.failure.empty() && stepper_->loaded() < writer_->durable_position()) {
    fail("the loader stays at " + std::to_string(stepper_->loaded()) + " of " +
         std::to_string(writer_->durable_position()));
  }
}

void World::check() {
  if (!outcome_.failure.empty()) {
    return;
  }
  ++outcome_.checks;
  load_all();
  check_journal();
  compare("after loading");
  // The journal believes for a while that the disk is full.
  clock_.advance(kForgetFullDisk);
}

void World::compare(std::string_view when) {
  if (!outcome_.failure.empty()) {
    return;
  }
  const Derived seen = found();
  const std::string text =
      difference(derive(journal_, static_cast<std::int64_t>(history_.window_s)), seen);
  if (!text.empty()) {
    fail(std::string(when) + ": " + text);
  }
  if (!store_->misuse().empty()) {
    fail(store_->misuse());
  }
}

}  // namespace simulation
