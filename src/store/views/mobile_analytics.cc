// mobile_analytics.event: the table of Amazon Mobile Analytics' export to Redshift.

#include "store/views/views.h"

namespace store::views {

std::vector<std::string_view> mobile_analytics() {
  // The export had a column a_NAME and m_NAME for each attribute and metric the user chose; here
  // they stand in the two JSON columns at the end.
  return {"CREATE SCHEMA mobile_analytics", R"sql(
CREATE VIEW mobile_analytics.event AS SELECT
  event_name AS event_type,
  event_timestamp,
  received_at AS arrival_timestamp,
  '3.0' AS event_version,
  coalesce(context ->> '$.services.mobile_analytics.app_id',
           context ->> '$.services.pinpointanalytics.app_id', app_id) AS application_app_id,
  NULL::VARCHAR AS application_cognito_identity_pool_id,
  app_package_name AS application_package_name,
  sdk_name AS application_sdk_name,
  sdk_version AS application_sdk_version,
  app_title AS application_title,
  app_version AS application_version_name,
  app_version_code AS application_version_code,
  user_pseudo_id AS client_id,
  NULL::VARCHAR AS client_cognito_id,
  locale AS device_locale_code,
  country_code AS device_locale_country,
  language AS device_locale_language,
  make AS device_make,
  model AS device_model,
  lower(platform) AS device_platform_name,
  os_version AS device_platform_version,
  session_id,
  session_start AS session_start_timestamp,
  session_stop AS session_stop_timestamp,
  attributes ->> '$._transaction_id' AS monetization_transaction_id,
  attributes ->> '$._store' AS monetization_store,
  attributes ->> '$._product_id' AS monetization_item_id,
  TRY_CAST(metrics ->> '$._quantity' AS DOUBLE) AS monetization_quantity,
  attributes ->> '$._item_price_formatted' AS monetization_price_reported,
  TRY_CAST(metrics ->> '$._item_price' AS DOUBLE) AS monetization_price_amount,
  attributes ->> '$._currency' AS monetization_price_currency_code,
  NULL::VARCHAR AS monetization_price_currency_symbol,
  attributes,
  metrics
FROM main.event WHERE api = 'mobile_analytics'
)sql"};
}

}  // namespace store::views
