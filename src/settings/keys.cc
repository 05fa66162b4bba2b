#include "settings/keys.h"

#include "settings/values.h"

#include <array>
#include <string>

namespace settings {
namespace {

constexpr std::array<std::string_view, 3> kSyncNames = {"commit", "interval", "off"};
constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 2> kFormatNames = {"text", "json"};

// One maker for each kind of value. kField takes a Settings to the field the key is about.

template <auto kField, Range kRange>
constexpr Key count_key(std::string_view name, std::string_view doc) {
  return {name,
          [](Settings& s, std::string_view text) { return set_count(kField(s), text, kRange); },
          [](const Settings& s) { return std::to_string(kField(s)); }, doc};
}

template <auto kField, Range kRange>
constexpr Key size_key(std::string_view name, std::string_view doc) {
  return {name,
          [](Settings& s, std::string_view text) { return set_size(kField(s), text, kRange); },
          [](const Settings& s) { return format_size(kField(s)); }, doc};
}

template <auto kField>
constexpr Key duration_key(std::string_view name, std::string_view doc) {
  return {name, [](Settings& s, std::string_view text) { return set_duration(kField(s), text); },
          [](const Settings& s) { return format_duration(kField(s)); }, doc};
}

template <auto kField>
constexpr Key flag_key(std::string_view name, std::string_view doc) {
  return {name, [](Settings& s, std::string_view text) { return set_flag(kField(s), text); },
          [](const Settings& s) { return std::string(kField(s) ? "true" : "false"); }, doc};
}

template <auto kField>
constexpr Key text_key(std::string_view name, std::string_view doc) {
  return {name, [](Settings& s, std::string_view text) { return set_text(kField(s), text); },
          [](const Settings& s) { return kField(s); }, doc};
}

template <auto kField>
constexpr Key path_key(std::string_view name, std::string_view doc) {
  return {name, [](Settings& s, std::string_view text) { return set_path(kField(s), text); },
          [](const Settings& s) { return kField(s); }, doc};
}

template <auto kField>
constexpr Key list_key(std::string_view name, std::string_view doc) {
  return {name, [](Settings& s, std::string_view text) { return set_list(kField(s), text); },
          [](const Settings& s) { return join(kField(s)); }, doc};
}

template <auto kField, const auto& kNames>
constexpr Key choice_key(std::string_view name, std::string_view doc) {
  return {name,
          [](Settings& s, std::string_view text) { return set_choice(kField(s), text, kNames); },
          [](const Settings& s) { return choice_name(kField(s), kNames); }, doc};
}

constexpr std::array<Key, 43> kKeys = {{
    {"server.listen", [](Settings& s, std::string_view text) { return set_listen(s.server, text); },
     [](const Settings& s) { return s.server.host + ":" + std::to_string(s.server.port); },
     "address and port to listen on; port 0 takes any free one"},
    count_key<[](auto& s) -> auto& { return s.server.threads; }, Range{1, 64}>(
        "server.threads", "threads that read requests and write answers"),
    size_key<[](auto& s) -> auto& { return s.server.header_bytes_max; }, Range{1024, 1048576}>(
        "server.header_bytes_max", "largest header block of a request; beyond it 431"),
    count_key<[](auto& s) -> auto& { return s.server.connections_max; }, Range{1, 1000000}>(
        "server.connections_max", "connections open at once; beyond it new ones are closed"),
    size_key<[](auto& s) -> auto& { return s.server.body_memory_max; }, Range{1048576, 0}>(
        "server.body_memory_max",
        "memory for the bodies of all requests being read; beyond it each API pushes back"),
    duration_key<[](auto& s) -> auto& { return s.server.header_timeout; }>(
        "server.header_timeout", "time for the whole header block to arrive"),
    duration_key<[](auto& s) -> auto& { return s.server.body_timeout; }>(
        "server.body_timeout", "time for the whole body to arrive"),
    duration_key<[](auto& s) -> auto& { return s.server.idle_timeout; }>(
        "server.idle_timeout", "how long a connection may wait for its next request"),
    duration_key<[](auto& s) -> auto& { return s.server.write_timeout; }>(
        "server.write_timeout", "time for an answer to be taken by the client"),
    list_key<[](auto& s) -> auto& { return s.server.trusted_proxies; }>(
        "server.trusted_proxies",
        "addresses or ranges (CIDR) whose X-Forwarded-For and X-Forwarded-Proto are believed"),
    text_key<[](auto& s) -> auto& { return s.server.tls_certificate_file; }>(
        "server.tls_certificate_file",
        "certificate chain (PEM); with tls_key_file the server speaks HTTPS; read again on SIGHUP"),
    text_key<[](auto& s) -> auto& { return s.server.tls_key_file; }>(
        "server.tls_key_file", "private key (PEM) of the certificate"),
    path_key<[](auto& s) -> auto& { return s.paths.clickstream; }>("paths.clickstream",
                                                                   "path of the Clickstream API"),
    path_key<[](auto& s) -> auto& { return s.paths.clevertap; }>(
        "paths.clevertap", "path of the CleverTap upload API"),
    path_key<[](auto& s) -> auto& { return s.paths.mobile_analytics; }>(
        "paths.mobile_analytics", "path of the Mobile Analytics API"),
    path_key<[](auto& s) -> auto& { return s.paths.segmentstream; }>(
        "paths.segmentstream", "path of the SegmentStream API"),
    choice_key<[](auto& s) -> auto& { return s.journal.sync; }, kSyncNames>(
        "journal.sync",
        "when an answer is given: `commit` after the bytes are synced, `interval` after they are "
        "written (synced every sync_interval), `off` after they are written "
        "(synced only before the store is sealed)"),
    duration_key<[](auto& s) -> auto& { return s.journal.sync_interval; }>(
        "journal.sync_interval", "how often to sync with `sync = \"interval\"`"),
    size_key<[](auto& s) -> auto& { return s.journal.segment_size; }, Range{1048576, 4294967296}>(
        "journal.segment_size", "size of one journal file"),
    size_key<[](auto& s) -> auto& { return s.journal.queue_size; }, Range{1048576, 0}>(
        "journal.queue_size",
        "accepted bytes that may wait for the disk; beyond it each API pushes back"),
    size_key<[](auto& s) -> auto& { return s.journal.reserve; }, Range{0, 0}>(
        "journal.reserve", "free disk space below which each API pushes back"),
    flag_key<[](auto& s) -> auto& { return s.journal.compress; }>(
        "journal.compress", "compress full journal files with zstd in the background"),
    duration_key<[](auto& s) -> auto& { return s.journal.age_max; }>(
        "journal.age_max",
        "remove journal files older than this, once their rows are sealed and read back; 0s keeps "
        "them for ever"),
    size_key<[](auto& s) -> auto& { return s.journal.size_max; }, Range{0, 0}>(
        "journal.size_max",
        "remove the oldest journal files beyond this size in all, once their rows are sealed and "
        "read back; 0B "
        "keeps them for ever"),
    count_key<[](auto& s) -> auto& { return s.store.seal_rows; }, Range{1, 10000000}>(
        "store.seal_rows", "rows in memory that make the loader write Parquet files"),
    size_key<[](auto& s) -> auto& { return s.store.seal_size; }, Range{1048576, 0}>(
        "store.seal_size", "bytes of rows in memory that make the loader write Parquet files"),
    duration_key<[](auto& s) -> auto& { return s.store.seal_age; }>(
        "store.seal_age",
        "age of the oldest row in memory that makes the loader write Parquet files"),
    size_key<[](auto& s) -> auto& { return s.store.sealing_memory; }, Range{67108864, 0}>(
        "store.sealing_memory",
        "memory for writing Parquet files, and as much for merging them; "
        "merging that needs more goes through the disk"),
    size_key<[](auto& s) -> auto& { return s.query.memory; }, Range{67108864, 0}>(
        "query.memory", "memory for all running queries; a query that needs more fails"),
    count_key<[](auto& s) -> auto& { return s.query.threads; }, Range{1, 256}>(
        "query.threads", "threads that queries run on"),
    count_key<[](auto& s) -> auto& { return s.query.concurrent_max; }, Range{1, 1000}>(
        "query.concurrent_max", "queries that run at once; others wait"),
    duration_key<[](auto& s) -> auto& { return s.query.deadline; }>("query.deadline",
                                                                    "how long a query may run"),
    duration_key<[](auto& s) -> auto& { return s.dedup_window; }>(
        "loader.dedup_window",
        "how long an event id is remembered: a repeat within it is stored once"),
    duration_key<[](auto& s) -> auto& { return s.session_inactivity; }>(
        "sessions.inactivity", "pause that ends a session where the client sends no session id"),
    flag_key<[](auto& s) -> auto& { return s.clickstream_clock_correction; }>(
        "clickstream.clock_correction",
        "correct event times by the difference between upload_timestamp and the receive time"),
    flag_key<[](auto& s) -> auto& { return s.clickstream_traffic_source_reference_order; }>(
        "clickstream.traffic_source_reference_order",
        "classify traffic sources that clients name with page host and page referrer exchanged, as "
        "the vendor's job does by mistake"),
    text_key<[](auto& s) -> auto& { return s.clickstream_project_id; }>(
        "clickstream.project_id",
        "`project_id` of the views `clickstream.event_v2` and "
        "`clickstream_v1.event`"),
    duration_key<[](auto& s) -> auto& { return s.mobile_analytics_clock_skew_max; }>(
        "mobile_analytics.clock_skew_max", "how far the clock of a signed request may be off"),
    duration_key<[](auto& s) -> auto& { return s.canary_interval; }>(
        "canary.interval",
        "how often to send an event of the application `catchment_canary` to the server itself and "
        "look for it with a query; 0s sends none"),
    text_key<[](auto& s) -> auto& { return s.geo_file; }>(
        "enrich.geo_file",
        "a MaxMind database (.mmdb) for the geo columns; read again when it changes"),
    text_key<[](auto& s) -> auto& { return s.user_agent_file; }>(
        "enrich.user_agent_file",
        "uap-core rules (regexes.yaml) to use instead of the built-in ones"),
    choice_key<[](auto& s) -> auto& { return s.log_level; }, kLevelNames>(
        "log.level", "least important entries to write: `debug`, `info`, `warning`, `error`"),
    choice_key<[](auto& s) -> auto& { return s.log_format; }, kFormatNames>(
        "log.format", "`text` or `json`, one entry a line on standard error"),
}};

}  // namespace

std::span<const Key> keys() { return kKeys; }

}  // namespace settings
