#pragma once
// Reads the journal from a position on, while the Writer goes on writing. Used by the loader, by
// `journal cat` and `verify`, and by the SQL table ingestion_events.

#include "base/result.h"
#include "event/record.h"
#include "io/file_system.h"
#include "segment/damage.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace journal {

using event::Position;
using segment::Damage;

struct Entry {
  Position position = 0;
  std::string_view bytes;  ///< Lifetime: until the next call of next().
};

/// Threads: one thread at a time.
class Reader {
 public:
  /// Reads records with position >= `from` and <= whatever next() is allowed. Retired (expired)
  /// segments are passed over: the first entry may have a higher position. Lifetime: `files`
  /// outlives the Reader. Costs nothing yet; the first next() finds the place, by file names and
  /// then, in a segment that is not compressed, by walking over the records before it.
  static base::Result<std::unique_ptr<Reader>> open(io::FileSystem& files,
                                                    const std::string& folder, Position from);
  struct State;
  /// Use open().
  explicit Reader(std::unique_ptr<State> state);
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader();

  /// The next entry not beyond `through` (the Writer's durable_position()), or nothing when there
  /// is none yet; call again later. kCorrupt for a damaged record: damage() says which, and the
  /// next call goes on behind it. Any other error, and kInvalid for a segment of a newer program,
  /// leaves the Reader where it is: nothing is skipped, the call may be repeated.
  base::Result<std::optional<Entry>> next(Position through);
  [[nodiscard]] const std::optional<Damage>& damage() const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace journal
