// mobile_analytics.event: the table of Amazon Mobile Analytics' export to Redshift.

#include "store/views/views.h"

namespace store::views {
namespace {

// An application has few keys and at most one pool: both are looked up in a map made once a query.
constexpr std::string_view kPool = R"sql(
CREATE MACRO mobile_analytics.identity_pool_id(app) AS
  (SELECT map(list(app_id), list(cognito_identity_pool_id)) FROM identity_pool_rows())[app]
)sql";
constexpr std::string_view kCognito = R"sql(
CREATE MACRO mobile_analytics.cognito_id(app, access_key) AS
  (SELECT map(list({'a': app_id, 'k': access_key_id}), list(cognito_id))
   FROM cognito_rows())[{'a': app, 'k': access_key}]
)sql";
constexpr std::string_view kNoPool =
    "CREATE MACRO mobile_analytics.identity_pool_id(app) AS NULL::VARCHAR";
constexpr std::string_view kNoCognito =
    "CREATE MACRO mobile_analytics.cognito_id(app, access_key) AS NULL::VARCHAR";

// What a formatted price ("US$ 1.99", "1,99 €") holds beside the number.
constexpr std::string_view kSymbol = R"sql(
CREATE MACRO mobile_analytics.currency_symbol(price) AS
  nullif(regexp_replace(price, '[-0-9.,''’\s\x{00a0}\x{202f}]+', '', 'g'), '')
)sql";

// The export had a column a_NAME and m_NAME for each attribute and metric the user chose; here
// they stand in the two JSON columns at the end. Older clients sent numbers as attributes.
constexpr std::string_view kEvent = R"sql(
CREATE VIEW mobile_analytics.event AS
WITH sent AS NOT MATERIALIZED (
  SELECT *,
         CASE WHEN event_name = '_monetization.purchase' THEN attributes END AS bought,
         CASE WHEN event_name = '_monetization.purchase' THEN metrics END AS numbers
  FROM main.event WHERE api = 'mobile_analytics'
)
SELECT
  event_name AS event_type,
  event_timestamp,
  received_at AS arrival_timestamp,
  '3.0' AS event_version,
  coalesce(context ->> '$.services.mobile_analytics.app_id',
           context ->> '$.services.pinpointanalytics.app_id', app_id) AS application_app_id,
  mobile_analytics.identity_pool_id(app_id) AS application_cognito_identity_pool_id,
  app_package_name AS application_package_name,
  sdk_name AS application_sdk_name,
  sdk_version AS application_sdk_version,
  app_title AS application_title,
  app_version AS application_version_name,
  app_version_code AS application_version_code,
  user_pseudo_id AS client_id,
  mobile_analytics.cognito_id(app_id, access_key_id) AS client_cognito_id,
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
  bought ->> '$._transaction_id' AS monetization_transaction_id,
  bought ->> '$._store' AS monetization_store,
  bought ->> '$._product_id' AS monetization_item_id,
  coalesce(TRY_CAST(numbers ->> '$._quantity' AS DOUBLE),
           TRY_CAST(bought ->> '$._quantity' AS DOUBLE)) AS monetization_quantity,
  bought ->> '$._item_price_formatted' AS monetization_price_reported,
  coalesce(TRY_CAST(numbers ->> '$._item_price' AS DOUBLE),
           TRY_CAST(bought ->> '$._item_price' AS DOUBLE)) AS monetization_price_amount,
  bought ->> '$._currency' AS monetization_price_currency_code,
  mobile_analytics.currency_symbol(bought ->> '$._item_price_formatted')
    AS monetization_price_currency_symbol,
  attributes,
  metrics
FROM sent
)sql";

}  // namespace

std::vector<std::string_view> mobile_analytics(bool with_identities) {
  return {"CREATE SCHEMA mobile_analytics", with_identities ? kPool : kNoPool,
          with_identities ? kCognito : kNoCognito, kSymbol, kEvent};
}

}  // namespace store::views
