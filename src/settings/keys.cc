#include "settings/keys.h"

#include <array>
#include <charconv>
#include <optional>

#include "settings/units.h"

namespace settings {
namespace {

/// Smallest and largest allowed value; a `max` of 0 is none.
struct Range {
  std::uint64_t min = 0;
  std::uint64_t max = 0;
};

base::Status bad(std::string_view text, std::string_view expected) {
  return base::fail(base::Code::kInvalid,
                    "\"" + std::string(text) + "\" is not " + std::string(expected));
}

base::Status set_number(std::uint64_t& field, std::optional<std::uint64_t> value,
                        std::string_view text, Range range) {
  if (!value) {
    return bad(text, "a whole number, or a size such as 64MiB");
  }
  if (*value < range.min || (range.max != 0 && *value > range.max)) {
    return bad(text, range.max == 0 ? std::to_string(range.min) + " or more"
                                    : "between " + std::to_string(range.min) + " and " +
                                          std::to_string(range.max));
  }
  field = *value;
  return base::ok();
}

base::Status set_count(std::uint64_t& field, std::string_view text, Range range) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return set_number(field, whole ? std::optional(value) : std::nullopt, text, range);
}

base::Status set_size(std::uint64_t& field, std::string_view text, Range range) {
  return set_number(field, parse_size(text), text, range);
}

base::Status set_duration(std::chrono::milliseconds& field, std::string_view text) {
  const std::optional<std::chrono::milliseconds> value = parse_duration(text);
  if (!value) {
    return bad(text, "a duration such as 250ms, 15m or 30d");
  }
  field = *value;
  return base::ok();
}

base::Status set_flag(bool& field, std::string_view text) {
  if (text != "true" && text != "false") {
    return bad(text, "true or false");
  }
  field = text == "true";
  return base::ok();
}

base::Status set_text(std::string& field, std::string_view text) {
  field = text;
  return base::ok();
}

base::Status set_path(std::string& field, std::string_view text) {
  if (!text.starts_with('/') || text.find_first_of("?# ") != std::string_view::npos) {
    return bad(text, "a path such as /collect");
  }
  field = text;
  return base::ok();
}

base::Status set_list(std::vector<std::string>& field, std::string_view text) {
  field.clear();
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    while (part.starts_with(' ')) {
      part.remove_prefix(1);
    }
    while (part.ends_with(' ')) {
      part.remove_suffix(1);
    }
    if (!part.empty()) {
      field.emplace_back(part);
    }
  }
  return base::ok();
}

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    out += (out.empty() ? "" : ",") + part;
  }
  return out;
}

/// Texts of an enumeration's values, in the order of the enumeration.
template <class Enum, std::size_t kCount>
base::Status set_choice(Enum& field, std::string_view text,
                        const std::array<std::string_view, kCount>& names) {
  std::string expected;
  for (std::size_t i = 0; i < kCount; ++i) {
    if (names.at(i) == text) {
      field = static_cast<Enum>(i);
      return base::ok();
    }
    expected += (i == 0 ? "" : ", ") + std::string(names.at(i));
  }
  return bad(text, "one of " + expected);
}

constexpr std::array<std::string_view, 3> kSyncNames = {"commit", "interval", "off"};
constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 2> kFormatNames = {"text", "json"};

template <class Enum, std::size_t kCount>
std::string choice_name(Enum value, const std::array<std::string_view, kCount>& names) {
  return std::string(names.at(static_cast<std::size_t>(value)));
}

constexpr std::array<Key, 40> kKeys = {{
    {"server.listen", [](Settings& s, std::string_view t) { return set_listen(s.server, t); },
     [](const Settings& s) { return s.server.host + ":" + std::to_string(s.server.port); },
     "address and port to listen on; port 0 takes any free one"},
    {"server.threads", [](Settings& s, std::string_view t) { return set_count(s.server.threads, t, {1, 64}); },
     [](const Settings& s) { return std::to_string(s.server.threads); },
     "threads that read requests and write answers"},
    {"server.header_bytes_max", [](Settings& s, std::string_view t) { return set_size(s.server.header_bytes_max, t, {1024, 1048576}); },
     [](const Settings& s) { return format_size(s.server.header_bytes_max); },
     "largest header block of a request; beyond it 431"},
    {"server.connections_max", [](Settings& s, std::string_view t) { return set_count(s.server.connections_max, t, {1, 1000000}); },
     [](const Settings& s) { return std::to_string(s.server.connections_max); },
     "connections open at once; beyond it new ones are closed"},
    {"server.body_memory_max", [](Settings& s, std::string_view t) { return set_size(s.server.body_memory_max, t, {1048576, 0}); },
     [](const Settings& s) { return format_size(s.server.body_memory_max); },
     "memory for the bodies of all requests being read; beyond it each API pushes back"},
    {"server.header_timeout", [](Settings& s, std::string_view t) { return set_duration(s.server.header_timeout, t); },
     [](const Settings& s) { return format_duration(s.server.header_timeout); },
     "time for the whole header block to arrive"},
    {"server.body_timeout", [](Settings& s, std::string_view t) { return set_duration(s.server.body_timeout, t); },
     [](const Settings& s) { return format_duration(s.server.body_timeout); },
     "time for the whole body to arrive"},
    {"server.idle_timeout", [](Settings& s, std::string_view t) { return set_duration(s.server.idle_timeout, t); },
     [](const Settings& s) { return format_duration(s.server.idle_timeout); },
     "how long a connection may wait for its next request"},
    {"server.write_timeout", [](Settings& s, std::string_view t) { return set_duration(s.server.write_timeout, t); },
     [](const Settings& s) { return format_duration(s.server.write_timeout); },
     "time for an answer to be taken by the client"},
    {"server.trusted_proxies", [](Settings& s, std::string_view t) { return set_list(s.server.trusted_proxies, t); },
     [](const Settings& s) { return join(s.server.trusted_proxies); },
     "addresses or ranges (CIDR) whose X-Forwarded-For and X-Forwarded-Proto are believed"},
    {"server.tls_certificate_file", [](Settings& s, std::string_view t) { return set_text(s.server.tls_certificate_file, t); },
     [](const Settings& s) { return s.server.tls_certificate_file; },
     "certificate chain (PEM); with tls_key_file the server speaks HTTPS; read again on "
     "SIGHUP"},
    {"server.tls_key_file", [](Settings& s, std::string_view t) { return set_text(s.server.tls_key_file, t); },
     [](const Settings& s) { return s.server.tls_key_file; },
     "private key (PEM) of the certificate"},
    {"paths.clickstream", [](Settings& s, std::string_view t) { return set_path(s.paths.clickstream, t); },
     [](const Settings& s) { return s.paths.clickstream; },
     "path of the Clickstream API"},
    {"paths.clevertap", [](Settings& s, std::string_view t) { return set_path(s.paths.clevertap, t); },
     [](const Settings& s) { return s.paths.clevertap; },
     "path of the CleverTap upload API"},
    {"paths.mobile_analytics", [](Settings& s, std::string_view t) { return set_path(s.paths.mobile_analytics, t); },
     [](const Settings& s) { return s.paths.mobile_analytics; },
     "path of the Mobile Analytics API"},
    {"paths.segmentstream", [](Settings& s, std::string_view t) { return set_path(s.paths.segmentstream, t); },
     [](const Settings& s) { return s.paths.segmentstream; },
     "path of the SegmentStream API"},
    {"journal.sync", [](Settings& s, std::string_view t) { return set_choice(s.journal.sync, t, kSyncNames); },
     [](const Settings& s) { return choice_name(s.journal.sync, kSyncNames); },
     "when an answer is given: `commit` after the bytes are synced, `interval` after they "
     "are written (synced every sync_interval), `off` after they are written (never "
     "synced)"},
    {"journal.sync_interval", [](Settings& s, std::string_view t) { return set_duration(s.journal.sync_interval, t); },
     [](const Settings& s) { return format_duration(s.journal.sync_interval); },
     "how often to sync with `sync = \"interval\"`"},
    {"journal.segment_size", [](Settings& s, std::string_view t) { return set_size(s.journal.segment_size, t, {1048576, 4294967296}); },
     [](const Settings& s) { return format_size(s.journal.segment_size); },
     "size of one journal file"},
    {"journal.queue_size", [](Settings& s, std::string_view t) { return set_size(s.journal.queue_size, t, {1048576, 0}); },
     [](const Settings& s) { return format_size(s.journal.queue_size); },
     "accepted bytes that may wait for the disk; beyond it each API pushes back"},
    {"journal.reserve", [](Settings& s, std::string_view t) { return set_size(s.journal.reserve, t, {0, 0}); },
     [](const Settings& s) { return format_size(s.journal.reserve); },
     "free disk space below which each API pushes back"},
    {"journal.compress", [](Settings& s, std::string_view t) { return set_flag(s.journal.compress, t); },
     [](const Settings& s) { return std::string(s.journal.compress ? "true" : "false"); },
     "compress full journal files with zstd in the background"},
    {"journal.age_max", [](Settings& s, std::string_view t) { return set_duration(s.journal.age_max, t); },
     [](const Settings& s) { return format_duration(s.journal.age_max); },
     "remove journal files older than this, once their rows are sealed; 0s keeps them for "
     "ever"},
    {"journal.size_max", [](Settings& s, std::string_view t) { return set_size(s.journal.size_max, t, {0, 0}); },
     [](const Settings& s) { return format_size(s.journal.size_max); },
     "remove the oldest journal files beyond this size in all, once their rows are "
     "sealed; 0B keeps them for ever"},
    {"store.seal_rows", [](Settings& s, std::string_view t) { return set_count(s.store.seal_rows, t, {1, 10000000}); },
     [](const Settings& s) { return std::to_string(s.store.seal_rows); },
     "rows in memory that make the loader write Parquet files"},
    {"store.seal_size", [](Settings& s, std::string_view t) { return set_size(s.store.seal_size, t, {1048576, 0}); },
     [](const Settings& s) { return format_size(s.store.seal_size); },
     "bytes of rows in memory that make the loader write Parquet files"},
    {"store.seal_age", [](Settings& s, std::string_view t) { return set_duration(s.store.seal_age, t); },
     [](const Settings& s) { return format_duration(s.store.seal_age); },
     "age of the oldest row in memory that makes the loader write Parquet files"},
    {"store.sealing_memory", [](Settings& s, std::string_view t) { return set_size(s.store.sealing_memory, t, {67108864, 0}); },
     [](const Settings& s) { return format_size(s.store.sealing_memory); },
     "memory for writing and merging Parquet files"},
    {"query.memory", [](Settings& s, std::string_view t) { return set_size(s.query.memory, t, {67108864, 0}); },
     [](const Settings& s) { return format_size(s.query.memory); },
     "memory for all running queries; a query that needs more fails"},
    {"query.threads", [](Settings& s, std::string_view t) { return set_count(s.query.threads, t, {1, 256}); },
     [](const Settings& s) { return std::to_string(s.query.threads); },
     "threads that queries run on"},
    {"query.concurrent_max", [](Settings& s, std::string_view t) { return set_count(s.query.concurrent_max, t, {1, 1000}); },
     [](const Settings& s) { return std::to_string(s.query.concurrent_max); },
     "queries that run at once; others wait"},
    {"query.deadline", [](Settings& s, std::string_view t) { return set_duration(s.query.deadline, t); },
     [](const Settings& s) { return format_duration(s.query.deadline); },
     "how long a query may run"},
    {"loader.dedup_window", [](Settings& s, std::string_view t) { return set_duration(s.dedup_window, t); },
     [](const Settings& s) { return format_duration(s.dedup_window); },
     "how long an event id is remembered: a repeat within it is stored once"},
    {"sessions.inactivity", [](Settings& s, std::string_view t) { return set_duration(s.session_inactivity, t); },
     [](const Settings& s) { return format_duration(s.session_inactivity); },
     "pause that ends a session where the client sends no session id"},
    {"clickstream.clock_correction", [](Settings& s, std::string_view t) { return set_flag(s.clickstream_clock_correction, t); },
     [](const Settings& s) { return std::string(s.clickstream_clock_correction ? "true" : "false"); },
     "correct event times by the difference between upload_timestamp and the receive time"},
    {"mobile_analytics.clock_skew_max", [](Settings& s, std::string_view t) { return set_duration(s.mobile_analytics_clock_skew_max, t); },
     [](const Settings& s) { return format_duration(s.mobile_analytics_clock_skew_max); },
     "how far the clock of a signed request may be off"},
    {"enrich.geo_file", [](Settings& s, std::string_view t) { return set_text(s.geo_file, t); },
     [](const Settings& s) { return s.geo_file; },
     "a MaxMind database (.mmdb) for the geo columns; read again when it changes"},
    {"enrich.user_agent_file", [](Settings& s, std::string_view t) { return set_text(s.user_agent_file, t); },
     [](const Settings& s) { return s.user_agent_file; },
     "uap-core rules (regexes.yaml) to use instead of the built-in ones"},
    {"log.level", [](Settings& s, std::string_view t) { return set_choice(s.log_level, t, kLevelNames); },
     [](const Settings& s) { return choice_name(s.log_level, kLevelNames); },
     "least important entries to write: `debug`, `info`, `warning`, `error`"},
    {"log.format", [](Settings& s, std::string_view t) { return set_choice(s.log_format, t, kFormatNames); },
     [](const Settings& s) { return choice_name(s.log_format, kFormatNames); },
     "`text` or `json`, one entry a line on standard error"},
}};

}  // namespace

std::span<const Key> keys() { return kKeys; }

}  // namespace settings
