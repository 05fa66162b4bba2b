#include "exports/redshift.h"

#include "base/text.h"
#include "base/time_text.h"
#include "exports/facts.h"
#include "json/value.h"

#include <array>
#include <utility>

namespace exports {
namespace {

constexpr std::string_view kHeader =
    "event_type,event_timestamp,arrival_timestamp,event_version,application_app_id,"
    "application_cognito_identity_pool_id,application_package_name,application_sdk_name,"
    "application_sdk_version,application_title,application_version_name,application_version_code,"
    "client_id,client_cognito_id,device_locale_code,device_locale_country,device_locale_language,"
    "device_make,device_model,device_platform_name,device_platform_version,session_id,"
    "session_start_timestamp,session_stop_timestamp,monetization_transaction_id,"
    "monetization_store,monetization_item_id,monetization_quantity,monetization_price_reported,"
    "monetization_price_amount,monetization_price_currency_code,"
    "monetization_price_currency_symbol";

/// "2018-02-02 02:14:22.978", which Redshift reads as a TIMESTAMP.
std::string timestamp(const Row& row, Column column) {
  const std::optional<std::int64_t> us = row.integer(column);
  if (!us) {
    return {};
  }
  std::string out = base::format_iso8601_ms(base::from_us(*us));
  out.pop_back();
  out[out.find('T')] = ' ';
  return out;
}

/// One line an event; an empty field is NULL to Redshift.
class RedshiftWriter final : public LineWriter {
 public:
  RedshiftWriter(Owner owner, ChosenColumns chosen)
      : owner_(std::move(owner)), chosen_(std::move(chosen)) {}

  [[nodiscard]] std::string header() const override {
    std::string out(kHeader);
    for (const std::string& name : chosen_.attributes) {
      out += ",";
      base::append_csv_field(base::lower_case("a_" + name), out);
    }
    for (const std::string& name : chosen_.metrics) {
      out += ",";
      base::append_csv_field(base::lower_case("m_" + name), out);
    }
    return out + "\n";
  }

  void write(const Row& row, std::string& out) override {
    base::append_csv_field(row.text(Column::kEventName), out);
    add(timestamp(row, Column::kEventTimestamp), out);
    add(timestamp(row, Column::kReceivedAt), out);
    add("3.0", out);
    add(app_ids_.of(row, owner_.app_id), out);
    add(owner_.cognito_identity_pool_id, out);
    for (const Column column :
         {Column::kAppPackageName, Column::kSdkName, Column::kSdkVersion, Column::kAppTitle,
          Column::kAppVersion, Column::kAppVersionCode, Column::kClientId}) {
      add(row.text(column), out);
    }
    add(cognito_id(row, owner_), out);
    for (const Column column :
         {Column::kLocale, Column::kCountry, Column::kLanguage, Column::kMake, Column::kModel}) {
      add(row.text(column), out);
    }
    add(base::lower_case(row.text(Column::kPlatform)), out);
    add(row.text(Column::kOsVersion), out);
    add(row.text(Column::kSessionId), out);
    add(timestamp(row, Column::kSessionStart), out);
    add(timestamp(row, Column::kSessionStop), out);
    write_values(row, out);
    out += '\n';
  }

 private:
  static void add(std::string_view text, std::string& out) {
    out += ',';
    base::append_csv_field(text, out);
  }

  void write_values(const Row& row, std::string& out) const {
    const auto attributes = json::Document::parse(
        row.text(row.of_mobile_analytics() ? Column::kAttributes : Column::kProperties));
    const auto metrics = json::Document::parse(
        row.text(row.of_mobile_analytics() ? Column::kMetrics : Column::kProperties));
    const auto attribute = [&attributes](std::string_view name) {
      return attributes ? json::to_text(attributes->root()[name]) : std::string();
    };
    const auto metric = [&metrics](std::string_view name) {
      return metrics ? json::to_text(metrics->root()[name]) : std::string();
    };
    add(attribute("_transaction_id"), out);
    add(attribute("_store"), out);
    add(attribute("_product_id"), out);
    add(metric("_quantity"), out);
    add(attribute("_item_price_formatted"), out);
    add(metric("_item_price"), out);
    add(attribute("_currency"), out);
    add("", out);  // nothing that is sent names the symbol
    for (const std::string& name : chosen_.attributes) {
      add(attribute(name), out);
    }
    for (const std::string& name : chosen_.metrics) {
      add(metric(name), out);
    }
  }

  const Owner owner_;
  const ChosenColumns chosen_;
  AppIds app_ids_;
};

}  // namespace

std::unique_ptr<LineWriter> make_redshift_writer(Owner owner, ChosenColumns chosen) {
  return std::make_unique<RedshiftWriter>(std::move(owner), std::move(chosen));
}

}  // namespace exports
