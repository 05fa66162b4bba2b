#include "loader/stepper.h"

#include "base/thread_priority.h"
#include "journal/keeper.h"

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <utility>

namespace loader {
namespace {

using base::Code;

constexpr std::chrono::hours kAnswersKept{24};
constexpr unsigned kDamageDoubts = 3;
constexpr std::uint64_t kGiveWayBytes = 8 << 10;  // a tenth to a fifth of a millisecond's work

std::int64_t signed_of(Position position) { return static_cast<std::int64_t>(position); }

base::Error doubt(const base::Error& error) {
  return base::fail(Code::kUnavailable, error.message + "; they are read again");
}

}  // namespace

Stepper::~Stepper() = default;

base::Result<std::unique_ptr<Stepper>> Stepper::open(const Parts& parts, const Options& options,
                                                     const Hooks& hooks) {
  auto stepper = std::make_unique<Stepper>(parts, options, hooks);
  if (auto opened = stepper->open_projections(); !opened) {
    return opened.error();
  }
  return stepper;
}

base::Status Stepper::open_projections() {
  auto state = state::State::open(
      parts_.files, parts_.log,
      {.folder = options_.state_folder, .write_log_early = options_.journal_synced});
  if (!state) {
    return state.error();
  }
  state_ = std::move(*state);
  auto memories = Memories::open(parts_, options_);
  if (!memories) {
    return memories.error();
  }
  memories_ = std::move(*memories);
  handler_ = std::make_unique<RecordHandler>(parts_, *state_, *memories_);
  if (hooks_.event_name) {
    if (auto told = state_->each_name(hooks_.event_name); !told) {
      return told;
    }
  }
  if (!hooks_.answer) {
    return base::ok();
  }
  const std::int64_t from_us = base::to_us(parts_.clock.now() - kAnswersKept);
  return state_->notes().each_answer([&](const state::IdempotentAnswer& answer) {
    if (answer.received_us >= from_us) {
      hooks_.answer(answer);
    }
  });
}

Position Stepper::loaded() const {
  return std::min({parts_.store.visible_position(), state_->applied(), memories_->known()});
}

base::Result<StepResult> Stepper::step() {
  if (auto open = state_->ensure_open(); !open) {
    return open.error();
  }
  const Position from = loaded() + 1;
  const Position through = parts_.durable();
  if (from > through) {
    return StepResult{};
  }
  Step step;
  auto done = attempt(from, through, step);
  if (!done) {
    if (auto recovered = recover(done.error(), step); !recovered) {
      return recovered.error();
    }
    return StepResult{std::max<std::uint64_t>(step.records, 1)};
  }
  return StepResult{step.records};
}

/// Third-party code below may throw; what it leaves half done, recover() takes back.
base::Status Stepper::attempt(Position from, Position through, Step& step) {
  try {
    auto done = choose_rules(from, through, step);
    if (done) {
      done = gather(from, through, step);
    }
    return done && step.records > 0 ? keep(step) : done;
  } catch (const std::bad_alloc&) {
    return base::fail(Code::kUnavailable, "no memory left");
  } catch (const std::exception& error) {
    return base::fail(Code::kInternal, error.what());
  }
}

/// The rules to count records from `from` on by, and up to where. Records that the state or the
/// memory of active days has are counted again by the rules they were counted by at first, or the
/// two would disagree: so before others come into force, both are on disk as far as they got.
base::Status Stepper::choose_rules(Position from, Position& through, Step& step) {
  const auto now = parts_.rule_book ? parts_.rule_book() : nullptr;
  if (!now || now == rules_) {
    step.rules = now;
    return base::ok();
  }
  step.failed = Part::kState;
  auto counted = state_->notes().rules();
  if (!counted) {
    return counted.error();
  }
  const Position known = std::max(state_->applied(), memories_->activity_known());
  const bool same = state_->applied() > 0 && counted->settings() == now->settings();
  if (!same && state_->applied() > 0 && from <= known) {
    through = std::min(through, known);
    step.rules = std::make_shared<const kpi::RuleBook>(std::move(*counted));
    return base::ok();
  }
  if (!same) {
    if (auto changed = change_rules(*now, step); !changed) {
      return changed;
    }
  }
  rules_ = now;
  step.rules = now;
  return base::ok();
}

base::Status Stepper::change_rules(const kpi::RuleBook& now, Step& step) {
  step.failed = Part::kJournal;
  if (state_->applied() == 0) {
    // Days that other rules called active would stay.
    if (auto emptied = memories_->forget_activity(); !emptied) {
      return emptied;
    }
  }
  if (auto flushed = memories_->flush(); !flushed) {
    return flushed;
  }
  step.failed = Part::kState;
  if (auto begun = state_->begin(); !begun) {
    return begun;
  }
  if (auto written = state_->notes().write_rules(now); !written) {
    return written;
  }
  if (auto committed = state_->commit(state_->applied()); !committed) {
    return committed;
  }
  return make_state_durable();
}

base::Status Stepper::make_state_durable() {
  auto segments = journal::list_quickly(parts_.files, options_.journal_folder);
  const Position first = segments && !segments->empty() ? segments->front().first : 0;
  // A file that was renamed during one look is there in the next.
  const Position before = std::exchange(journal_first_, first);
  return state_->make_durable({.answers_us = base::to_us(parts_.clock.now() - kAnswersKept),
                               .repeats = std::min(before, first)});
}

base::Status Stepper::seek(Position from) {
  if (reader_ && next_ == from) {
    return base::ok();
  }
  reader_.reset();
  if (from <= parts_.store.visible_position()) {
    if (auto remembered = remember_aside(from); !remembered) {
      return remembered;
    }
  }
  auto reader = journal::Reader::open(parts_.files, options_.journal_folder, from);
  if (!reader) {
    return reader.error();
  }
  reader_ = std::move(*reader);
  next_ = from;
  return base::ok();
}

base::Status Stepper::gather(Position from, Position through, Step& step) {
  step.failed = Part::kJournal;
  if (auto sought = seek(from); !sought) {
    return sought;
  }
  const Position stored = parts_.store.visible_position();
  const Position applied = state_->applied();
  const std::uint64_t records_max = from <= alone_until_ ? 1 : options_.step_records_max;
  while (step.records < records_max && step.rows() < options_.step_rows_max &&
         step.bytes + state_->people().held_bytes() < options_.step_bytes_max) {
    step.failed = Part::kJournal;
    auto entry = reader_->next(through);
    if (!entry && reader_->damage()) {
      if (!believe(*reader_->damage())) {
        reader_.reset();
        return step.records > 0 ? base::ok() : base::Status(doubt(entry.error()));
      }
      if (auto passed = pass_damage(entry.error(), step); !passed) {
        return passed;
      }
      continue;
    }
    if (!entry) {
      return entry.error();
    }
    if (!*entry) {
      return step.records > 0 ? base::ok() : pass_missing(through, step);
    }
    const journal::Entry& record = **entry;
    const Needs needs{record.position > stored, record.position > applied,
                      record.position > memories_->activity_known(), record.position <= told_};
    if (record.position > next_) {
      pass_gap(next_, record.position - 1);
    }
    step.through = record.position;
    next_ = record.position + 1;
    ++step.records;
    const std::uint64_t bytes_before = std::exchange(step.bytes, step.bytes + record.bytes.size());
    if (step.bytes / kGiveWayBytes != bytes_before / kGiveWayBytes) {
      base::give_way();
    }
    if (auto handled = handler_->handle(record.position, record.bytes, needs, step); !handled) {
      return handled;
    }
    if (step.bytes - step.bytes_before >= options_.slice_bytes_max) {
      if (auto appended = append(step); !appended) {
        return appended;
      }
    }
  }
  return base::ok();
}

/// Where the journal has no file for positions up to `through`, although they were given out (its
/// oldest files were removed, or its end was lost and new positions start behind it), nothing is
/// coming any more.
base::Status Stepper::pass_missing(Position through, Step& step) {
  auto segments = journal::list_segments(parts_.files, options_.journal_folder);
  if (!segments) {
    return segments.error();
  }
  const bool may_come = std::ranges::any_of(
      *segments, [&](const journal::SegmentInfo& one) { return one.first <= through; });
  if (!may_come) {
    pass_gap(next_, through);
    step.through = through;
    next_ = through + 1;
    ++step.records;
  }
  return base::ok();
}

/// A disk that fails for a moment makes records look damaged, and what is passed over never comes
/// back. So they are read again, a few steps long, before they are given up.
bool Stepper::believe(const journal::Damage& damage) {
  if (doubted_ != damage.first) {
    doubted_ = damage.first;
    doubts_ = 0;
  }
  return doubts_++ >= kDamageDoubts;
}

void Stepper::note_damage(Step& step) {
  const journal::Damage& damage = *reader_->damage();
  parts_.log.error("journal records are damaged and lost", {{"first", signed_of(damage.first)},
                                                            {"last", signed_of(damage.last)},
                                                            {"reason", damage.reason}});
  records_damaged_ += damage.last - damage.first + 1;
  step.through = damage.last;
  next_ = damage.last + 1;
  ++step.records;
}

/// Hands the rows gathered so far to the store. That queries see them before the books count them
/// is nothing new to anybody: loaded() stays where it is until the state has committed.
base::Status Stepper::append(Step& step) {
  step.bytes_before = step.bytes;
  if (step.through <= parts_.store.visible_position()) {
    return base::ok();
  }
  step.failed = Part::kStore;
  step.batch.through = step.through;
  if (hooks_.batch) {
    hooks_.batch(step.batch);
  }
  step.rows_appended = step.rows();
  if (auto appended = parts_.store.append(std::move(step.batch)); !appended) {
    return appended;
  }
  step.batch = {};
  if (!hot_since_) {
    hot_since_ = parts_.clock.steady_now();
  }
  return base::ok();
}

base::Status Stepper::keep(Step& step) {
  if (auto appended = append(step); !appended) {
    return appended;
  }
  if (step.through > state_->applied()) {
    step.failed = Part::kState;
    if (auto begun = state_->begin(); !begun) {
      return begun;
    }
    if (auto committed = state_->commit(step.through); !committed) {
      return committed;
    }
  }
  // The record is kept: what fails from here on is neither its fault nor the state's.
  step.failed = Part::kJournal;
  memories_->advance(step.through);
  told_ = std::max(told_, step.through);
  tell(step);
  return memories_->make_room(step.failed);
}

void Stepper::tell(const Step& step) {
  if (hooks_.event_name) {
    for (const NewName& name : step.names) {
      hooks_.event_name(name.app_id, name.api, name.name);
    }
  }
  if (hooks_.answer) {
    for (const state::IdempotentAnswer& answer : step.answers) {
      hooks_.answer(answer);
    }
  }
  if (hooks_.loaded) {
    hooks_.loaded(loaded(), step.handled);
  }
}

bool Stepper::wants_seal() const {
  return hot_since_ &&
         (heat() >= 1 || parts_.clock.steady_now() - *hot_since_ >= options_.seal_age);
}

double Stepper::heat() const {
  const store::Stats stats = parts_.store.stats();
  return std::max(static_cast<double>(stats.hot_rows) / static_cast<double>(options_.seal_rows),
                  static_cast<double>(stats.hot_bytes) / static_cast<double>(options_.seal_bytes));
}

base::Result<Position> Stepper::prepare_seal() {
  const Position kept = loaded();
  if (auto flushed = memories_->flush(); !flushed) {
    return flushed.error();
  }
  if (auto durable = make_state_durable(); !durable) {
    return durable.error();
  }
  hot_since_.reset();
  return kept;
}

base::Status Stepper::seal() {
  if (parts_.store.sealed_position() == parts_.store.visible_position()) {
    hot_since_.reset();
    return base::ok();
  }
  if (auto prepared = prepare_seal(); !prepared) {
    return prepared.error();
  }
  return parts_.store.seal();
}

base::Result<bool> Stepper::tidy() { return memories_->tidy(); }

}  // namespace loader
