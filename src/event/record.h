#pragma once
// One accepted (or refused) request, as the journal keeps it: the envelope and the body bytes as
// sent. The edge builds a Record, writes it with encode_record() and hands the bytes to the
// journal; the loader reads them back with decode_record() and decodes the same events again.
// The byte layout is in docs/formats/journal.md.

#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace event {

/// Where a record stands in the journal: 1 for the first record ever, then 2, 3, ... without
/// gaps. 0 means none. Positions never change, whatever happens to the files they lie in.
using Position = std::uint64_t;

/// The APIs we speak. Values are on disk: never renumber.
enum class Api : std::uint8_t {
  kClickstream = 1,
  kClevertap = 2,
  kMobileAnalytics = 3,
  kSegmentstream = 4,
};

/// The name in the `api` column: "clickstream", "clevertap", "mobile_analytics", "segmentstream".
std::string_view api_name(Api api);
std::optional<Api> api_from_name(std::string_view name);

/// Why a record is in the journal. Values are on disk: never renumber.
enum class RecordKind : std::uint8_t {
  kAccepted = 1,  ///< Decode it; store what is good, put aside what is not.
  kRefused = 2,   ///< The client was told no for the content: keep it whole in rejected_event.
};

struct Header {
  std::string_view name;  ///< Lower case.
  std::string_view value;
};

/// A verdict the edge took that needs more than the request to take (a per-app setting, a count of
/// event names, an idempotency key, the registered app ids). Decoding reads notes instead of the
/// registry, so that the loader decides today, and after a rebuild in a year, as the edge did.
struct Note {
  std::string_view key;
  std::string_view value;
};

/// Lifetime: every view points into memory somebody else owns: the request's buffers on the way
/// in, the journal entry's bytes on the way out.
struct Record {
  RecordKind kind = RecordKind::kAccepted;
  Api api = Api::kClickstream;
  base::Time received_at{};
  std::string_view app_id;      ///< The application whose credentials the request carried.
  std::string_view request_id;  ///< Also sent to the client; `rid` in SQL.
  std::string_view method;
  std::string_view target;   ///< Path and query as received.
  std::string_view peer_ip;  ///< Who connected, after trusted proxies.
  std::string_view user_agent;
  std::vector<Header> headers;  ///< The few that decoding or an operator needs; no credentials.
  std::vector<Note> notes;
  std::string_view body;  ///< As sent, still compressed.

  /// The value of the first header called `name` (lower case), or "".
  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// The value of the note called `key`, if it is there.
  [[nodiscard]] std::optional<std::string_view> note(std::string_view key) const;
  /// Path without the query, and the query without its "?".
  [[nodiscard]] std::string_view path() const;
  [[nodiscard]] std::string_view query() const;
};

/// Appends the record's bytes to `out`.
void encode_record(const Record& record, std::string& out);

/// Reads what encode_record() wrote. Lifetime: the views point into `bytes`. kCorrupt when it is
/// not a record, or one of a newer version.
base::Result<Record> decode_record(std::string_view bytes);

}  // namespace event
