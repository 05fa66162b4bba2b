#include "journal/reader.h"
#include "loader/stepper.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <system_error>

namespace loader {
namespace {

using base::Code;

std::int64_t signed_of(Position position) { return static_cast<std::int64_t>(position); }

/// Errors for what cannot be stored, as opposed to those of a full disk or memory.
bool blames_record(Code code) {
  return code == Code::kInvalid || code == Code::kInternal || code == Code::kCorrupt;
}

/// The codes are those of RecordHandler.
constexpr std::string_view kPutAside =
    "SELECT DISTINCT journal_position, code FROM every_rejected_event "
    "WHERE code IN ('internal', 'undecodable', 'rows_too_large') AND journal_position >= ";

/// Positions and codes, one a line, below a heading.
std::map<Position, std::string> aside_in(std::string_view csv) {
  std::map<Position, std::string> aside;
  while (!csv.empty()) {
    const std::string_view line = csv.substr(0, csv.find_first_of("\r\n"));
    const std::size_t comma = std::min(line.find(','), line.size());
    Position position = 0;
    if (std::from_chars(line.data(), line.data() + comma, position).ec == std::errc{}) {
      aside.emplace(position, line.substr(std::min(comma + 1, line.size())));
    }
    csv.remove_prefix(std::min(line.size() + 1, csv.size()));
  }
  return aside;
}

}  // namespace

Position Stepper::reach() const {
  return std::max({parts_.store.visible_position(), state_->applied(), memories_->known_most()});
}

/// The journal ends too early after a power cut where it is not synced for each answer, or when an
/// older copy of it was put back.
base::Status Stepper::follow(Position journal_end) {
  told_ = std::max(journal_end, parts_.durable());
  const Position stored = parts_.store.visible_position();
  if (reach() <= journal_end) {
    return base::ok();
  }
  parts_.log.error("the journal ends before what was made of it; the records between are lost",
                   {{"journal", signed_of(journal_end)}, {"known", signed_of(reach())}});
  if (stored == state_->applied() && stored == memories_->known() &&
      stored == memories_->known_most()) {
    parts_.log.warning("rows of the lost records stay, until the store is derived again", {});
    return base::ok();
  }
  const bool rows_too = stored > journal_end;
  auto whole = rows_too ? check_beginning(1, reach()) : check_state_beginning();
  if (!whole && whole.error().code == Code::kInvalid) {
    parts_.log.error(
        rows_too ? "the store stays as it is, with rows that are in no book or remembered id"
                 : "books, people and ids stay as they are, with lost records that have no rows",
        {{"reason", whole.error().message}});
    return base::ok();
  }
  if (!whole) {
    return whole;
  }
  return rows_too ? start_over() : forget_state();
}

/// What the store has as put aside must not be counted as stored when only state or ids are derived
/// again, and its ids must not keep a resend or its replay out. Asked whenever records from `from`
/// on come again; adds up.
base::Status Stepper::remember_aside(Position from) {
  std::string sql(kPutAside);
  sql.append(std::to_string(from));
  auto rows = parts_.store.query(sql, store::ResultFormat::kCsv, {});
  if (rows) {
    handler_->remember_aside(aside_in(rows->text));
    return base::ok();
  }
  const std::string message =
      "cannot ask the store which records it has as put aside: " + rows.error().message;
  const auto whole = check_beginning(1, reach());
  if (whole || whole.error().code != Code::kInvalid) {
    return base::fail(rows.error().code, message);
  }
  // Nothing can be derived again, so a store that cannot be read would keep the loader waiting for
  // good.
  parts_.log.error("records that were put aside may now be counted as stored",
                   {{"reason", message}});
  return base::ok();
}

/// Books, persons and memories go back to nothing; rows stay.
base::Status Stepper::forget_state() {
  rules_.reset();
  alone_until_ = 0;
  if (auto emptied = memories_->reset(); !emptied) {
    return emptied;
  }
  return state_->reset(false);
}

/// True when records from `first` on, which the journal lost, are in the state or the ids, although
/// their rows never got into a file.
bool Stepper::know_lost(Position first) const {
  return first > parts_.store.visible_position() &&
         first <= std::max(state_->applied(), memories_->known_most());
}

/// Ok when the records are passed over. Where the journal can give again all that the state knows,
/// the state goes instead, and the error says so.
base::Status Stepper::pass_damage(const base::Error& error, Step& step) {
  if (know_lost(reader_->damage()->first)) {
    auto whole = check_state_beginning();
    if (whole) {
      step.failed = Part::kLost;
      return base::fail(Code::kCorrupt, error.message);
    }
    if (whole.error().code != Code::kInvalid) {
      return whole;
    }
    parts_.log.error("books, people and ids stay as they are, with lost records that have no rows",
                     {{"reason", whole.error().message}});
  }
  note_damage(step);
  return base::ok();
}

/// The journal has no file with these records. What is derived again, while something else still
/// knows them, lacks them from now on.
void Stepper::pass_gap(Position first, Position last) {
  std::string lacking;
  const auto note = [&](Position has, std::string_view what) {
    if (has < last) {
      lacking.append(lacking.empty() ? "" : ", ").append(what);
    }
  };
  note(parts_.store.visible_position(), "rows");
  note(state_->applied(), "books and people");
  note(memories_->ids_known(), "event ids");
  note(memories_->activity_known(), "active days");
  const bool known = first <= reach();
  parts_.log.write(known ? base::LogLevel::kError : base::LogLevel::kWarning,
                   known ? "the journal no longer holds records that are to be derived again"
                         : "the journal no longer holds records that were not loaded",
                   {{"first", signed_of(first)}, {"last", signed_of(last)}, {"lacking", lacking}});
  state_->skip(first, last);
}

/// Ok when going on at once makes sense; the error when it has to wait.
base::Status Stepper::recover(const base::Error& error, const Step& step) {
  reader_.reset();
  const Position stored = parts_.store.visible_position();
  memories_->forget_failed(stored);
  auto undone = state_->rollback();
  if (!undone || (step.failed == Part::kState && error.code == Code::kCorrupt)) {
    parts_.log.warning("the loader's state is damaged; deriving it from the journal again",
                       {{"reason", undone ? error.message : undone.error().message}});
    rules_.reset();
    alone_until_ = 0;
    return state_->reset(true);
  }
  if (undone && step.failed == Part::kLost) {
    parts_.log.warning("the loader's state knows lost records; deriving it again",
                       {{"reason", error.message}});
    return forget_state();
  }
  const bool in_memories = step.failed == Part::kIds || step.failed == Part::kActivity;
  if (in_memories && error.code == Code::kCorrupt) {
    alone_until_ = 0;
    return memories_->forget_all(step.failed, error);
  }
  if (step.records == 0) {
    return error;
  }
  const bool may_be_the_record = step.failed == Part::kStore || step.failed == Part::kState;
  if (!may_be_the_record || !blames_record(error.code)) {
    return error;
  }
  if (step.records > 1) {
    alone_until_ = step.through;
    return base::ok();
  }
  if (step.through <= stored) {
    // Put aside now, the books would say of its rows that there are none.
    return base::fail(error.code, "the record at position " + std::to_string(step.through) +
                                      " has rows, but cannot be loaded: " + error.message);
  }
  if (handler_->suspected() == step.through) {
    // Not even a plain row is taken, so it was not the record's fault.
    handler_->acquit();
    return error;
  }
  parts_.log.error("a record cannot be stored; it is kept in rejected_event",
                   {{"position", signed_of(step.through)}, {"reason", error.message}});
  handler_->suspect(step.through, "it could not be stored: " + error.message);
  return base::ok();
}

/// kInvalid unless the journal begins with `needed` or before; also when it is empty, but `known`
/// is a position.
base::Status Stepper::check_beginning(Position needed, Position known) {
  auto reader = journal::Reader::open(parts_.files, options_.journal_folder, 1);
  if (!reader) {
    return reader.error();
  }
  auto first = (*reader)->next(parts_.durable());
  if (first && !*first && known > 0) {
    return base::fail(Code::kInvalid, "the journal is empty, but rows up to position " +
                                          std::to_string(known) +
                                          " are known: they exist in the store alone");
  }
  if (first && *first && (*first)->position > needed) {
    return base::fail(Code::kInvalid, "the journal begins at position " +
                                          std::to_string((*first)->position) +
                                          ": older rows exist in the store alone and stay there");
  }
  return base::ok();
}

/// kInvalid unless the journal can give again all that books, people and ids know.
base::Status Stepper::check_state_beginning() {
  return check_beginning(state_->ledger().from, parts_.store.visible_position());
}

base::Status Stepper::start_over() {
  if (auto whole = check_beginning(1, reach()); !whole) {
    return whole;
  }
  reader_.reset();
  hot_since_.reset();
  if (auto emptied = forget_state(); !emptied) {
    return emptied;
  }
  if (auto cleared = parts_.store.clear(); !cleared) {
    return cleared;
  }
  handler_->acquit();
  handler_->forget_aside();
  return base::ok();
}

}  // namespace loader
