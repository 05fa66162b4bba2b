#include "api/mobile_analytics/context.h"

#include "api/mobile_analytics/client.h"
#include "base/text.h"
#include "codec/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace api::mobile_analytics {
namespace {

constexpr std::array<std::string_view, 7> kPlatforms = {
    "iphoneos", "android", "windowsphone", "blackberry", "macos", "windows", "linux"};

/// How AWS starts every refusal of a context; the member follows.
Problem malformed(std::string_view why) {
  return {kInvalidContext, "Client context is malformed or missing. " + std::string(why)};
}

/// Raw JSON, or base64 of it: Android and Unity say so in a header of their own, but what starts
/// with a brace is no base64 anyway.
base::Result<json::Document> parse(const event::Record& record) {
  const std::string_view text = base::trim(record.header(kContextHeader), base::kWhiteSpace);
  if (text.starts_with('{')) {
    return json::Document::parse(text);
  }
  const std::optional<std::string> decoded = codec::decode_base64(text);
  if (!decoded || !base::trim(*decoded, base::kWhiteSpace).starts_with('{')) {
    return base::fail(base::Code::kInvalid, "it is neither a JSON object nor base64 of one");
  }
  return json::Document::parse(*decoded);
}

/// Reads members, and remembers the first that is not what it must be.
class Fields {
 public:
  explicit Fields(const Rules& rules) : rules_(rules) {}

  json::Value object(json::Value parent, std::string_view path, std::string_view key) {
    const json::Value value = parent[key];
    if (value && !value.is_object() && rules_.context_is_complete) {
      complain(path, "must be an object");
    }
    return value;
  }

  std::string text(json::Value parent, std::string_view path, std::string_view key) {
    const json::Value value = parent[key];
    if (value && !value.is_string() && rules_.context_is_complete) {
      complain(path, "must be a string");
    }
    return json::to_text(value);
  }

  /// A text that must be there; `always` also from published clients.
  std::string required(json::Value parent, std::string_view path, std::string_view key,
                       bool always) {
    const json::Value value = parent[key];
    if (always ? value.string().value_or("").empty()
               : rules_.context_is_complete && !value.is_string()) {
      complain(path,
               value && !value.is_null() ? "must be a string that is not empty" : "is required");
    }
    return always ? std::string(value.string().value_or("")) : json::to_text(value);
  }

  void complain(std::string_view path, std::string_view what) {
    if (!problem_) {
      problem_ = malformed(std::string(path) + " " + std::string(what) + ".");
    }
  }

  [[nodiscard]] std::optional<Problem> problem() && { return std::move(problem_); }

 private:
  const Rules& rules_;
  std::optional<Problem> problem_;
};

void read_client(json::Value root, Fields& fields, Context& out) {
  const json::Value client = fields.object(root, "client", "client");
  out.client_id = fields.required(client, "client.client_id", "client_id", true);
  out.app_title = fields.required(client, "client.app_title", "app_title", false);
  out.app_version_name = fields.text(client, "client.app_version_name", "app_version_name");
  out.app_version_code = fields.text(client, "client.app_version_code", "app_version_code");
  out.app_package_name = fields.text(client, "client.app_package_name", "app_package_name");
}

/// "en_US", "en-US", "zh-Hans_CN", Java's "en_US_#Latn".
void split_locale(Context& out) {
  std::string_view rest = out.locale;
  for (bool first = true; !rest.empty(); first = false) {
    const std::size_t end = std::min(rest.find_first_of("_-"), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (first) {
      out.language = part;
    } else if (part.size() == 2 &&
               std::all_of(part.begin(), part.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
      out.country = part;
      return;
    }
  }
}

void read_env(json::Value root, const Rules& rules, Fields& fields, Context& out) {
  const json::Value env = fields.object(root, "env", "env");
  out.platform = fields.required(env, "env.platform", "platform", false);
  if (rules.platform_is_listed && std::find(kPlatforms.begin(), kPlatforms.end(),
                                            base::lower_case(out.platform)) == kPlatforms.end()) {
    fields.complain("env.platform",
                    "must be one of iphoneos, android, windowsphone, blackberry, macos, windows, "
                    "linux");
  }
  out.model = fields.text(env, "env.model", "model");
  out.make = fields.text(env, "env.make", "make");
  out.platform_version = fields.text(env, "env.platform_version", "platform_version");
  out.locale = fields.text(env, "env.locale", "locale");
  out.carrier = json::to_text(env["carrier"]);
  out.network_type = json::to_text(env["networkType"]);
  split_locale(out);
}

void read_services(json::Value root, const Rules& rules, Fields& fields, Context& out) {
  const json::Value services = fields.object(root, "services", "services");
  json::Value service = fields.object(services, "services.mobile_analytics", "mobile_analytics");
  if (!service && !rules.service_is_mobile_analytics) {
    service = services["pinpointanalytics"];
  }
  out.app_id = fields.required(service, "services.mobile_analytics.app_id", "app_id", true);
  out.sdk_name = json::to_text(service["sdk_name"]);
  out.sdk_version = json::to_text(service["sdk_version"]);
}

}  // namespace

std::optional<Problem> read_context(const event::Record& record,
                                    std::optional<bool> published_client, Context& out) {
  const std::string_view text = record.header(kContextHeader);
  if (text.empty()) {
    return malformed("The x-amz-client-context header is required.");
  }
  if (text.size() > kContextBytesMax) {
    return malformed("The x-amz-client-context header has " + std::to_string(text.size()) +
                     " bytes, the limit is " + std::to_string(kContextBytesMax) + ".");
  }
  const base::Result<json::Document> document = parse(record);
  if (!document) {
    return malformed("x-amz-client-context cannot be read: " + document.error().message + ".");
  }
  const json::Value root = document->root();
  out.published_client = published_client.value_or(is_published_client(record, root));
  const Rules& rules = out.published_client ? kPublishedClient : kLetter;
  Fields fields(rules);
  read_client(root, fields, out);
  fields.object(root, "custom", "custom");
  read_env(root, rules, fields, out);
  read_services(root, rules, fields, out);
  if (out.sdk_name.empty()) {
    Sdk sdk = sdk_of_headers(record);
    out.sdk_name = std::move(sdk.name);
    out.sdk_version = std::move(sdk.version);
  }
  out.json = json::write(root);
  out.repairs = document->repairs();
  return std::move(fields).problem();
}

}  // namespace api::mobile_analytics
