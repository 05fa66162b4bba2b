#pragma once
// The journal: the only system of record. The edge appends accepted requests; a committer thread
// groups what has gathered while the last sync ran or came together, writes it with one call,
// syncs, and answers. Records are opaque bytes here. The layout is in docs/formats/journal.md.

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "event/record.h"
#include "io/file_system.h"
#include "segment/damage.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace journal {

using event::Position;
using segment::Damage;

enum class SyncMode : std::uint8_t {
  kCommit,    ///< Answer after fdatasync. A crash of the machine loses nothing answered.
  kInterval,  ///< Answer after write, sync every `sync_interval`: a power cut loses up to that
              ///< much.
  kOff,       ///< Answer after write, sync only in make_durable(): a power cut loses what the
              ///< kernel held.
};

struct Options {
  std::string folder;
  SyncMode sync = SyncMode::kCommit;
  std::chrono::milliseconds sync_interval{1000};
  std::uint64_t segment_bytes = std::uint64_t{128} << 20U;
  std::uint64_t group_bytes_max = std::uint64_t{1} << 20U;   ///< One write and sync at most.
  std::uint64_t queue_bytes_max = std::uint64_t{64} << 20U;  ///< Waiting for the committer.
  std::size_t gather_records = 16;              ///< Enough for a sync; or half a queue.
  std::chrono::microseconds gather_time{2000};  ///< No longer is waited for it.
  std::uint64_t record_bytes_max = std::uint64_t{8} << 20U;
  std::uint64_t reserve_bytes = std::uint64_t{512} << 20U;  ///< Free disk below which appends fail.
  /// The highest position anybody else has kept for good (the store's manifest, a cursor). New
  /// positions start behind it, so that after a loss of the journal's end (a power cut without
  /// SyncMode::kCommit, a disk that lies, an older copy put back) nothing they keep of a lost
  /// record is taken for a new one's.
  Position position_floor = 0;
  /// Where segment salts come from; the kernel's generator when null. Outlives the Writer.
  base::Random* random = nullptr;
  /// A thread makes a Spare in SyncMode::kCommit. Else one is made only where fill_spare() is
  /// called.
  bool prepare_segments = false;
};

/// How soon a record is written and synced while others may still come.
enum class Pace : std::uint8_t {
  kAtOnce,    ///< When the last sync is over.
  kGathered,  ///< It waits for company first. Answers come later, each sync serves more of them,
              ///< and the processor is left to those who are behind. In SyncMode::kCommit only.
};

/// What opening found; for the log and `status`.
struct Recovery {
  Position last = 0;            ///< Highest position given out so far, as far as anybody knows.
  Position end = 0;             ///< The records end here: `last` but for the position_floor.
  std::uint64_t cut_bytes = 0;  ///< Torn tail given up (never answered).
  std::string cut_reason;       ///< Where and why, empty when nothing was cut.
  std::vector<Damage> damages;  ///< In the last segment, before whole records; kept as they are.
};

struct Stats {
  Position last_appended = 0;
  Position last_durable = 0;
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;  ///< Of segments; a spare is none yet.
  std::uint64_t free_disk_bytes = 0;
  std::uint64_t syncs = 0;
  std::uint64_t sync_us_last = 0;
  std::uint64_t queue_bytes = 0;
  std::string failure;  ///< Why every append is refused, empty while healthy.
  std::string
      refusal;  ///< Why appends are pushed back until there is room; empty while they are not.
};

/// Threads: append(), make_durable(), survey(), fill_spare(), stats(), trouble() and
/// durable_position() from any thread.
class Writer {
 public:
  /// Called once per append from the committer thread; must not block. Gets the position, durable
  /// as SyncMode promises, or why the record is not in the journal (kUnavailable: push back; the
  /// client may repeat it).
  using Done = std::function<void(base::Result<Position>)>;

  /// Opens or creates the journal, recovers the valid prefix of its tail and starts the committer.
  /// `files`, `clock` and `log` outlive the Writer.
  static base::Result<std::unique_ptr<Writer>> open(io::FileSystem& files, const base::Clock& clock,
                                                    base::Log& log, Options options);
  struct State;
  /// Use open().
  explicit Writer(std::unique_ptr<State> state);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  /// Commits what is queued, answers it, then closes. Bursts in which threads appended are over.
  ~Writer();

  /// Queues one record, to be written when the caller's burst is over (base/burst.h) or enough for
  /// a sync waits; so a burst is no place to wait for `done`. Never blocks; a full queue, a disk
  /// below the reserve, a record too large or an earlier failed sync are answered through `done`
  /// (possibly before append returns).
  void append(std::string record, Done done);

  /// Durable, in every SyncMode: all that was answered before the call. For those about to keep
  /// for good what they made of it. Waits for the disk, but not in SyncMode::kCommit. A sync
  /// that fails is as final as that of an append.
  base::Status make_durable();

  [[nodiscard]] const Recovery& recovery() const;
  /// Looks into the folder: how many segments there are, what they take, and how much disk is free.
  /// Gives the spare back where the disk is below the reserve, or records are refused for want of
  /// its room. May wait for the disk. To be called every now and then, by somebody who may.
  void survey();
  /// What the thread of Options::prepare_segments does again and again; for who has to know when.
  void fill_spare();
  /// Segments, bytes and free disk are those of the last survey(); never waits for the disk.
  [[nodiscard]] Stats stats() const;
  /// Stats::failure, or else Stats::refusal.
  [[nodiscard]] std::string trouble() const;
  /// Everything up to here is durable as SyncMode promises and may be read.
  [[nodiscard]] Position durable_position() const;
  /// Hears of a commit and says how the next is made.
  using Listener = std::function<Pace(Position)>;
  /// Called (from the committer thread) after every commit; for the loader to wake up. Replaces the
  /// one before; waits for a call of that one to end, so never call it from a listener.
  void on_commit(Listener listener);

 private:
  std::unique_ptr<State> state_;
};

}  // namespace journal
