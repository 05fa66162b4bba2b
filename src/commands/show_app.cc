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

std::string shown(const std::string& secret, bool secrets, std::string_view name) {
  return secrets ? secret : std::string(name);
}

std::string endpoints(const registry::App& app, const settings::Paths& paths,
                      const std::string& url) {
  std::string out = "\nEndpoints\n";
  out += fmt::format("  Clickstream       POST {}{}?appId={}\n", url, paths.clickstream, app.id);
  out += fmt::format("  CleverTap         POST {}{}\n", url, paths.clevertap);
  out += fmt::format("  Mobile Analytics  POST {}{}\n", url, paths.mobile_analytics);
  out += fmt::format("  SegmentStream     POST {}{}\n", url, paths.segmentstream);
  return out;
}

std::string clickstream_code(const registry::App& app, const settings::Paths& paths,
                             const std::string& url) {
  return fmt::format(
      "  @aws/clickstream-web\n"
      "    ClickstreamAnalytics.init({{appId: '{0}', endpoint: '{1}{2}'}});\n"
      "  Clickstream Android, Swift, Flutter, React Native (configuration file)\n"
      "    \"appId\": \"{0}\", \"endpoint\": \"{1}{2}\"\n",
      app.id, url, paths.clickstream);
}

std::string clevertap_code(const Credential& key, const std::string& url, bool secrets) {
  return fmt::format(
      "  clevertap (Node)\n"
      "    const client = CleverTap.init('{}', '{}'); client.api.apiEndpoint = '{}/1';\n",
      key.id, shown(key.secret, secrets, "PASSCODE"), url);
}

std::string mobile_analytics_code(const Credential& key, const std::string& url, bool secrets) {
  return fmt::format(
      "  aws-sdk (JavaScript)\n"
      "    new AWS.MobileAnalytics({{endpoint: '{}', region: 'us-east-1', accessKeyId: '{}', "
      "secretAccessKey: '{}'}})\n"
      "    client context services.mobile_analytics.app_id: '{}'\n",
      url, key.id, shown(key.secret, secrets, "SECRET_ACCESS_KEY"), key.mobile_analytics_app_id);
}

std::string segmentstream_code(const Credential& key, const settings::Paths& paths,
                               const std::string& url, bool secrets) {
  return fmt::format(
      "  SegmentStream Tracking API\n"
      "    curl -u {}: -H 'Content-Type: application/json' {}{} -d '{{\"event\": {{\"name\": "
      "\"Registered\", \"user\": {{\"userId\": \"u1\"}}}}}}'\n",
      shown(key.secret, secrets, "API_TOKEN"), url, paths.segmentstream);
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
  out.begin_object().key("app_id").string(app.id);
  out.key("clickstream").begin_object().key("app_id").string(app.id).end_object();
  for (const CredentialKind kind : {CredentialKind::kClevertap, CredentialKind::kMobileAnalytics,
                                    CredentialKind::kSegmentstream}) {
    if (const Credential* credential = first_of(app, kind)) {
      out.key(api_of(kind)).begin_object();
      write_fields(out, *credential, secrets);
      out.end_object();
    }
  }
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

std::string app_page(const registry::App& app, const settings::Paths& paths, const std::string& url,
                     bool secrets) {
  std::string out = app_json(app, secrets) + "\n\nSettings\n";
  for (const auto& [key, value] : registry::list_settings(app.settings)) {
    const bool hidden = key == "auth_cookie" && !secrets && !value.empty();
    out += fmt::format("  {:<24}{}\n", key, hidden ? "(hidden)" : value);
  }
  out += endpoints(app, paths, url) + "\nCode\n" + clickstream_code(app, paths, url);
  if (const Credential* key = first_of(app, CredentialKind::kClevertap)) {
    out += clevertap_code(*key, url, secrets);
  }
  if (const Credential* key = first_of(app, CredentialKind::kMobileAnalytics)) {
    out += mobile_analytics_code(*key, url, secrets);
  }
  if (const Credential* key = first_of(app, CredentialKind::kSegmentstream)) {
    out += segmentstream_code(*key, paths, url, secrets);
  }
  if (!secrets) {
    out += "\nSecrets are left out; 'catchment app show " + app.id + " --secrets' prints them.\n";
  }
  return out;
}

}  // namespace commands
