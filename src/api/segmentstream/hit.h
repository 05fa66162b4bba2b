#pragma once
// One request body: unpacked, parsed, and what every hit must have.

#include "event/record.h"
#include "json/value.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace api::segmentstream {

inline constexpr std::size_t kBodyBytesMax = 65'536;

/// Why a hit is refused.
struct Problem {
  std::string_view code;  ///< Stable; the `code` of rejected_event and of the error body.
  std::string reason;
};

/// Lifetime: values point into `document`.
struct Hit {
  std::optional<std::string> unpacked;  ///< The body without its Content-Encoding, if it had one.
  std::optional<json::Document> document;
  std::optional<Problem> problem;  ///< Set when there is no document.

  [[nodiscard]] json::Value root() const { return document ? document->root() : json::Value(); }
  /// The body as text for a person: unpacked where that worked.
  [[nodiscard]] std::string_view text(const event::Record& record) const {
    return unpacked ? std::string_view(*unpacked) : record.body;
  }
};

/// Unpacks and parses; refuses what is larger than the limit, packed or unpacked.
Hit read_hit(const event::Record& record);

/// Who a hit is about; the ids stand in `event.user`, in a top-level `user` or at the top level.
struct Ids {
  std::string user_id;
  std::string anonymous_id;
};
Ids read_ids(json::Value root);

/// What is missing or of the wrong type in a parsed hit, or nothing.
std::optional<Problem> check_hit(json::Value root);

}  // namespace api::segmentstream
