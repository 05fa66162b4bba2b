#pragma once
// What the loader does with one journal record: decode, refuse duplicates, complete, make rows,
// change books and persons. Owner: the Stepper.

#include "base/result.h"
#include "codec/hash.h"
#include "event/event.h"
#include "event/record.h"
#include "loader/memories.h"
#include "loader/parts.h"
#include "loader/rollup/rollup.h"
#include "loader/state/state.h"
#include "loader/step.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace loader {

/// Threads: one.
class RecordHandler {
 public:
  /// Lifetime: all must outlive it.
  RecordHandler(const Parts& parts, state::State& state, Memories& memories)
      : parts_(parts), state_(state), memories_(memories), rollup_(state, memories.activity()) {}

  /// Handles the record whose bytes these are. An error means that the step as a whole has to be
  /// done again; what is wrong with the record itself becomes a rejected row.
  base::Status handle(Position position, std::string_view bytes, Needs needs, Step& step);
  /// The next handle() of the record at `position` puts it aside whole, for `reason`.
  void suspect(Position position, std::string reason);
  /// Forgets the suspicion: it was not the record's fault.
  void acquit();
  [[nodiscard]] Position suspected() const { return suspect_; }
  /// More records, with their codes, that the store has as put aside whole: so they are counted
  /// when state or ids are derived again, whatever they could be made into now.
  void remember_aside(std::map<Position, std::string> records) { aside_.merge(records); }
  void forget_aside() { aside_.clear(); }

 private:
  /// The record in hand.
  struct Current {
    const event::Record& record;
    Position position = 0;
    Needs needs;
    Step& step;
    bool replay = false;
    std::uint64_t answered = 1;  ///< Units answered for each that is booked.
    std::set<std::string, std::less<>> uncounted_names;
    const kpi::RuleBook* rules = nullptr;
  };

  /// Whose books.
  struct BookName {
    std::string_view app_id;
    event::Api api;
  };
  /// A unit of the record in hand, which the state does not have yet.
  void book(const Current& current, const BookName& name, const state::Counts& counts);
  base::Status handle_decoded(const Current& current, event::Decoded decoded);
  /// What a record holds.
  struct Unpacked {
    event::Decoded units;
    std::uint64_t bytes = 0;  ///< Of its rows, about.
    bool whole = false;       ///< The units are one rejection: the record itself.
  };
  Unpacked unpack(const Current& current);
  Unpacked decode(const Current& current);
  base::Status add_profiles(const Current& current, event::Decoded& decoded);
  base::Status note_repeats(const Current& current, std::uint64_t profiles);
  base::Status add_events(const Current& current, event::Decoded& decoded);
  base::Status add_event(const Current& current, std::uint32_t index, event::Event& event);
  base::Status add_to_state(const Current& current, const event::Event& event);
  void add_rejections(const Current& current, event::Decoded& decoded);
  void complete(event::Event& event);
  void fill_events(const Current& current, event::Decoded& decoded);
  base::Result<bool> is_first(const Current& current, std::uint32_t index,
                              const std::optional<codec::Hash128>& id);
  base::Result<bool> replay_counts(const Current& current);
  base::Result<bool> import_repeats(const Current& current);
  base::Status book_repeat(const Current& current, const event::Decoded& decoded);
  base::Status note_import(const Current& current);
  base::Status note_answer(const Current& current);

  const Parts& parts_;
  state::State& state_;
  Memories& memories_;
  rollup::Rollup rollup_;
  state::Counts booked_;  ///< Of the record in hand.
  Position suspect_ = 0;
  std::string suspect_reason_;
  std::map<Position, std::string> aside_;
  std::vector<std::optional<codec::Hash128>> hashes_;  // of the record's events, by place
};

}  // namespace loader
