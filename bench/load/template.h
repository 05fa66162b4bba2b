#pragma once
// JSON text with named holes, taken apart once and filled in many times. A hole is a name in angle
// brackets: {"event_id":"<id>"}. All texts of one API's events are such templates (events.h).

#include "load/output.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace load {

/// What can stand in a hole. Of the user: what never changes. Of the session: the same for half an
/// hour. Of the event: new each time.
enum class Hole : std::uint8_t {
  kUser,           ///< UUID.
  kUserShort,      ///< Its last 8 digits.
  kUserNumber,     ///< Low ones are frequent.
  kDevice,         ///< One of the API's devices.
  kFirstMs,        ///< When the user came first.
  kVisits,         ///< How many sessions the user had.
  kSession,        ///< When the session began, "20261122-051530123".
  kSessionMs,      ///< The same in milliseconds.
  kSessionIso,     ///< The same, "2026-11-22T05:15:30.123Z".
  kSessionLength,  ///< Milliseconds since then.
  kRun,            ///< 8 hex digits, the same in all requests of a run.
  kId,             ///< UUID that begins with the run.
  kTrace,          ///< 16 hex digits, as unique as kId.
  kMs,
  kSeconds,
  kIso,
  kPage,  ///< Path, "/shoes/1234".
  kTitle,
  kReferrer,
  kProduct,  ///< Number.
  kProductName,
  kCategory,
  kPrice,
  kQuantity,
  kScore,
};

/// How many of them, the first ones, belong to user and session alone.
inline constexpr std::size_t kHolesOfVisit = 9;

/// What the holes of one event are filled with.
struct Filling {
  std::string_view run;          ///< 8 hex digits.
  std::uint64_t user = 0;        ///< Number.
  std::uint64_t user_bits = 0;   ///< Of the user alone.
  std::string_view device;       ///< Text.
  std::int64_t session_ms = 0;   ///< When it began.
  std::uint64_t id = 0;          ///< Unique within the run, and looks random.
  std::int64_t time_ms = 0;      ///< When the event happened.
  std::uint64_t event_bits = 0;  ///< Of the event alone.

  /// Where in the output what belongs to user and session stands already: it is made once for all
  /// events of a request. Empty it for another user and for another output.
  struct Place {
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  std::array<Place, kHolesOfVisit> written{};
};

using Constants = std::vector<std::pair<std::string_view, std::string_view>>;

class Template {
 public:
  /// `constants` are holes that are filled here, once, with text. A name that is neither a constant
  /// nor a Hole is a mistake in the program.
  Template(std::string_view text, const Constants& constants);

  /// Appends the filled text; makes room itself.
  void fill(Filling& filling, Output& out) const;

 private:
  struct Piece {
    std::string text;
    Hole hole{};  ///< Behind the text.
  };
  std::vector<Piece> pieces_;
  std::string end_;
  std::size_t bytes_max_ = 0;
};

/// "rrrrrrrr-xxxx-xxxx-xxxx-xxxxxxxxxxxx".
void put_id(std::string_view run, std::uint64_t id, Output& out);
/// "2026-11-22T05:15:30.123Z".
void put_iso(std::int64_t time_ms, Output& out);
/// "20261122T051530Z".
void put_basic(std::int64_t time_ms, Output& out);

}  // namespace load
