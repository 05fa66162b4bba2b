#include "commands/show_app.h"

#include "json/writer.h"
#include "registry/setting_text.h"

#include <fmt/format.h>

namespace commands {
namespace {

using registry::Credential;
using registry::CredentialKind;

void write_fields(json::Writer& out, const Credential& credential, bool secrets) {
  switch (credential.kind) {
    case CredentialKind::kClevertap:
      out.key("account_id").string(credential.id);
      if (secrets) {
        out.key("passcode").string(credential.secret);
      }
      break;
    case CredentialKind::kMobileAnalytics:
      out.key("app_id").string(credential.mobile_analytics_app_id);
      out.key("access_key_id").string(credential.id);
      if (secrets) {
        out.key("secret_access_key").string(credential.secret);
      }
      if (secrets && !credential.session_token.empty()) {
        out.key("session_token").string(credential.session_token);
      }
      if (!credential.cognito_id.empty()) {
        out.key("cognito_id").string(credential.cognito_id);
      }
      break;
    case CredentialKind::kSegmentstream:
      if (secrets) {
        out.key("api_token").string(credential.secret);
      }
      out.key("project_id").string(credential.id);
      break;
  }
}

const Credential* first_of(const registry::App& app, CredentialKind kind) {
  for (const Credential& credential : app.credentials) {
    if (credential.kind == kind) {
      return &credential;
    }
  }
  return nullptr;
}

using Lines = std::vector<std::pair<std::string, std::string>>;

/// API and address.
Lines endpoints(const registry::App& app, const settings::Paths& paths, const std::string& url) {
  return {{"clickstream", fmt::format("{}{}?appId={}", url, paths.clickstream, app.id)},
          {"clevertap", url + paths.clevertap},
          {"mobile_analytics", url + paths.mobile_analytics},
          {"segmentstream", url + paths.segmentstream}};
}

/// Client library and a line of code.
Lines code_lines(const registry::App& app, const settings::Paths& paths, const std::string& url,
                 bool secrets) {
  const auto shown = [secrets](const std::string& secret, const char* name) {
    return secrets ? secret : std::string(name);
  };
  const std::string collect = url + paths.clickstream;
  Lines out = {
      {"@aws/clickstream-web",
       fmt::format("ClickstreamAnalytics.init({{appId: '{}', endpoint: '{}'}});", app.id, collect)},
      {"Clickstream Android, Swift, Flutter, React Native (configuration file)",
       fmt::format("\"appId\": \"{}\", \"endpoint\": \"{}\"", app.id, collect)}};
  if (const Credential* key = first_of(app, CredentialKind::kClevertap)) {
    out.emplace_back("clevertap (Node)", fmt::format("const client = CleverTap.init('{}', '{}'); "
                                                     "client.api.apiEndpoint = '{}/1';",
                                                     key->id, shown(key->secret, "PASSCODE"), url));
  }
  if (const Credential* key = first_of(app, CredentialKind::kMobileAnalytics)) {
    out.emplace_back("aws-sdk (JavaScript)",
                     fmt::format("new AWS.MobileAnalytics({{endpoint: '{}', region: 'us-east-1', "
                                 "accessKeyId: '{}', secretAccessKey: '{}'}}) // app_id: '{}'",
                                 url, key->id, shown(key->secret, "SECRET_ACCESS_KEY"),
                                 key->mobile_analytics_app_id));
  }
  if (const Credential* key = first_of(app, CredentialKind::kSegmentstream)) {
    out.emplace_back("SegmentStream Tracking API",
                     fmt::format("curl -u {}: -H 'Content-Type: application/json' {}{} -d "
                                 "'{{\"event\": {{\"name\": \"Registered\", \"user\": "
                                 "{{\"userId\": \"u1\"}}}}}}'",
                                 shown(key->secret, "API_TOKEN"), url, paths.segmentstream));
  }
  return out;
}

Lines settings_of(const registry::App& app, bool secrets) {
  Lines out;
  for (const auto& [key, value] : registry::list_settings(app.settings)) {
    const bool hidden = key == "auth_cookie" && !secrets && !value.empty();
    out.emplace_back(key, hidden ? "(hidden)" : value);
  }
  return out;
}

void write_credentials(json::Writer& out, const registry::App& app, bool secrets) {
  out.key("app_id").string(app.id);
  out.key("clickstream").begin_object().key("app_id").string(app.id).end_object();
  for (const CredentialKind kind : {CredentialKind::kClevertap, CredentialKind::kMobileAnalytics,
                                    CredentialKind::kSegmentstream}) {
    if (const Credential* credential = first_of(app, kind)) {
      out.key(api_of(kind)).begin_object();
      write_fields(out, *credential, secrets);
      out.end_object();
    }
  }
}

void write_lines(json::Writer& out, std::string_view name, const Lines& lines) {
  out.key(name).begin_object();
  for (const auto& [key, value] : lines) {
    out.key(key).string(value);
  }
  out.end_object();
}

}  // namespace

std::string_view api_of(CredentialKind kind) {
  switch (kind) {
    case CredentialKind::kClevertap: return "clevertap";
    case CredentialKind::kMobileAnalytics: return "mobile_analytics";
    case CredentialKind::kSegmentstream: return "segmentstream";
  }
  return "";
}

std::string app_json(const registry::App& app, bool secrets) {
  json::Writer out;
  out.begin_object();
  write_credentials(out, app, secrets);
  out.end_object();
  return std::move(out).text();
}

std::string credentials_json(const std::vector<Credential>& credentials, bool secrets) {
  json::Writer out;
  out.begin_array();
  for (const Credential& credential : credentials) {
    out.begin_object().key("key").string(credential.key);
    out.key("api").string(api_of(credential.kind));
    write_fields(out, credential, secrets);
    out.end_object();
  }
  out.end_array();
  return std::move(out).text();
}

std::string app_page_json(const registry::App& app, const settings::Paths& paths,
                          const std::string& url, bool secrets) {
  json::Writer out;
  out.begin_object();
  write_credentials(out, app, secrets);
  write_lines(out, "settings", settings_of(app, secrets));
  write_lines(out, "endpoints", endpoints(app, paths, url));
  write_lines(out, "code", code_lines(app, paths, url, secrets));
  out.end_object();
  return std::move(out).text() + "\n";
}

std::string app_page(const registry::App& app, const settings::Paths& paths, const std::string& url,
                     bool secrets) {
  std::string out = app_json(app, secrets) + "\n\nSettings\n";
  for (const auto& [key, value] : settings_of(app, secrets)) {
    out += fmt::format("  {:<24}{}\n", key, value);
  }
  out += "\nEndpoints\n";
  for (const auto& [api, address] : endpoints(app, paths, url)) {
    out += fmt::format("  {:<18}POST {}\n", api, address);
  }
  out += "\nCode\n";
  for (const auto& [library, line] : code_lines(app, paths, url, secrets)) {
    out += fmt::format("  {}\n    {}\n", library, line);
  }
  if (!secrets) {
    out += "\nSecrets are left out; 'catchment app show " + app.id + " --secrets' prints them.\n";
  }
  return out;
}

}  // namespace commands
