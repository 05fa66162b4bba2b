#pragma once
// The settings of a server: one TOML file, each key also an environment variable
// CATCHMENT_SECTION_KEY, which wins. Everything is checked while loading: a Settings that exists is
// valid. docs/settings.md lists every key; a test holds the page against list_settings().

#include "base/log.h"
#include "base/result.h"
#include "journal/writer.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace settings {

struct Server {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  std::uint64_t threads = 1;
  std::uint64_t header_bytes_max = 32U << 10U;
  std::uint64_t connections_max = 20'000;
  std::uint64_t body_memory_max = std::uint64_t{256} << 20U;
  std::chrono::milliseconds header_timeout{15'000};
  std::chrono::milliseconds body_timeout{60'000};
  std::chrono::milliseconds idle_timeout{75'000};
  std::chrono::milliseconds write_timeout{30'000};
  std::vector<std::string> trusted_proxies;
  std::string tls_certificate_file;
  std::string tls_key_file;
};

struct Paths {
  std::string clickstream = "/collect";
  std::string clevertap = "/1/upload";
  std::string mobile_analytics = "/2014-06-05/events";
  std::string segmentstream = "/track";
};

struct Journal {
  journal::SyncMode sync = journal::SyncMode::kCommit;
  std::chrono::milliseconds sync_interval{1000};
  std::uint64_t segment_size = std::uint64_t{128} << 20U;
  std::uint64_t queue_size = std::uint64_t{64} << 20U;
  std::uint64_t reserve = std::uint64_t{512} << 20U;
  bool compress = true;
  std::chrono::milliseconds age_max{0};
  std::uint64_t size_max = 0;
};

struct Store {
  std::uint64_t seal_rows = 120'000;
  std::uint64_t seal_size = std::uint64_t{96} << 20U;
  std::chrono::milliseconds seal_age{300'000};
  std::uint64_t sealing_memory = std::uint64_t{192} << 20U;
};

struct Query {
  /// json_each() copies an object for each of its keys: 1.3 GiB for one of 10,000.
  std::uint64_t memory = std::uint64_t{2} << 30U;
  std::uint64_t threads = 2;
  std::uint64_t concurrent_max = 4;
  std::chrono::milliseconds deadline{60'000};
};

struct Settings {
  Server server;
  Paths paths;
  Journal journal;
  Store store;
  Query query;
  std::chrono::milliseconds dedup_window{std::chrono::days(30)};
  std::chrono::milliseconds session_inactivity{std::chrono::minutes(30)};
  bool clickstream_clock_correction = false;
  bool clickstream_traffic_source_reference_order = false;
  std::string clickstream_project_id;
  std::chrono::milliseconds mobile_analytics_clock_skew_max{std::chrono::minutes(15)};
  std::chrono::milliseconds canary_interval{0};  ///< 0: none is sent.
  std::string geo_file;
  std::string user_agent_file;
  base::LogLevel log_level = base::LogLevel::kInfo;
  base::LogFormat log_format = base::LogFormat::kText;
};

/// Environment variables by name.
using Environment = std::map<std::string, std::string>;

/// Reads `toml` (the text of `file_name`, which is only for messages), then `environment`. kInvalid
/// names the key, its line where there is one, and what is expected; unknown keys are refused, in
/// the environment those that begin like a known section.
base::Result<Settings> load(std::string_view toml, std::string_view file_name,
                            const Environment& environment);

/// Splits "127.0.0.1:8080" or "[::1]:8080".
base::Status set_listen(Server& server, std::string_view text);

/// One key, its default as text, and what it does; for docs/settings.md.
struct SettingInfo {
  std::string_view key;
  std::string default_value;
  std::string_view doc;
};
std::vector<SettingInfo> list_settings();

}  // namespace settings
