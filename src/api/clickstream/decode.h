#pragma once
// Record -> events, profile changes and rejections of the clickstream API. Pure: no I/O, no clock,
// no registry; everything it needs is in the Record and its notes. The edge calls review() for its
// verdict, the loader calls decode() for the rows; both read the body through batch.h, so they
// never disagree.
//
// Notes of a record: "unknown_apps" (JSON array: app_ids of this batch that are not registered),
// "registered_apps" (text for a person: those that are), "trust_forwarded_for" ("0": the header is
// ignored), "limits" ("quarantine": events over a limit are put aside); a refused record has "code"
// and "reason".

#include "event/event.h"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace api::clickstream {

/// Never fails: what cannot be stored is a Rejection. A kRefused record gives one Rejection from
/// its notes "code" and "reason".
event::Decoded decode(const event::Record& record);

/// What the edge needs to know of a body before it is stored.
struct Review {
  std::uint32_t units = 0;                          ///< What the books count as received.
  std::uint32_t rejected = 0;                       ///< How many of them will not be stored.
  std::string first_reason;                         ///< Why the first of them will not.
  std::set<std::string, std::less<>> unknown_apps;  ///< Their app_ids that are not registered.
};
/// Cheaper than decode(): makes no rows. A limit that is only marked, or puts an event aside by the
/// app's wish, does not show here.
Review review(const event::Record& record,
              const std::function<bool(std::string_view app_id)>& is_registered);

}  // namespace api::clickstream
