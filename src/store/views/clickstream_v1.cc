// The tables of Clickstream Analytics on AWS 1.1.0 to 1.1.5, which the vendor's page on its HTTP
// API names, with their names, order of columns and types; what was SUPER in Redshift is nested
// here.

#include "store/views/views.h"

namespace store::views {
namespace {

// The value of an entry stands in exactly one column: whole numbers that fit, other numbers, and
// the text of everything else.
constexpr std::string_view kIntValue = R"sql(
CREATE MACRO clickstream_v1.int_value(v) AS
  CASE WHEN json_type(v) IN ('BIGINT', 'UBIGINT') THEN TRY_CAST(v ->> '$' AS BIGINT) END
)sql";
constexpr std::string_view kDoubleValue = R"sql(
CREATE MACRO clickstream_v1.double_value(v) AS
  CASE WHEN json_type(v) IN ('BIGINT', 'UBIGINT', 'DOUBLE')
         AND (json_type(v) = 'DOUBLE' OR TRY_CAST(v ->> '$' AS BIGINT) IS NULL)
       THEN TRY_CAST(v ->> '$' AS DOUBLE) END
)sql";
constexpr std::string_view kStringValue = R"sql(
CREATE MACRO clickstream_v1.string_value(v) AS
  CASE WHEN json_type(v) NOT IN ('BIGINT', 'UBIGINT', 'DOUBLE', 'NULL')
       THEN left(v ->> '$', 2048) END
)sql";

// Items are found by their event; the day is part of it so that a query of some days reads only
// their files.
constexpr std::string_view kEvent = R"sql(
CREATE VIEW clickstream_v1.event AS
WITH bought AS NOT MATERIALIZED (
  SELECT app_id, event_date, event_id,
         list({'id': item_id, 'quantity': TRY_CAST(quantity AS BIGINT), 'price': price,
               'currency': currency, 'creative_name': creative_name,
               'creative_slot': creative_slot} ORDER BY item_index) AS items
  FROM main.item WHERE api = 'clickstream' GROUP BY app_id, event_date, event_id
)
SELECT
  e.event_id,
  e.event_date,
  epoch_ms(event_timestamp) AS event_timestamp,
  TRY_CAST(properties ->> '$.event_previous_timestamp' AS BIGINT) AS event_previous_timestamp,
  event_name,
  TRY_CAST(event_value AS FLOAT) AS event_value_in_usd,
  event_bundle_sequence_id,
  epoch_ms(received_at) AS ingest_timestamp,
  {'mobile_brand_name': brand, 'mobile_model_name': model, 'manufacturer': make,
   'screen_width': screen_width, 'screen_height': screen_height,
   'viewport_width': viewport_width, 'viewport_height': viewport_height, 'carrier': carrier,
   'network_type': network_type, 'operating_system_version': os_version,
   'operating_system': platform, 'ua_browser': ua_browser,
   'ua_browser_version': ua_browser_version, 'ua_os': ua_os, 'ua_os_version': ua_os_version,
   'ua_device': ua_device, 'ua_device_category': ua_device_category,
   'system_language': language, 'time_zone_offset_seconds': zone_offset_ms // 1000,
   'vendor_id': device_id,
   'advertising_id': coalesce(properties ->> '$.device_unique_id',
                              properties ->> '$.advertising_id'),
   'host_name': page_host} AS device,
  {'city': geo_city, 'continent': geo_continent, 'country': geo_country,
   'metro': NULL::VARCHAR, 'region': geo_region, 'sub_continent': NULL::VARCHAR,
   'locale': locale} AS geo,
  {'medium': properties ->> '$._traffic_source_medium',
   'name': properties ->> '$._traffic_source_name',
   'source': properties ->> '$._traffic_source_source'} AS traffic_source,
  {'app_id': e.app_id, 'id': app_package_name, 'install_source': properties ->> '$._channel',
   'version': app_version, 'sdk_version': sdk_version, 'sdk_name': sdk_name} AS app_info,
  platform,
  clickstream.project_id() AS project_id,
  b.items,
  user_pseudo_id,
  user_id
FROM main.event e LEFT JOIN bought b
  ON b.app_id = e.app_id AND b.event_date = e.event_date AND b.event_id = e.event_id
WHERE api = 'clickstream'
)sql";

constexpr std::string_view kEventParameter = R"sql(
CREATE VIEW clickstream_v1.event_parameter AS
WITH entry AS NOT MATERIALIZED (
  SELECT event_id, event_name, event_timestamp,
         unnest(map_entries(TRY_CAST(properties AS MAP(VARCHAR, JSON)))) AS e
  FROM main.event WHERE api = 'clickstream'
)
SELECT
  event_id,
  event_name,
  epoch_ms(event_timestamp) AS event_timestamp,
  left(e.key, 255) AS event_param_key,
  clickstream_v1.int_value(e.value) AS event_param_int_value,
  clickstream_v1.double_value(e.value) AS event_param_double_value,
  NULL::FLOAT AS event_param_float_value,
  clickstream_v1.string_value(e.value) AS event_param_string_value
FROM entry
WHERE e.key NOT IN ('_traffic_source_medium', '_traffic_source_name', '_traffic_source_source',
                    '_channel', 'event_previous_timestamp', 'device_unique_id', 'advertising_id')
  AND NOT starts_with(e.key, '_privacy_info_')
)sql";

constexpr std::string_view kItem = R"sql(
CREATE VIEW clickstream_v1.item AS SELECT
  epoch_ms(event_timestamp) AS event_timestamp,
  item_id AS id,
  list_transform(
    list_filter(map_entries(TRY_CAST(properties AS MAP(VARCHAR, JSON))),
                lambda e: e.key NOT IN ('id', 'item_id')),
    lambda e: {
      'key': e.key,
      'value': {'double_value': clickstream_v1.double_value(e.value),
                'float_value': NULL::FLOAT,
                'int_value': clickstream_v1.int_value(e.value),
                'string_value': clickstream_v1.string_value(e.value)}}) AS properties
FROM main.item WHERE api = 'clickstream' AND item_id IS NOT NULL
)sql";

constexpr std::string_view kIngestionEvents = R"sql(
CREATE VIEW clickstream_v1.ingestion_events AS SELECT
  strftime(received_at, '%Y-%m-%dT%H:%M:%S+00:00') AS date,
  data,
  ip,
  'http_server' AS source_type,
  rid,
  ua,
  method AS m,
  uri,
  nullif(regexp_extract(uri, '[?&]platform=([^&]*)', 1), '') AS platform,
  path,
  clickstream.decoded(nullif(regexp_extract(uri, '[?&]appId=([^&]*)', 1), '')) AS appId,
  nullif(regexp_extract(uri, '[?&]compression=([^&]*)', 1), '') AS compression,
  epoch_ms(received_at) // 1000 * 1000 AS ingest_time,
  TRY_CAST(nullif(regexp_extract(uri, '[?&]upload_timestamp=([^&]*)', 1), '') AS BIGINT)
    AS client_timestamp
FROM main.ingestion_events WHERE api = 'clickstream' AND kind = 'accepted'
)sql";

}  // namespace

std::vector<std::string_view> clickstream_v1() {
  return {kIntValue, kDoubleValue, kStringValue, kEvent, kEventParameter, kItem};
}

std::vector<std::string_view> clickstream_requests() { return {kIngestionEvents}; }

}  // namespace store::views
