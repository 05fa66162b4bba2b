#include "loader/state/notes.h"

#include <memory>
#include <string_view>
#include <utility>

namespace loader::state {

namespace {

constexpr std::string_view kForgetOld =
    "DELETE FROM answer WHERE id < coalesce("
    "(SELECT id FROM answer WHERE received_at >= ? ORDER BY id LIMIT 1),"
    "(SELECT max(id) + 1 FROM answer))";
constexpr std::string_view kForgetMany =
    "DELETE FROM answer WHERE id <= (SELECT max(id) FROM answer) - ?";

}  // namespace

const char* Notes::schema() {
  return "CREATE TABLE IF NOT EXISTS answer(id INTEGER PRIMARY KEY, app_id TEXT, key TEXT,"
         "answer TEXT, position INTEGER, received_at INTEGER);"
         "CREATE TABLE IF NOT EXISTS replayed(position INTEGER, record_index INTEGER,"
         "replayed_by INTEGER, PRIMARY KEY(position, record_index)) WITHOUT ROWID;"
         "CREATE TABLE IF NOT EXISTS repeated(position INTEGER PRIMARY KEY, profiles INTEGER);"
         "CREATE TABLE IF NOT EXISTS rule(app_id TEXT PRIMARY KEY, active_events TEXT,"
         "revenue TEXT) WITHOUT ROWID;";
}

base::Status Notes::prepare() {
  const std::pair<std::string_view, Statement*> statements[] = {
      {"INSERT INTO answer VALUES(NULL, ?, ?, ?, ?, ?)", &write_answer_},
      {"SELECT replayed_by FROM replayed WHERE position = ? AND record_index = ?", &find_replay_},
      {"INSERT OR IGNORE INTO replayed VALUES(?, ?, ?)", &write_replay_},
      {"INSERT OR REPLACE INTO repeated VALUES(?, ?)", &write_repeats_},
      {"INSERT INTO rule VALUES(?, ?, ?)", &write_rule_},
  };
  for (const auto& [sql, statement] : statements) {
    auto prepared = database_.prepare(sql);
    if (!prepared) {
      return prepared.error();
    }
    *statement = std::move(*prepared);
  }
  return base::ok();
}

base::Status Notes::note_answer(const IdempotentAnswer& answer) {
  return write_answer_.bind(answer.app_id)
      .bind(answer.key)
      .bind(answer.answer)
      .bind(static_cast<std::int64_t>(answer.position))
      .bind(answer.received_us)
      .run();
}

base::Result<std::optional<Position>> Notes::replayed_by(const RejectedUnit& unit) {
  auto row = find_replay_.bind(static_cast<std::int64_t>(unit.position)).bind(unit.index).row();
  if (!row) {
    return row.error();
  }
  std::optional<Position> by;
  if (*row) {
    by = static_cast<Position>(find_replay_.integer(0));
    find_replay_.reset();
  }
  return by;
}

base::Status Notes::note_replay(const RejectedUnit& unit, Position by) {
  return write_replay_.bind(static_cast<std::int64_t>(unit.position))
      .bind(unit.index)
      .bind(static_cast<std::int64_t>(by))
      .run();
}

base::Status Notes::note_repeats(Position position, std::uint64_t profiles) {
  return write_repeats_.bind(static_cast<std::int64_t>(position))
      .bind(static_cast<std::int64_t>(profiles))
      .run();
}

base::Status Notes::forget(const NotesFrom& before) {
  // From the oldest on: whatever there is to forget, the others are not looked at.
  for (const auto& [sql, limit] :
       {std::pair(kForgetOld, before.answers_us), std::pair(kForgetMany, before.answers_max)}) {
    auto answers = database_.prepare(sql);
    if (!answers) {
      return answers.error();
    }
    if (auto gone = answers->bind(limit).run(); !gone) {
      return gone;
    }
  }
  auto repeats = database_.prepare("DELETE FROM repeated WHERE position < ?");
  return repeats ? repeats->bind(static_cast<std::int64_t>(before.repeats)).run()
                 : base::Status(repeats.error());
}

base::Status Notes::each_answer(const std::function<void(const IdempotentAnswer&)>& visit) {
  auto rows = database_.prepare(
      "SELECT app_id, key, answer, position, received_at FROM answer ORDER BY id");
  if (!rows) {
    return rows.error();
  }
  auto more = rows->row();
  for (; more && *more; more = rows->row()) {
    visit({std::string(rows->text(0)), std::string(rows->text(1)), std::string(rows->text(2)),
           static_cast<Position>(rows->integer(3)), rows->integer(4)});
  }
  return more ? base::ok() : base::Status(more.error());
}

base::Result<kpi::RuleBook> Notes::rules() {
  auto rows = database_.prepare("SELECT app_id, active_events, revenue FROM rule");
  if (!rows) {
    return rows.error();
  }
  kpi::RuleBook book;
  auto more = rows->row();
  for (; more && *more; more = rows->row()) {
    book.set(std::string(rows->text(0)), rows->text(1), rows->text(2));
  }
  return more ? base::Result<kpi::RuleBook>(std::move(book)) : more.error();
}

base::Status Notes::write_rules(const kpi::RuleBook& book) {
  if (auto emptied = database_.run("DELETE FROM rule"); !emptied) {
    return emptied;
  }
  for (const kpi::RuleBook::Setting& setting : book.settings()) {
    auto written =
        write_rule_.bind(setting.app_id).bind(setting.active_events).bind(setting.revenue).run();
    if (!written) {
      return written;
    }
  }
  return base::ok();
}

base::Result<std::uint64_t> repeated_profiles(const std::string& path, Position position) {
  auto database = Database::open(path, Database::Mode::kReadOnly);
  if (!database) {
    return base::fail(base::Code::kUnavailable, database.error().message);
  }
  auto profiles = (*database)->number(
      "SELECT profiles FROM repeated WHERE position = " + std::to_string(position), 0);
  return profiles ? base::Result<std::uint64_t>(static_cast<std::uint64_t>(*profiles))
                  : profiles.error();
}

}  // namespace loader::state
