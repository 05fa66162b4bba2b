#include "registry/setting_text.h"

#include "kpi/rules/rules.h"

#include <array>
#include <charconv>
#include <filesystem>

namespace registry {
namespace {

constexpr std::array<std::pair<LimitMode, std::string_view>, 3> kLimitNames = {{
    {LimitMode::kVendor, "vendor"},
    {LimitMode::kLenient, "lenient"},
    {LimitMode::kQuarantine, "quarantine"},
}};

base::Error bad_value(std::string_view key, std::string_view value, std::string_view expected) {
  return base::fail(base::Code::kInvalid, "value \"" + std::string(value) + "\" of \"" +
                                              std::string(key) + "\" is not " +
                                              std::string(expected));
}

base::Status set_text(std::string& field, std::string_view value) {
  field = value;
  return base::ok();
}

base::Status set_bool(bool& field, std::string_view key, std::string_view value) {
  if (value != "true" && value != "false") {
    return bad_value(key, value, "true or false");
  }
  field = value == "true";
  return base::ok();
}

base::Status set_count(std::int64_t& field, std::string_view key, std::string_view value) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < 0) {
    return bad_value(key, value, "a whole number of 0 or more");
  }
  field = number;
  return base::ok();
}

base::Status set_limits(LimitMode& field, std::string_view value) {
  for (const auto& [mode, name] : kLimitNames) {
    if (name == value) {
      field = mode;
      return base::ok();
    }
  }
  return bad_value("limits", value, "vendor, lenient or quarantine");
}

/// A zone is known when the system's zone files have it; without zone files only the form counts.
base::Status set_time_zone(std::string& field, std::string_view value) {
  const std::filesystem::path zones("/usr/share/zoneinfo");
  std::error_code ignored;
  const bool has_zones = std::filesystem::exists(zones, ignored);
  const bool plain =
      value.find("..") == std::string_view::npos && !value.starts_with('/') && !value.empty();
  if (!plain || (has_zones && value != "UTC" &&
                 !std::filesystem::is_regular_file(zones / std::string(value), ignored))) {
    return bad_value("time_zone", value, "a time zone such as UTC or Europe/Berlin");
  }
  field = value;
  return base::ok();
}

base::Status set_origins(std::vector<std::string>& field, std::string_view value) {
  std::vector<std::string> origins;
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    std::string_view origin = value.substr(0, comma);
    value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
    while (origin.starts_with(' ')) {
      origin.remove_prefix(1);
    }
    while (origin.ends_with(' ') || origin.ends_with('/')) {
      origin.remove_suffix(1);
    }
    if (origin.empty()) {
      continue;
    }
    if (origin != "*" && origin.find("://") == std::string_view::npos) {
      return bad_value("cors_origins", origin, "an origin such as https://shop.example, or *");
    }
    origins.emplace_back(origin);
  }
  field = std::move(origins);
  return base::ok();
}

/// Empty takes the application back to the defaults.
base::Status set_active_events(std::string& field, std::string_view value) {
  const auto names = kpi::parse_active_events(value);
  if (!value.empty() && !names) {
    return bad_value("active_events", value, "valid: " + names.error().message);
  }
  return set_text(field, value);
}

base::Status set_revenue(std::string& field, std::string_view value) {
  const auto rules = kpi::parse_revenue(value);
  if (!value.empty() && !rules) {
    return bad_value("revenue", value, "valid: " + rules.error().message);
  }
  return set_text(field, value);
}

std::string join_origins(const std::vector<std::string>& origins) {
  std::string out;
  for (const std::string& origin : origins) {
    out += (out.empty() ? "" : ",") + origin;
  }
  return out;
}

std::string bool_text(bool value) { return value ? "true" : "false"; }

struct Setting {
  std::string_view key;
  base::Status (*apply)(AppSettings&, std::string_view);
  std::string (*read)(const AppSettings&);
};

constexpr std::array<Setting, 15> kSettings = {{
    {"name", [](AppSettings& s, std::string_view v) { return set_text(s.name, v); },
     [](const AppSettings& s) { return s.name; }},
    {"time_zone", [](AppSettings& s, std::string_view v) { return set_time_zone(s.time_zone, v); },
     [](const AppSettings& s) { return s.time_zone; }},
    {"cors_origins",
     [](AppSettings& s, std::string_view v) { return set_origins(s.cors_origins, v); },
     [](const AppSettings& s) { return join_origins(s.cors_origins); }},
    {"limits", [](AppSettings& s, std::string_view v) { return set_limits(s.limits, v); },
     [](const AppSettings& s) {
       return std::string(kLimitNames.at(static_cast<std::size_t>(s.limits)).second);
     }},
    {"auth_cookie", [](AppSettings& s, std::string_view v) { return set_text(s.auth_cookie, v); },
     [](const AppSettings& s) { return s.auth_cookie; }},
    {"trust_forwarded_for",
     [](AppSettings& s, std::string_view v) {
       return set_bool(s.trust_forwarded_for, "trust_forwarded_for", v);
     },
     [](const AppSettings& s) { return bool_text(s.trust_forwarded_for); }},
    {"verify_hash_code",
     [](AppSettings& s, std::string_view v) {
       return set_bool(s.verify_hash_code, "verify_hash_code", v);
     },
     [](const AppSettings& s) { return bool_text(s.verify_hash_code); }},
    {"any_content_type",
     [](AppSettings& s, std::string_view v) {
       return set_bool(s.any_content_type, "any_content_type", v);
     },
     [](const AppSettings& s) { return bool_text(s.any_content_type); }},
    {"account_id", [](AppSettings& s, std::string_view v) { return set_text(s.account_id, v); },
     [](const AppSettings& s) { return s.account_id; }},
    {"cognito_identity_pool_id",
     [](AppSettings& s, std::string_view v) { return set_text(s.cognito_identity_pool_id, v); },
     [](const AppSettings& s) { return s.cognito_identity_pool_id; }},
    {"cognito_identities",
     [](AppSettings& s, std::string_view v) {
       return set_bool(s.cognito_identities, "cognito_identities", v);
     },
     [](const AppSettings& s) { return bool_text(s.cognito_identities); }},
    {"requests_in_flight_max",
     [](AppSettings& s, std::string_view v) {
       return set_count(s.requests_in_flight_max, "requests_in_flight_max", v);
     },
     [](const AppSettings& s) { return std::to_string(s.requests_in_flight_max); }},
    {"active_events",
     [](AppSettings& s, std::string_view v) { return set_active_events(s.active_events, v); },
     [](const AppSettings& s) { return s.active_events; }},
    {"revenue", [](AppSettings& s, std::string_view v) { return set_revenue(s.revenue, v); },
     [](const AppSettings& s) { return s.revenue; }},
    {"keys_read_kpis",
     [](AppSettings& s, std::string_view v) {
       return set_bool(s.keys_read_kpis, "keys_read_kpis", v);
     },
     [](const AppSettings& s) { return bool_text(s.keys_read_kpis); }},
}};

}  // namespace

base::Status apply_setting(AppSettings& settings, std::string_view key, std::string_view value) {
  std::string known;
  for (const Setting& setting : kSettings) {
    if (setting.key == key) {
      return setting.apply(settings, value);
    }
    known += (known.empty() ? "" : ", ") + std::string(setting.key);
  }
  return base::fail(base::Code::kInvalid, "there is no application setting \"" + std::string(key) +
                                              "\"; the settings are " + known);
}

std::vector<std::pair<std::string, std::string>> list_settings(const AppSettings& settings) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Setting& setting : kSettings) {
    out.emplace_back(setting.key, setting.read(settings));
  }
  return out;
}

}  // namespace registry
