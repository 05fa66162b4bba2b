#pragma once
// Plays one history: the real journal (Writer, Reader, keeper), loader (Stepper, memory of ids,
// state in SQLite) and manifest of the store on a simulated disk and clock, the store's rows in a
// DiskStore. Held after every crash that is followed by a check, and at the end of each history:
// what was answered is in the journal; what is there was sent; rows, books, persons and names are
// what the journal's records mean; deriving everything again gives the same.
//
// One thread acts and waits for the journal's committer thread at each append, and a batch is
// queued whole while the committer answers its first record, so a history plays the same each time.
//
// Modelled rather than real: DuckDB (DiskStore), the HTTP edge, the Loader's threads and pauses.
// SQLite is real, on the simulated disk through TestVfs. Folders are durable as soon as made.

#include "base/clock.h"
#include "io/memory_file_system.h"
#include "journal/writer.h"
#include "loader/state/test_vfs.h"
#include "loader/stepper.h"
#include "simulation/disk_store.h"
#include "simulation/history.h"
#include "simulation/traffic.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace simulation {

/// How a history went.
struct Outcome {
  std::string failure;  ///< Empty: all promises held.
  std::uint64_t crashes = 0;
  std::uint64_t checks = 0;
  std::uint64_t records = 0;  ///< In the journal at the end.
  std::uint64_t changes = 0;  ///< Calls that change a file; each is a point at which power may go.
};

/// Threads: one.
class World {
 public:
  explicit World(const History& history);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  Outcome play();

 private:
  struct Answer {
    std::optional<Position> position;  ///< Nothing: refused.
    bool final = false;                ///< The journal will refuse everything until restart.
  };

  void act(const Action& action);
  void act_on_disk(const Action& action);
  void fault(const Action& action);
  void make_room();
  void heal();
  void move_clock(std::chrono::seconds by);
  void erase(const std::string& what);

  void open();
  bool try_open();
  bool open_derived();
  base::Status make_durable();
  void power_on(io::MemoryFileSystem::Loss loss);
  void close();
  void crash(io::MemoryFileSystem::Loss loss);
  void lose_power();
  void restart();

  void send(const std::vector<Request>& requests);
  void send_again();
  void replay(std::int64_t number);
  void put_in_journal(std::vector<Sent> batch);
  std::vector<Answer> append(const std::vector<Sent>& batch);

  void step();
  bool load();
  void load_all();
  void check();
  void check_journal();
  void compare(std::string_view when);
  Derived found();
  void find_persons(Derived& derived);
  void fail(const std::string& what);
  void allow(bool done, const base::Error* error, std::string_view what);

  const History& history_;
  base::SeededRandom random_;
  base::ManualClock clock_;
  io::MemoryFileSystem files_;
  loader::state::TestVfs vfs_{files_};
  journal::Options journal_options_;
  loader::Options options_;
  loader::Hooks hooks_;
  std::unique_ptr<loader::Parts> parts_;
  std::unique_ptr<journal::Writer> writer_;
  std::unique_ptr<DiskStore> store_;
  std::unique_ptr<loader::Stepper> stepper_;

  bool faulty_ = false;           ///< Something may fail that was told to.
  bool full_ = false;             ///< The disk has a limit.
  bool prepared_ = false;         ///< The first half of a seal is done.
  bool may_lack_ = false;         ///< The power was off, and answers were not synced.
  Position safe_ = 0;             ///< Answered up to here, and synced then.
  bool dropped_ = false;          ///< A sync failed since the power was off.
  bool stuck_ = false;            ///< A sync has failed: nothing can be sealed until restart.
  bool refuses_ = false;          ///< The journal's failure is final until restart.
  std::uint64_t power_seed_ = 0;  ///< Of the loss when the power goes.
  std::uint64_t sent_count_ = 0;
  std::map<std::string, Sent> sent_;        ///< By bytes.
  std::map<Position, Sent> journal_;        ///< Answered, or read back after a crash.
  std::map<std::string, Sent> unanswered_;  ///< By bytes.
  Outcome outcome_;
};

}  // namespace simulation
