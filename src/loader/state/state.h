#pragma once
// What the loader knows apart from rows and event ids, in `state/state.db`: the books, the persons,
// rollups, the event names in use, answers given under an idempotency key, which rejected records
// were replayed and which parts of export files were imported. A projection of the journal like the
// store: applied() says up to where, and every change is committed together with that position, so
// reading a range again changes nothing twice.
//
// Committed steps survive the end of the process; a power cut may take the latest ones back, whole,
// never in part. make_durable() is called before the store seals. A damaged database is put aside
// as `state.db.damaged` and derived again.

#include "base/log.h"
#include "base/result.h"
#include "event/record.h"
#include "io/file_system.h"
#include "loader/state/imports.h"
#include "loader/state/notes.h"
#include "loader/state/people.h"
#include "loader/state/person_store.h"
#include "loader/state/series.h"
#include "loader/state/sqlite.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace loader::state {

using event::Position;

/// Units: events, booked profile records, and rejected ones.
/// Always: received = stored + duplicate + rejected.
struct Counts {
  std::int64_t received = 0;
  std::int64_t stored = 0;
  std::int64_t duplicate = 0;
  std::int64_t rejected = 0;
  std::int64_t profiles = 0;  ///< Of those stored: records that change a person and make no row.
  friend bool operator==(const Counts&, const Counts&) = default;
};

struct BookLine {
  std::string app_id;
  event::Api api = event::Api::kClickstream;
  Counts counts;
};

/// All books at one moment.
struct Ledger {
  std::vector<BookLine> lines;
  Position from = 0;  ///< The first record they cover: 1 unless the journal had lost its beginning.
  Position through = 0;  ///< The last one.
};

struct Options {
  std::string folder;
  std::uint64_t cache_bytes = std::uint64_t{32} << 20U;  ///< Persons in memory.
  bool write_log_early = false;  ///< Let steps go to the disk before they have to be durable.
};

/// Names of events remembered for one application and API: more than any API allows.
inline constexpr std::size_t kNamesMax = 10'000;

/// Threads: the loader's; books(), ledger() and applied() from any.
class State {
 public:
  /// `files` outlives it.
  static base::Result<std::unique_ptr<State>> open(io::FileSystem& files, base::Log& log,
                                                   Options options);
  /// For open().
  State(io::FileSystem& files, Options options) : files_(files), options_(std::move(options)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  /// Every record up to here is in the state, and none beyond.
  [[nodiscard]] Position applied() const { return applied_.load(std::memory_order_acquire); }

  /// Opens the database again where reset() or rollback() could not keep it open. Called before
  /// applied() is asked where to go on; everything below but the readers fails until it is open.
  base::Status ensure_open();

  /// Changes are made between begin() and commit(), or not at all.
  base::Status begin();
  void count(std::string_view app_id, event::Api api, const Counts& counts);
  /// The journal no longer holds these records. At its beginning the books begin behind them.
  void skip(Position first, Position last) {
    from_ = first == 1 && applied() == 0 ? last + 1 : from_;
  }
  [[nodiscard]] People& people() { return *people_; }
  [[nodiscard]] SeriesStore& series() { return *series_; }
  [[nodiscard]] Notes& notes() { return *notes_; }
  [[nodiscard]] Imports& imports() { return *imports_; }
  /// True when the name is new.
  base::Result<bool> saw_name(std::string_view app_id, event::Api api, std::string_view name);
  base::Status commit(Position through);
  /// Where the database cannot take changes back it is closed, which does; see ensure_open().
  base::Status rollback();

  /// Durable: all committed steps, after it returns. Forgets notes that are older than `from`.
  base::Status make_durable(const NotesFrom& from);
  /// Starts again from nothing; a damaged file is kept aside.
  base::Status reset(bool damaged);

  [[nodiscard]] std::vector<BookLine> books() const;
  [[nodiscard]] Ledger ledger() const;
  base::Status each_name(const std::function<void(const std::string& app_id, event::Api api,
                                                  const std::string& name)>& visit);

  /// Of the database, for the tables that read it with a connection of their own.
  [[nodiscard]] std::string path() const { return io::join(options_.folder, "state.db"); }

 private:
  using BookKey = std::pair<std::string, event::Api>;
  using Books = std::map<BookKey, Counts>;

  base::Status open_database();
  base::Status prepare();
  base::Status load();
  base::Result<Books> load_books();
  void close();
  base::Status put_aside(bool damaged);
  base::Status write_books();
  void write_log_out();

  io::FileSystem& files_;
  Options options_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<io::File> log_;  // of the database, whose locks lie elsewhere
  Statement write_book_;
  Statement write_name_;
  Statement write_applied_;
  std::unique_ptr<PersonStore> persons_;
  std::unique_ptr<People> people_;
  std::unique_ptr<SeriesStore> series_;
  std::unique_ptr<Notes> notes_;
  std::unique_ptr<Imports> imports_;
  bool begun_ = false;
  std::atomic<Position> applied_{0};

  Books changes_;  // since begin()
  mutable std::mutex books_mutex_;
  Books books_;                  // as committed; guarded by books_mutex_
  Position from_ = 1;            // what books_ cover; the loader's thread
  Position committed_from_ = 1;  // the same; guarded by books_mutex_

  std::unordered_set<std::string> names_;
  std::map<BookKey, std::size_t> name_counts_;
  std::vector<std::string> new_names_;  // since begin()
};

}  // namespace loader::state
