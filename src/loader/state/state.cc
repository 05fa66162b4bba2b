#include "loader/state/state.h"

#include "loader/state/schema.h"

#include <utility>

namespace loader::state {
namespace {

using base::Code;
using event::Api;

std::string name_key(std::string_view app_id, Api api, std::string_view name) {
  constexpr std::size_t kNumbersMax = 24;
  std::string key;
  key.reserve(app_id.size() + name.size() + kNumbersMax);
  key.append(std::to_string(static_cast<int>(api))).append(":");
  key.append(std::to_string(app_id.size())).append(":").append(app_id).append(name);
  return key;
}

void add(Counts& counts, const Counts& more) {
  counts.received += more.received;
  counts.stored += more.stored;
  counts.duplicate += more.duplicate;
  counts.rejected += more.rejected;
  counts.profiles += more.profiles;
}

std::int64_t number_of(Api api) { return static_cast<std::int64_t>(api); }

}  // namespace

State::~State() { close(); }

base::Result<std::unique_ptr<State>> State::open(io::FileSystem& files, base::Log& log,
                                                 Options options) {
  auto state = std::make_unique<State>(files, std::move(options));
  if (auto made = files.create_directories(state->options_.folder); !made) {
    return made.error();
  }
  auto opened = state->ensure_open();
  if (!opened && opened.error().code == Code::kCorrupt) {
    log.warning("the loader's state cannot be used; deriving it from the journal again",
                {{"reason", opened.error().message}});
    opened = state->reset(true);
  }
  if (!opened) {
    return opened.error();
  }
  return state;
}

base::Status State::open_database() {
  auto database = Database::open(path(), Database::Mode::kReadWrite);
  if (!database) {
    return database.error();
  }
  database_ = std::move(*database);
  if (auto set = set_pragmas(*database_); !set) {
    return set;
  }
  if (auto checked = check_version(*database_); !checked) {
    return checked;
  }
  if (auto made = make_tables(*database_); !made) {
    return made;
  }
  if (auto prepared = prepare(); !prepared) {
    return prepared;
  }
  auto persons = PersonStore::open(*database_, options_.cache_bytes);
  if (!persons) {
    return persons.error();
  }
  persons_ = std::move(*persons);
  auto series = SeriesStore::open(*database_);
  if (!series) {
    return series.error();
  }
  series_ = std::move(*series);
  auto imports = Imports::open(*database_);
  if (!imports) {
    return imports.error();
  }
  imports_ = std::move(*imports);
  people_ = std::make_unique<People>(*persons_);
  notes_ = std::make_unique<Notes>(*database_);
  if (auto prepared = notes_->prepare(); !prepared) {
    return prepared;
  }
  return load();
}

base::Status State::prepare() {
  const std::pair<std::string_view, Statement*> statements[] = {
      {"INSERT OR REPLACE INTO book VALUES(?, ?, ?, ?, ?, ?, ?)", &write_book_},
      {"INSERT OR IGNORE INTO event_name VALUES(?, ?, ?)", &write_name_},
      {"INSERT OR REPLACE INTO applied VALUES(1, ?, ?)", &write_applied_},
  };
  for (const auto& [sql, statement] : statements) {
    auto prepared = database_->prepare(sql);
    if (!prepared) {
      return prepared.error();
    }
    *statement = std::move(*prepared);
  }
  return base::ok();
}

base::Status State::load() {
  auto applied = database_->number("SELECT position FROM applied", 0);
  if (!applied) {
    return applied.error();
  }
  names_.clear();
  name_counts_.clear();
  auto named = each_name([&](const std::string& app_id, Api api, const std::string& name) {
    names_.insert(name_key(app_id, api, name));
    ++name_counts_[{app_id, api}];
  });
  if (!named) {
    return named;
  }
  auto from = database_->number("SELECT first FROM applied", 1);
  if (!from) {
    return from.error();
  }
  auto books = load_books();
  if (!books) {
    return books.error();
  }
  from_ = static_cast<Position>(*from);
  const std::lock_guard lock(books_mutex_);
  books_ = std::move(*books);
  committed_from_ = from_;
  applied_.store(static_cast<Position>(*applied), std::memory_order_release);
  return base::ok();
}

base::Result<State::Books> State::load_books() {
  auto rows = database_->prepare(
      "SELECT app_id, api, received, stored, duplicate, rejected, profiles FROM book");
  if (!rows) {
    return rows.error();
  }
  Books books;
  auto more = rows->row();
  for (; more && *more; more = rows->row()) {
    const BookKey key{std::string(rows->text(0)), static_cast<Api>(rows->integer(1))};
    books[key] = {rows->integer(2), rows->integer(3), rows->integer(4), rows->integer(5),
                  rows->integer(6)};
  }
  return more ? base::Result<Books>(std::move(books)) : more.error();
}

void State::close() {
  people_.reset();
  notes_.reset();
  imports_.reset();
  series_.reset();
  persons_.reset();
  for (Statement* statement : {&write_book_, &write_name_, &write_applied_}) {
    *statement = Statement();
  }
  database_.reset();
  log_.reset();
  begun_ = false;
}

base::Status State::put_aside(bool damaged) {
  for (const char* suffix : {"-wal", "-shm", ""}) {
    const std::string file = path() + suffix;
    if (!files_.exists(file)) {
      continue;
    }
    const bool keep = damaged && *suffix == '\0';
    auto gone = keep ? files_.rename(file, file + ".damaged") : files_.remove(file);
    if (!gone) {
      return gone;
    }
  }
  return base::ok();
}

base::Status State::reset(bool damaged) {
  close();
  changes_.clear();
  new_names_.clear();
  if (auto gone = put_aside(damaged); !gone) {
    return gone;
  }
  {
    const std::lock_guard lock(books_mutex_);
    books_.clear();
    from_ = 1;
    committed_from_ = 1;
    applied_.store(0, std::memory_order_release);
  }
  return ensure_open();
}

base::Status State::ensure_open() {
  if (people_) {
    return base::ok();
  }
  auto opened = open_database();
  if (!opened) {
    close();
  }
  return opened;
}

base::Status State::begin() {
  if (begun_) {
    return base::ok();
  }
  if (!people_) {
    return base::fail(Code::kUnavailable, "loader state: it is not open");
  }
  auto begun = database_->run("BEGIN IMMEDIATE");
  begun_ = begun.has_value();
  return begun;
}

void State::count(std::string_view app_id, Api api, const Counts& counts) {
  add(changes_[{std::string(app_id), api}], counts);
}

base::Result<bool> State::saw_name(std::string_view app_id, Api api, std::string_view name) {
  std::string key = name_key(app_id, api, name);
  if (names_.contains(key)) {
    return false;
  }
  std::size_t& count = name_counts_[{std::string(app_id), api}];
  if (count >= kNamesMax) {
    return false;
  }
  if (auto written = write_name_.bind(app_id).bind(number_of(api)).bind(name).run(); !written) {
    return written.error();
  }
  ++count;
  names_.insert(key);
  new_names_.push_back(std::move(key));
  return true;
}

base::Status State::write_books() {
  for (const auto& [key, change] : changes_) {
    Counts total = change;
    if (const auto known = books_.find(key); known != books_.end()) {
      add(total, known->second);
    }
    auto written = write_book_.bind(key.first)
                       .bind(number_of(key.second))
                       .bind(total.received)
                       .bind(total.stored)
                       .bind(total.duplicate)
                       .bind(total.rejected)
                       .bind(total.profiles)
                       .run();
    if (!written) {
      return written;
    }
  }
  return base::ok();
}

base::Status State::commit(Position through) {
  if (auto written = persons_->flush(); !written) {
    return written;
  }
  if (auto written = series_->flush(); !written) {
    return written;
  }
  if (auto written = write_books(); !written) {
    return written;
  }
  if (auto written = write_applied_.bind(static_cast<std::int64_t>(through))
                         .bind(static_cast<std::int64_t>(from_))
                         .run();
      !written) {
    return written;
  }
  if (auto committed = database_->run("COMMIT"); !committed) {
    return committed;
  }
  begun_ = false;
  new_names_.clear();
  {
    const std::lock_guard lock(books_mutex_);
    for (const auto& [key, change] : changes_) {
      add(books_[key], change);
    }
    changes_.clear();
    committed_from_ = from_;
    applied_.store(through, std::memory_order_release);
  }
  write_log_out();
  return base::ok();
}

base::Status State::rollback() {
  changes_.clear();
  // Names of the step are asked for again; that they count against the limit once more is harmless.
  for (const std::string& name : new_names_) {
    names_.erase(name);
  }
  new_names_.clear();
  if (!people_) {
    return base::ok();
  }
  begun_ = false;
  auto undone = database_->in_transaction() ? database_->run("ROLLBACK") : base::ok();
  if (undone) {
    undone = persons_->drop();
  }
  if (undone) {
    undone = series_->drop();
  }
  if (undone || undone.error().code == Code::kCorrupt) {
    return undone;
  }
  close();
  return base::ok();
}

/// Tens of megabytes gather between two checkpoints. Were they left for the checkpoint to sync, the
/// journal's syncs would stand behind them for as long as the disk takes.
void State::write_log_out() {
  if (!options_.write_log_early) {
    return;
  }
  if (log_ == nullptr) {
    if (auto file = files_.open(path() + "-wal", io::OpenMode::kReadWrite)) {
      log_ = std::move(*file);
    }
  }
  if (log_ == nullptr) {
    return;
  }
  if (const auto bytes = log_->size()) {
    log_->write_out(0, *bytes);  // steps write it from its beginning again after a checkpoint
  }
}

base::Status State::make_durable(const NotesFrom& from) {
  if (!people_) {
    return base::fail(Code::kUnavailable, "loader state: it is not open");
  }
  if (auto removed = notes_->forget(from); !removed) {
    return removed;
  }
  if (auto done = database_->run("PRAGMA wal_checkpoint(PASSIVE)"); !done) {
    return done;
  }
  // While somebody reads, a checkpoint may find nothing to copy, and then syncs nothing either.
  if (log_ != nullptr) {
    // It may have been told of errors that nobody else will be. What failed is begun anew.
    base::Status synced = log_->sync_data();
    if (!synced) {
      close();
    }
    return synced;
  }
  const std::string log = path() + "-wal";
  if (!files_.exists(log)) {
    return base::ok();
  }
  auto file = files_.open(log, io::OpenMode::kReadWrite);
  return file ? (*file)->sync_data() : base::Status(file.error());
}

std::vector<BookLine> State::books() const { return ledger().lines; }

Ledger State::ledger() const {
  const std::lock_guard lock(books_mutex_);
  Ledger ledger{.lines = {}, .from = committed_from_, .through = applied()};
  ledger.lines.reserve(books_.size());
  for (const auto& [key, counts] : books_) {
    ledger.lines.push_back({key.first, key.second, counts});
  }
  return ledger;
}

base::Status State::each_name(
    const std::function<void(const std::string&, Api, const std::string&)>& visit) {
  auto rows = database_->prepare("SELECT app_id, api, name FROM event_name");
  if (!rows) {
    return rows.error();
  }
  auto more = rows->row();
  for (; more && *more; more = rows->row()) {
    visit(std::string(rows->text(0)), static_cast<Api>(rows->integer(1)),
          std::string(rows->text(2)));
  }
  return more ? base::ok() : base::Status(more.error());
}

}  // namespace loader::state
