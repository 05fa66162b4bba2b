// What RecordHandler does for records that repeat others: of imports, and of replays.

#include "event/imported.h"
#include "loader/record_handler.h"
#include "loader/replay.h"

namespace loader {
namespace {

constexpr state::Counts kTakenBack{-1, 0, 0, -1};

}  // namespace

/// True for a record of an import whose part of the file another record has brought already.
base::Result<bool> RecordHandler::import_repeats(const Current& current) {
  const auto id = current.record.note(event::kImportNote);
  if (!id) {
    return false;
  }
  current.step.failed = Part::kState;
  auto known = state_.imports().find({current.record.app_id, *id});
  if (!known) {
    return known.error();
  }
  return known->has_value() && (*known)->position != current.position;
}

base::Status RecordHandler::book_repeat(const Current& current, const event::Decoded& decoded) {
  if (!current.needs.state) {
    return base::ok();
  }
  current.step.failed = Part::kState;
  if (auto begun = state_.begin(); !begun) {
    return begun;
  }
  const auto book_one = [&](std::string_view app_id) {
    book(current, {app_id.empty() ? current.record.app_id : app_id, current.record.api},
         {1, 0, 1, 0});
  };
  for (const event::Event& event : decoded.events) {
    book_one(event.app_id);
  }
  std::uint64_t profiles = 0;
  for (const event::ProfileChange& change : decoded.profiles) {
    if (change.booked) {
      book_one(change.app_id);
      ++profiles;
    }
  }
  for (const event::Rejection& rejection : decoded.rejections) {
    book_one(rejection.app_id);
  }
  return note_repeats(current, profiles);
}

base::Status RecordHandler::note_import(const Current& current) {
  const auto id = current.record.note(event::kImportNote);
  if (!id || !current.needs.state) {
    return base::ok();
  }
  current.step.failed = Part::kState;
  return state_.imports().note({current.record.app_id, *id}, current.position, booked_);
}

/// False for a record that replays what another record has replayed already.
base::Result<bool> RecordHandler::replay_counts(const Current& current) {
  const auto target = replay_target(current.record);
  if (!target || target->unit.position >= current.position) {
    return true;
  }
  current.step.failed = Part::kState;
  auto by = state_.notes().replayed_by(target->unit);
  if (!by) {
    return by.error();
  }
  if (by->has_value()) {
    return **by == current.position;
  }
  if (!current.needs.state) {
    return true;
  }
  if (auto begun = state_.begin(); !begun) {
    return begun.error();
  }
  if (auto noted = state_.notes().note_replay(target->unit, current.position); !noted) {
    return noted.error();
  }
  state_.count(target->app_id, current.record.api, kTakenBack);
  return true;
}

}  // namespace loader
