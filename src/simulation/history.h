#pragma once
// A history: what clients send, what the program does and what breaks, one action a line, as text
// that can be kept. Made from a seed, or read from a fixture. A value; the World plays it.

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace simulation {

/// What a request is written as.
enum class Shape : std::uint8_t {
  kLines,        ///< The small format of the loader's tests.
  kClickstream,  ///< Real JSON, read by the real decoder, as the next two.
  kClevertap,
  kKeyed,      ///< CleverTap under an idempotency key.
  kRefused,    ///< A request that was answered with a refusal and is kept.
  kUnreadable  ///< Bytes that are no record.
};

struct Unit {
  enum class Kind : std::uint8_t { kEvent, kProfile, kBad, kThrow };
  Kind kind = Kind::kEvent;
  std::uint32_t id = 0;  ///< Of the event; 0: none. Of a profile: how many points it adds.
  std::uint32_t who = 0;
};

struct Request {
  Shape shape = Shape::kLines;
  std::uint32_t key = 0;  ///< kKeyed.
  std::vector<Unit> units;
};

struct Action {
  enum class Kind : std::uint8_t {
    kSend,    ///< `requests`, queued together.
    kRetry,   ///< Clients send again what was not answered.
    kReplay,  ///< `rejected replay` of the number-th rejected unit.
    kStep,    ///< One step of the loader.
    kLoad,    ///< Steps until there is nothing to do.
    kSeal,
    kPrepare,    ///< The first half of a seal alone: ids and state become durable.
    kSealStore,  ///< The second half, behind what was loaded in between.
    kTidy,
    kCompact,    ///< Merges files of the store.
    kCompress,   ///< Compresses a segment of the journal.
    kKeepState,  ///< The state becomes durable by itself, as SQLite does it when its log is long.
    kSpare,      ///< The journal's next segment is prepared, if that is due.
    kSync,       ///< The journal is synced, as at the end of an interval.
    kClock,      ///< The wall clock moves by `number` seconds, which may be negative.
    kCheck,      ///< Everything is loaded and held against the model.
    kStop,       ///< A clean end and a new start.
    kKill,       ///< The process ends at once; the machine goes on.
    kPower,      ///< The power goes; `number` chooses what is left.
    kPowerAt,    ///< The power goes at the `number`-th call from now that changes a file.
    kFault,      ///< The `number`-th call of `word` from now fails with `error`.
    kFull,       ///< The disk has room for `number` more bytes.
    kRoom,       ///< The disk has room again.
    kDelete,     ///< While the program is down the operator deletes `word`: store, state or ids.
    kStartOver,  ///< `rebuild`.
  };
  Kind kind = Kind::kStep;
  std::int64_t number = 0;
  std::string word;
  int error = 0;
  std::vector<Request> requests;
};

struct History {
  std::uint64_t seed = 0;         ///< Of salts and of what a power cut leaves.
  std::uint64_t segment = 3000;   ///< Bytes of a journal segment.
  std::uint64_t group = 900;      ///< Bytes of a group at most.
  std::uint64_t step = 5;         ///< Records a loader step takes.
  std::uint64_t table = 16;       ///< Ids in memory.
  std::uint64_t window_s = 3000;  ///< Of duplicates.
  bool synced = true;             ///< The journal, before each answer; else now and then.
  std::vector<Action> actions;
};

/// A random one; the same for the same seed. `actions` bounds its length.
History make_history(std::uint64_t seed, std::size_t actions);

std::string history_text(const History& history);
base::Result<History> parse_history(std::string_view text);

}  // namespace simulation
