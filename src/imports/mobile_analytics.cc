// Amazon Mobile Analytics' Auto Export and Pinpoint's event stream (nested), and the flat records
// of older streams: both hold what a client sent, with the client context in pieces.

#include "api/mobile_analytics/context.h"
#include "api/mobile_analytics/row.h"
#include "base/time_text.h"
#include "codec/text.h"
#include "imports/fields.h"
#include "imports/parse.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace imports {
namespace {

using api::mobile_analytics::kContextBytesMax;

constexpr std::string_view kContextAttribute = "_clientContext";

/// What both shapes say of an event. Lifetime: the line's document.
struct Facts {
  json::Value app_id;
  json::Value client_id;
  json::Value event_type;
  json::Value timestamp;
  json::Value arrival;
  json::Value session_id;
  json::Value session_start;
  json::Value session_stop;
  json::Value session_duration;
  json::Value sdk_name, sdk_version;
  json::Value title, package_name, version_name, version_code;
  json::Value platform, platform_version, make, model, locale;
  json::Value cognito_id, cognito_pool;
  json::Value custom;
  json::Value user_agent;
};

Facts nested_facts(json::Value root) {
  const json::Value application = root["application"];
  const json::Value device = root["device"];
  const json::Value session = root["session"];
  Facts out;
  out.app_id = application["app_id"];
  out.client_id = root["client"]["client_id"];
  out.event_type = root["event_type"];
  out.timestamp = root["event_timestamp"];
  out.arrival = root["arrival_timestamp"];
  out.session_id = session["session_id"] ? session["session_id"] : session["id"];
  out.session_start = session["start_timestamp"];
  out.session_stop = session["stop_timestamp"];
  out.session_duration = session["duration"];
  out.sdk_name = application["sdk"]["name"];
  out.sdk_version = application["sdk"]["version"];
  out.title = application["title"];
  out.package_name = application["package_name"];
  out.version_name = application["version_name"];
  out.version_code = application["version_code"];
  out.platform = device["platform"]["name"];
  out.platform_version = device["platform"]["version"];
  out.make = device["make"];
  out.model = device["model"];
  out.locale = device["locale"]["code"];
  out.cognito_id = root["client"]["cognito_id"];
  out.cognito_pool = application["cognito_identity_pool_id"];
  out.custom = root["client_context"]["custom"];
  return out;
}

Facts flat_facts(json::Value root) {
  const json::Value attributes = root["attributes"];
  Facts out;
  out.app_id = root["application_key"];
  out.client_id = root["unique_id"];
  out.event_type = root["event_type"];
  out.timestamp = root["timestamp"];
  out.arrival = root["arrival_timestamp"];
  out.session_id = attributes["_session.id"];
  out.session_start = attributes["_session.startTime"];
  out.session_stop = attributes["_session.stopTime"];
  out.session_duration = attributes["_session.duration"];
  out.sdk_name = root["sdk_name"];
  out.sdk_version = root["sdk_version"];
  out.title = root["app_title"];
  out.package_name = root["app_package_name"];
  out.version_name = root["app_version_name"];
  out.version_code = root["app_version_code"];
  out.platform = root["platform"];
  out.platform_version = root["platform_version"];
  out.make = root["make"];
  out.model = root["model"];
  out.locale = root["locale"];
  out.cognito_id = root["cognito_id"];
  out.cognito_pool = root["cognito_identity_pool_id"];
  out.user_agent = root["user_agent"];
  return out;
}

bool is_flat(json::Value root) { return root["unique_id"] || root["application_key"]; }

constexpr std::array<std::string_view, 10> kNestedMembers = {
    "event_type", "event_timestamp", "arrival_timestamp", "event_version", "application",
    "client",     "device",          "session",           "attributes",    "metrics"};
constexpr std::array<std::string_view, 21> kFlatMembers = {"application_key",
                                                           "event_type",
                                                           "timestamp",
                                                           "arrival_timestamp",
                                                           "unique_id",
                                                           "cognito_id",
                                                           "platform",
                                                           "cognito_identity_pool_id",
                                                           "platform_version",
                                                           "make",
                                                           "model",
                                                           "locale",
                                                           "sdk_name",
                                                           "sdk_version",
                                                           "app_title",
                                                           "app_package_name",
                                                           "app_version_name",
                                                           "app_version_code",
                                                           "user_agent",
                                                           "attributes",
                                                           "metrics"};

bool is_read(std::string_view key, bool flat) {
  if (key == "client_context") {
    return !flat;
  }
  return flat
             ? std::find(kFlatMembers.begin(), kFlatMembers.end(), key) != kFlatMembers.end()
             : std::find(kNestedMembers.begin(), kNestedMembers.end(), key) != kNestedMembers.end();
}

std::string make_context(const Facts& facts, const std::string& app_id) {
  json::Writer out;
  out.begin_object().key("client").begin_object();
  write_text(out, "client_id", facts.client_id);
  write_text(out, "app_title", facts.title);
  write_text(out, "app_version_name", facts.version_name);
  write_text(out, "app_version_code", facts.version_code);
  write_text(out, "app_package_name", facts.package_name);
  write_text(out, "cognito_id", facts.cognito_id);
  write_text(out, "cognito_identity_pool_id", facts.cognito_pool);
  out.end_object().key("env").begin_object();
  write_text(out, "platform", facts.platform);
  write_text(out, "platform_version", facts.platform_version);
  write_text(out, "make", facts.make);
  write_text(out, "model", facts.model);
  write_text(out, "locale", facts.locale);
  out.end_object();
  if (facts.custom.is_object()) {
    out.key("custom").value(facts.custom);
  }
  out.key("services").begin_object().key("mobile_analytics").begin_object();
  out.key("app_id").string(app_id);
  write_text(out, "sdk_name", facts.sdk_name);
  write_text(out, "sdk_version", facts.sdk_version);
  out.end_object().end_object().end_object();
  return std::move(out).text();
}

/// The client context as it was sent, where the record still has it.
std::optional<std::string> sent_context(json::Value attributes) {
  const std::string_view text = attributes[kContextAttribute].string().value_or("");
  if (text.empty() || text.size() > kContextBytesMax) {
    return std::nullopt;
  }
  const std::optional<std::string> decoded =
      text.starts_with('{') ? std::string(text) : codec::decode_base64(text);
  const auto document = json::Document::parse(decoded.value_or(""));
  if (!document || document->root()["client"]["client_id"].string().value_or("").empty()) {
    return std::nullopt;
  }
  return json::write(document->root());
}

class MobileAnalyticsParser final : public Parser {
 public:
  explicit MobileAnalyticsParser(Reading reading) : reading_(std::move(reading)) {}

  Parsed parse(std::string_view line) override {
    Parsed out;
    const auto document = read_object(line, out);
    if (!document) {
      return out;
    }
    const json::Value root = document->root();
    const bool flat = is_flat(root);
    const Facts facts = flat ? flat_facts(root) : nested_facts(root);
    if (const std::string why = trouble_of(facts, flat); !why.empty()) {
      out.refuse(why);
      return out;
    }
    Unit unit;
    const base::Time time = *read_time(facts.timestamp);
    unit.received_at = read_time(facts.arrival).value_or(time);
    unit.user_agent = facts.user_agent.string().value_or("");
    unit.target = "/2014-06-05/events";
    const std::optional<std::string> sent = flat ? sent_context(root["attributes"]) : std::nullopt;
    const std::string app_id = json::to_text(facts.app_id);
    std::string context =
        sent ? *sent : make_context(facts, app_id.empty() ? reading_.app_id : app_id);
    if (context.size() > kContextBytesMax) {
      out.refuse("what it says of the client takes " + std::to_string(context.size()) +
                 " bytes, at most " + std::to_string(kContextBytesMax) + " are taken");
      return out;
    }
    unit.headers = {{"x-amz-client-context", std::move(context)}};
    unit.body = make_event(root, facts, {flat, sent.has_value()});
    unit.same_as = fingerprint_of(facts, unit);
    out.units.push_back(std::move(unit));
    return out;
  }

 private:
  struct Shape {
    bool flat = false;
    bool context_taken = false;
  };

  static std::string trouble_of(const Facts& facts, bool flat) {
    if (facts.event_type.string().value_or("").empty()) {
      return "event_type, a text, is missing";
    }
    if (!read_time(facts.timestamp)) {
      return std::string(flat ? "timestamp" : "event_timestamp") +
             ", a time in milliseconds since 1970, is missing";
    }
    if (facts.client_id.string().value_or("").empty()) {
      return std::string(flat ? "unique_id" : "client.client_id") + ", a text, is missing";
    }
    return "";
  }

  static void write_session(json::Writer& out, const Facts& facts) {
    const std::string id = json::to_text(facts.session_id);
    if (id.empty()) {
      return;
    }
    out.key("session").begin_object().key("id").string(id);
    if (const auto start = read_time(facts.session_start)) {
      out.key("startTimestamp").string(base::format_iso8601_ms(*start));
    }
    if (const auto stop = read_time(facts.session_stop)) {
      out.key("stopTimestamp").string(base::format_iso8601_ms(*stop));
    }
    if (const auto duration = read_time(facts.session_duration)) {
      out.key("duration").integer(base::to_ms(*duration));
    }
    out.end_object();
  }

  /// Attributes the flat shape adds: they are in the session or in the context again.
  static bool is_added(std::string_view key, const Shape& shape) {
    return shape.flat && ((shape.context_taken && key == kContextAttribute) ||
                          key == "_session.id" || key == "_session.startTime" ||
                          key == "_session.stopTime" || key == "_session.duration");
  }

  static std::string make_event(json::Value root, const Facts& facts, const Shape& shape) {
    json::Writer out;
    out.begin_object();
    out.key("eventType").string(*facts.event_type.string());
    out.key("timestamp").string(base::format_iso8601_ms(*read_time(facts.timestamp)));
    out.key("version").string("v2.0");
    write_session(out, facts);
    out.key("attributes").begin_object();
    for (const auto [key, value] : root["attributes"].members()) {
      if (!is_added(key, shape)) {
        out.key(key).value(value);
      }
    }
    out.end_object().key("metrics");
    root["metrics"].is_object() ? out.value(root["metrics"]) : out.begin_object().end_object();
    for (const auto [key, value] : root.members()) {
      if (!is_read(key, shape.flat) && !value.is_null()) {
        out.key("export_" + std::string(key)).value(value);
      }
    }
    out.end_object();
    return std::move(out).text();
  }

  /// What the API itself tells events apart by, with the time of arrival: equal events of one
  /// request all count, the same event sent again in a later one does not.
  static std::string fingerprint_of(const Facts& facts, const Unit& unit) {
    const auto document = json::Document::parse(unit.body);
    event::Event row;
    row.user_pseudo_id = json::to_text(facts.client_id);
    row.event_name = json::to_text(facts.event_type);
    row.event_timestamp = base::to_us(*read_time(facts.timestamp));
    return std::to_string(base::to_us(unit.received_at)) + " " +
           api::mobile_analytics::fingerprint(row, document ? document->root() : json::Value());
  }

  const Reading reading_;
};

}  // namespace

std::unique_ptr<Parser> make_mobile_analytics_parser(const Reading& reading) {
  return std::make_unique<MobileAnalyticsParser>(reading);
}

}  // namespace imports
