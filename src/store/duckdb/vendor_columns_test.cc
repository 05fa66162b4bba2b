// The vendors' views have the vendors' columns: names, order and types as in Clickstream Analytics
// 1.1.6 and later, its tables of 1.1.0 to 1.1.5, and Mobile Analytics' export to Redshift.

#include "store/duckdb/test_store.h"
#include "store/duckdb/test_tables.h"

#include <algorithm>
#include <span>

namespace store::duckdb {
namespace {

/// "name TYPE"; without a type VARCHAR.
using Columns = std::span<const std::string_view>;

constexpr std::string_view kEventV2[] = {
    "event_timestamp TIMESTAMP",
    "event_id",
    "event_time_msec BIGINT",
    "event_name",
    "event_value DOUBLE",
    "event_value_currency",
    "event_bundle_sequence_id BIGINT",
    "ingest_time_msec BIGINT",
    "device_mobile_brand_name",
    "device_mobile_model_name",
    "device_manufacturer",
    "device_carrier",
    "device_network_type",
    "device_operating_system",
    "device_operating_system_version",
    "device_vendor_id",
    "device_advertising_id",
    "device_system_language",
    "device_time_zone_offset_seconds INTEGER",
    "device_ua_browser",
    "device_ua_browser_version",
    "device_ua_os",
    "device_ua_os_version",
    "device_ua_device",
    "device_ua_device_category",
    "device_ua MAP(VARCHAR, VARCHAR)",
    "device_screen_width INTEGER",
    "device_screen_height INTEGER",
    "device_viewport_width INTEGER",
    "device_viewport_height INTEGER",
    "geo_continent",
    "geo_sub_continent",
    "geo_country",
    "geo_region",
    "geo_metro",
    "geo_city",
    "geo_locale",
    "traffic_source_source",
    "traffic_source_medium",
    "traffic_source_campaign",
    "traffic_source_content",
    "traffic_source_term",
    "traffic_source_campaign_id",
    "traffic_source_clid_platform",
    "traffic_source_clid",
    "traffic_source_channel_group",
    "traffic_source_category",
    "user_first_touch_time_msec BIGINT",
    "app_package_id",
    "app_version",
    "app_title",
    "app_install_source",
    "platform",
    "project_id",
    "app_id",
    "screen_view_screen_name",
    "screen_view_screen_id",
    "screen_view_screen_unique_id",
    "screen_view_previous_screen_name",
    "screen_view_previous_screen_id",
    "screen_view_previous_screen_unique_id",
    "screen_view_previous_time_msec BIGINT",
    "screen_view_engagement_time_msec BIGINT",
    "screen_view_entrances BOOLEAN",
    "page_view_page_referrer",
    "page_view_page_referrer_title",
    "page_view_previous_time_msec BIGINT",
    "page_view_engagement_time_msec BIGINT",
    "page_view_page_title",
    "page_view_page_url",
    "page_view_page_url_path",
    "page_view_page_url_query_parameters MAP(VARCHAR, VARCHAR)",
    "page_view_hostname",
    "page_view_latest_referrer",
    "page_view_latest_referrer_host",
    "page_view_entrances BOOLEAN",
    "app_start_is_first_time BOOLEAN",
    "upgrade_previous_app_version",
    "upgrade_previous_os_version",
    "search_key",
    "search_term",
    "outbound_link_classes",
    "outbound_link_domain",
    "outbound_link_id",
    "outbound_link_url",
    "outbound_link BOOLEAN",
    "user_engagement_time_msec BIGINT",
    "user_id",
    "user_pseudo_id",
    "session_id",
    "session_start_time_msec BIGINT",
    "session_duration BIGINT",
    "session_number BIGINT",
    "scroll_engagement_time_msec BIGINT",
    "sdk_error_code",
    "sdk_error_message",
    "sdk_version",
    "sdk_name",
    "app_exception_message",
    "app_exception_stack",
    "custom_parameters_json_str",
    "custom_parameters MAP(VARCHAR, STRUCT(\"value\" VARCHAR, \"type\" VARCHAR))",
    "process_info MAP(VARCHAR, VARCHAR)",
    "created_time TIMESTAMP",
};

constexpr std::string_view kUserV2[] = {
    "event_timestamp TIMESTAMP",
    "user_pseudo_id",
    "user_id",
    "user_properties MAP(VARCHAR, STRUCT(\"value\" VARCHAR, \"type\" VARCHAR, "
    "set_time_msec BIGINT))",
    "user_properties_json_str",
    "first_touch_time_msec BIGINT",
    "first_visit_date DATE",
    "first_referrer",
    "first_traffic_source",
    "first_traffic_medium",
    "first_traffic_campaign",
    "first_traffic_content",
    "first_traffic_term",
    "first_traffic_campaign_id",
    "first_traffic_clid_platform",
    "first_traffic_clid",
    "first_traffic_channel_group",
    "first_traffic_category",
    "first_app_install_source",
    "process_info MAP(VARCHAR, VARCHAR)",
    "created_time TIMESTAMP",
};

constexpr std::string_view kItemV2[] = {
    "event_timestamp TIMESTAMP",
    "event_id",
    "event_name",
    "platform",
    "user_pseudo_id",
    "user_id",
    "item_id",
    "name",
    "brand",
    "currency",
    "price DOUBLE",
    "quantity DOUBLE",
    "creative_name",
    "creative_slot",
    "location_id",
    "category",
    "category2",
    "category3",
    "category4",
    "category5",
    "custom_parameters_json_str",
    "custom_parameters MAP(VARCHAR, STRUCT(\"value\" VARCHAR, \"type\" VARCHAR))",
    "process_info MAP(VARCHAR, VARCHAR)",
    "created_time TIMESTAMP",
};

constexpr std::string_view kSession[] = {
    "event_timestamp TIMESTAMP",
    "user_pseudo_id",
    "session_id",
    "user_id",
    "session_number BIGINT",
    "session_start_time_msec BIGINT",
    "session_source",
    "session_medium",
    "session_campaign",
    "session_content",
    "session_term",
    "session_campaign_id",
    "session_clid_platform",
    "session_clid",
    "session_channel_group",
    "session_source_category",
    "process_info MAP(VARCHAR, VARCHAR)",
    "created_time TIMESTAMP",
};

constexpr std::string_view kEventV1[] = {
    "event_id",
    "event_date DATE",
    "event_timestamp BIGINT",
    "event_previous_timestamp BIGINT",
    "event_name",
    "event_value_in_usd FLOAT",
    "event_bundle_sequence_id BIGINT",
    "ingest_timestamp BIGINT",
    "device STRUCT(mobile_brand_name VARCHAR, mobile_model_name VARCHAR, manufacturer "
    "VARCHAR, screen_width BIGINT, screen_height BIGINT, viewport_width BIGINT, "
    "viewport_height BIGINT, carrier VARCHAR, network_type VARCHAR, "
    "operating_system_version VARCHAR, operating_system VARCHAR, ua_browser VARCHAR, "
    "ua_browser_version VARCHAR, ua_os VARCHAR, ua_os_version VARCHAR, ua_device "
    "VARCHAR, ua_device_category VARCHAR, system_language VARCHAR, "
    "time_zone_offset_seconds BIGINT, vendor_id VARCHAR, advertising_id VARCHAR, "
    "host_name VARCHAR)",
    "geo STRUCT(city VARCHAR, continent VARCHAR, country VARCHAR, metro VARCHAR, "
    "region VARCHAR, sub_continent VARCHAR, locale VARCHAR)",
    "traffic_source STRUCT(medium VARCHAR, \"name\" VARCHAR, \"source\" VARCHAR)",
    "app_info STRUCT(app_id VARCHAR, id VARCHAR, install_source VARCHAR, \"version\" "
    "VARCHAR, sdk_version VARCHAR, sdk_name VARCHAR)",
    "platform",
    "project_id",
    "items STRUCT(id VARCHAR, quantity BIGINT, price DOUBLE, currency VARCHAR, "
    "creative_name VARCHAR, creative_slot VARCHAR)[]",
    "user_pseudo_id",
    "user_id",
};

constexpr std::string_view kEventParameterV1[] = {
    "event_id",
    "event_name",
    "event_timestamp BIGINT",
    "event_param_key",
    "event_param_int_value BIGINT",
    "event_param_double_value DOUBLE",
    "event_param_float_value FLOAT",
    "event_param_string_value",
};

constexpr std::string_view kUserV1[] = {
    "event_timestamp BIGINT",
    "user_id",
    "user_pseudo_id",
    "user_first_touch_timestamp BIGINT",
    "user_properties STRUCT(\"key\" VARCHAR, \"value\" STRUCT(double_value DOUBLE, "
    "float_value FLOAT, int_value BIGINT, string_value VARCHAR, set_timestamp_micros "
    "BIGINT))[]",
    "user_ltv STRUCT(revenue DOUBLE, currency VARCHAR)",
    "_first_visit_date DATE",
    "_first_referer",
    "_first_traffic_source_type",
    "_first_traffic_medium",
    "_first_traffic_source",
    "device_id_list VARCHAR[]",
    "_channel",
};

constexpr std::string_view kItemV1[] = {
    "event_timestamp BIGINT",
    "id",
    "properties STRUCT(\"key\" VARCHAR, \"value\" STRUCT(double_value DOUBLE, float_value "
    "FLOAT, int_value BIGINT, string_value VARCHAR))[]",
};

constexpr std::string_view kIngestionEventsV1[] = {
    "date",
    "data",
    "ip",
    "source_type",
    "rid",
    "ua",
    "m",
    "uri",
    "platform",
    "path",
    "appId",
    "compression",
    "ingest_time BIGINT",
    "client_timestamp BIGINT",
};

constexpr std::string_view kMobileAnalytics[] = {
    "event_type",
    "event_timestamp TIMESTAMP",
    "arrival_timestamp TIMESTAMP",
    "event_version",
    "application_app_id",
    "application_cognito_identity_pool_id",
    "application_package_name",
    "application_sdk_name",
    "application_sdk_version",
    "application_title",
    "application_version_name",
    "application_version_code",
    "client_id",
    "client_cognito_id",
    "device_locale_code",
    "device_locale_country",
    "device_locale_language",
    "device_make",
    "device_model",
    "device_platform_name",
    "device_platform_version",
    "session_id",
    "session_start_timestamp TIMESTAMP",
    "session_stop_timestamp TIMESTAMP",
    "monetization_transaction_id",
    "monetization_store",
    "monetization_item_id",
    "monetization_quantity DOUBLE",
    "monetization_price_reported",
    "monetization_price_amount DOUBLE",
    "monetization_price_currency_code",
    "monetization_price_currency_symbol",
    "attributes JSON",
    "metrics JSON",
};

struct Table {
  std::string name;
  Columns columns;
};

class VendorColumns : public StoreTest, public testing::WithParamInterface<Table> {};

TEST_P(VendorColumns, AreThoseOfTheVendorInItsOrder) {
  options_.virtual_tables = test_tables();
  open_store();
  const auto& [name, columns] = GetParam();
  std::string expected;
  for (const std::string_view column : columns) {
    expected.append(column);
    expected.append(column.find(' ') == std::string_view::npos ? " VARCHAR" : "");
    expected.append("\n");
  }
  std::string found =
      ask("SELECT column_name || ' ' || data_type AS c FROM "
          "information_schema.columns WHERE table_schema || '.' || table_name = '" +
              name + "' ORDER BY ordinal_position",
          ResultFormat::kTable);
  found.erase(0, found.find('\n', found.find('\n') + 1) + 1);
  EXPECT_EQ(found, expected);
}

INSTANTIATE_TEST_SUITE_P(
    Views, VendorColumns,
    testing::Values(Table{"clickstream.event_v2", kEventV2}, Table{"clickstream.user_v2", kUserV2},
                    Table{"clickstream.item_v2", kItemV2}, Table{"clickstream.session", kSession},
                    Table{"clickstream_v1.event", kEventV1},
                    Table{"clickstream_v1.event_parameter", kEventParameterV1},
                    Table{"clickstream_v1.user", kUserV1}, Table{"clickstream_v1.item", kItemV1},
                    Table{"clickstream_v1.ingestion_events", kIngestionEventsV1},
                    Table{"mobile_analytics.event", kMobileAnalytics}),
    [](const auto& table) {
      std::string name = table.param.name;
      std::ranges::replace(name, '.', '_');
      return name;
    });

}  // namespace
}  // namespace store::duckdb
