#pragma once
// Another try for what was put aside. `catchment rejected replay` appends a new record to the
// journal, made from the old one by make_replay(); its note "replay_of" names the rejected unit.
// The loader then takes the old rejection out of the books and of the view rejected_event (through
// the table replayed_rejections), and books what the new record brings. Of several replays of one
// unit the first in the journal counts; the others are passed over.

#include "event/record.h"
#include "loader/state/state.h"

#include <optional>
#include <string>
#include <string_view>

namespace loader {

/// Which rejected unit a record replays, and the application it was booked under.
struct ReplayTarget {
  state::RejectedUnit unit;
  std::string_view app_id;
};

/// Nothing when the record is no replay. Lifetime: views into `record`.
std::optional<ReplayTarget> replay_target(const event::Record& record);

/// What a replay needs beside the journal record.
struct ReplayRequest {
  state::RejectedUnit unit;
  std::string app_id;  ///< Of the row in rejected_event.
  /// Body of the new record: a request of the same API that holds the unit alone. Empty: the whole
  /// body of the old record, which is right where the whole request was put aside.
  std::string body;
};

/// The bytes of the record to append: `original` (the journal's bytes) as an accepted record with
/// its old receive time, without the verdict that refused it. kCorrupt when `original` cannot be
/// read.
base::Result<std::string> make_replay(std::string_view original, const ReplayRequest& request);

}  // namespace loader
