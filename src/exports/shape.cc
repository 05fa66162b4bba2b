#include "exports/shape.h"

#include "base/text.h"
#include "exports/facts.h"
#include "exports/redshift.h"
#include "json/writer.h"

#include <array>
#include <set>
#include <utility>

namespace exports {
namespace {

constexpr std::array<std::pair<Shape, std::string_view>, 4> kNames = {{
    {Shape::kNested, "mobile-analytics-nested"},
    {Shape::kFlat, "mobile-analytics-flat"},
    {Shape::kRedshift, "redshift-csv"},
    {Shape::kParquet, "parquet"},
}};

/// A member that is an object, written when its first member is.
class Group {
 public:
  Group(json::Writer& out, std::string_view name) : out_(out), name_(name) {}
  Group(Group& parent, std::string_view name) : out_(parent.out_), name_(name), parent_(&parent) {}
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  ~Group() {
    if (open_) {
      out_.end_object();
    }
  }

  void text(std::string_view key, std::string_view text) {
    if (!text.empty()) {
      open();
      out_.key(key).string(text);
    }
  }
  void number(std::string_view key, std::optional<std::int64_t> number) {
    if (number) {
      open();
      out_.key(key).integer(*number);
    }
  }

 private:
  void open() {
    if (!open_) {
      if (parent_ != nullptr) {
        parent_->open();
      }
      out_.key(name_).begin_object();
      open_ = true;
    }
  }
  json::Writer& out_;
  const std::string_view name_;
  Group* parent_ = nullptr;
  bool open_ = false;
};

/// One object of objects, as Auto Export and Pinpoint's event streams wrote it.
class NestedWriter final : public LineWriter {
 public:
  explicit NestedWriter(Owner owner) : owner_(std::move(owner)) {}

  void write(const Row& row, std::string& text) override {
    json::Writer out;
    out.begin_object();
    write_text(out, "event_type", row.text(Column::kEventName));
    write_number(out, "event_timestamp", row.milliseconds(Column::kEventTimestamp));
    write_number(out, "arrival_timestamp", row.milliseconds(Column::kReceivedAt));
    out.key("event_version").string("3.0");
    write_application(out, row);
    {
      Group client(out, "client");
      client.text("client_id", row.text(Column::kClientId));
      client.text("cognito_id", cognito_id(row, owner_));
    }
    write_device(out, row);
    {
      Group session(out, "session");
      session.text("session_id", row.text(Column::kSessionId));
      session.number("start_timestamp", row.milliseconds(Column::kSessionStart));
      session.number("stop_timestamp", row.milliseconds(Column::kSessionStop));
    }
    out.key("attributes").begin_object();
    write_attributes(out, row);
    out.end_object();
    write_metrics(out, row);
    out.end_object();
    text += out.text();
    text += '\n';
  }

 private:
  void write_application(json::Writer& out, const Row& row) {
    Group application(out, "application");
    application.text("app_id", app_ids_.of(row, owner_.app_id));
    application.text("cognito_identity_pool_id", owner_.cognito_identity_pool_id);
    application.text("package_name", row.text(Column::kAppPackageName));
    {
      Group sdk(application, "sdk");
      sdk.text("name", row.text(Column::kSdkName));
      sdk.text("version", row.text(Column::kSdkVersion));
    }
    application.text("title", row.text(Column::kAppTitle));
    application.text("version_name", row.text(Column::kAppVersion));
    application.text("version_code", row.text(Column::kAppVersionCode));
  }

  static void write_device(json::Writer& out, const Row& row) {
    Group device(out, "device");
    {
      Group locale(device, "locale");
      locale.text("code", row.text(Column::kLocale));
      locale.text("country", row.text(Column::kCountry));
      locale.text("language", row.text(Column::kLanguage));
    }
    device.text("make", row.text(Column::kMake));
    device.text("model", row.text(Column::kModel));
    Group platform(device, "platform");
    platform.text("name", base::lower_case(row.text(Column::kPlatform)));
    platform.text("version", row.text(Column::kOsVersion));
  }

  const Owner owner_;
  AppIds app_ids_;
};

/// One flat object with context and session among its attributes, in the guide's order of members.
class FlatWriter final : public LineWriter {
 public:
  explicit FlatWriter(Owner owner) : owner_(std::move(owner)) {}

  void write(const Row& row, std::string& text) override {
    json::Writer out;
    out.begin_object();
    write_text(out, "application_key", app_ids_.of(row, owner_.app_id));
    write_text(out, "account_id", owner_.account_id);
    write_text(out, "event_type", row.text(Column::kEventName));
    write_number(out, "timestamp", row.milliseconds(Column::kEventTimestamp));
    write_number(out, "arrival_timestamp", row.milliseconds(Column::kReceivedAt));
    write_text(out, "unique_id", row.text(Column::kClientId));
    write_text(out, "cognito_id", cognito_id(row, owner_));
    write_text(out, "cognito_identity_pool_id", owner_.cognito_identity_pool_id);
    for (const auto& [key, column] : kTexts) {
      write_text(out, key, row.text(column));
    }
    out.key("attributes").begin_object();
    std::set<std::string, std::less<>> names;
    write_attributes(out, row, [&names](std::string_view name) { names.emplace(name); });
    for (const auto& [name, value] : added(row)) {
      if (!value.empty() && !names.contains(name)) {
        out.key(name).string(value);
      }
    }
    out.end_object();
    write_metrics(out, row);
    out.end_object();
    text += out.text();
    text += '\n';
  }

 private:
  static constexpr std::array<std::pair<std::string_view, Column>, 12> kTexts = {{
      {"platform", Column::kPlatform},
      {"model", Column::kModel},
      {"platform_version", Column::kOsVersion},
      {"make", Column::kMake},
      {"locale", Column::kLocale},
      {"sdk_version", Column::kSdkVersion},
      {"sdk_name", Column::kSdkName},
      {"app_package_name", Column::kAppPackageName},
      {"app_version_name", Column::kAppVersion},
      {"app_version_code", Column::kAppVersionCode},
      {"user_agent", Column::kUserAgent},
      {"app_title", Column::kAppTitle},
  }};

  static std::string number_text(std::optional<std::int64_t> number) {
    return number ? std::to_string(*number) : std::string();
  }

  static std::array<std::pair<std::string_view, std::string>, 5> added(const Row& row) {
    return {{{"_clientContext",
              std::string(row.of_mobile_analytics() ? row.text(Column::kContext) : "")},
             {"_session.duration", number_text(row.integer(Column::kSessionDuration))},
             {"_session.id", std::string(row.text(Column::kSessionId))},
             {"_session.startTime", number_text(row.milliseconds(Column::kSessionStart))},
             {"_session.stopTime", number_text(row.milliseconds(Column::kSessionStop))}}};
  }

  const Owner owner_;
  AppIds app_ids_;
};

}  // namespace

std::string_view shape_name(Shape shape) {
  return kNames.at(static_cast<std::size_t>(shape)).second;
}

std::optional<Shape> shape_from_name(std::string_view name) {
  for (const auto& [shape, text] : kNames) {
    if (text == name) {
      return shape;
    }
  }
  return std::nullopt;
}

Owner owner_of(const registry::App& app) {
  Owner out{
      app.id, app.settings.account_id, app.settings.cognito_identity_pool_id, app.cognito_ids, {}};
  std::set<std::string> ids;
  for (const registry::Credential& credential : app.credentials) {
    if (credential.kind == registry::CredentialKind::kMobileAnalytics) {
      ids.insert(credential.cognito_id);
    }
  }
  out.common_cognito_id = ids.size() == 1 ? *ids.begin() : "";
  return out;
}

std::unique_ptr<LineWriter> make_line_writer(Shape shape, Owner owner, ChosenColumns chosen) {
  switch (shape) {
    case Shape::kNested: return std::make_unique<NestedWriter>(std::move(owner));
    case Shape::kFlat: return std::make_unique<FlatWriter>(std::move(owner));
    case Shape::kRedshift: return make_redshift_writer(std::move(owner), std::move(chosen));
    case Shape::kParquet: break;
  }
  return nullptr;
}

}  // namespace exports
