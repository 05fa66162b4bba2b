// The tables of Clickstream Analytics on AWS 1.1.6 and later, with its names, its order of columns
// and its types, so that SQL written for them runs unchanged. Columns nothing feeds are typed
// NULLs.

#include "store/views/views.h"

namespace store::views {
namespace {

// Text that decodes to no UTF-8 stays as it is.
constexpr std::string_view kDecoded = R"sql(
CREATE MACRO clickstream.decoded(text) AS coalesce(TRY(url_decode(text)), text)
)sql";

constexpr std::string_view kQueryPairs = R"sql(
CREATE MACRO clickstream.query_pairs(query) AS
  list_transform(list_filter(string_split(query, '&'), lambda p: p <> ''),
                 lambda p: {'k': clickstream.decoded(split_part(p, '=', 1)),
                            'v': clickstream.decoded(
                              substr(p, length(split_part(p, '=', 1)) + 2))})
)sql";

// The values of a repeated key are joined with a comma.
constexpr std::string_view kQueryParameters = R"sql(
CREATE MACRO clickstream.query_parameters(query) AS
  map_from_entries(list_transform(
    list_sort(list_distinct(list_transform(clickstream.query_pairs(query), lambda e: e.k))),
    lambda n: {'k': n, 'v': array_to_string(
      list_transform(list_filter(clickstream.query_pairs(query), lambda e: e.k = n),
                     lambda e: e.v), ',')}))
)sql";

constexpr std::string_view kCustomEntries = R"sql(
CREATE MACRO clickstream.custom_entries(properties, known) AS
  list_filter(map_entries(TRY_CAST(properties AS MAP(VARCHAR, JSON))),
              lambda e: NOT list_contains(known, e.key))
)sql";

constexpr std::string_view kTyped = R"sql(
CREATE MACRO clickstream.typed(entries) AS
  map_from_entries(list_transform(entries, lambda e: {
    'key': e.key,
    'value': {'value': e.value ->> '$',
              'type': CASE json_type(e.value) WHEN 'VARCHAR' THEN 'string'
                                              WHEN 'BOOLEAN' THEN 'boolean'
                                              WHEN 'BIGINT' THEN 'number'
                                              WHEN 'UBIGINT' THEN 'number'
                                              WHEN 'DOUBLE' THEN 'number' ELSE 'object' END}}))
)sql";

// What is not known is not in it.
constexpr std::string_view kProcessInfo = R"sql(
CREATE MACRO clickstream.process_info(ingested, uploaded, address) AS
  map_from_entries(list_filter(
    [{'k': 'ingest_time', 'v': strftime(ingested, '%Y-%m-%dT%H:%M:%S.%gZ')},
     {'k': 'upload_time', 'v': strftime(uploaded, '%Y-%m-%dT%H:%M:%S.%gZ')},
     {'k': 'source_ip', 'v': address}], lambda e: e.v IS NOT NULL))
)sql";

// Attributes that have a column below; every other one is a custom parameter.
constexpr std::string_view kKnownAttributes = R"sql(
CREATE MACRO clickstream.known_attributes() AS [
  '_session_id', '_session_start_timestamp', '_session_start_time_msec', '_session_duration',
  '_session_number', '_page_title', '_page_url', '_latest_referrer', '_latest_referrer_host',
  '_screen_name', '_screen_id', '_screen_unique_id', '_previous_screen_name',
  '_previous_screen_id', '_previous_screen_unique_id', '_entrances', '_previous_timestamp',
  '_engagement_time_msec', '_page_referrer', '_page_referrer_title', '_search_key', '_search_term',
  '_link_classes', '_link_domain', '_link_id', '_link_url', '_outbound', '_is_first_time',
  '_exception_message', '_exception_stack', '_previous_app_version', '_previous_os_version',
  '_error_code', '_error_message', '_app_install_channel', '_app_install_source',
  '_install_channel', '_traffic_source_source', '_traffic_source_medium',
  '_traffic_source_campaign', '_traffic_source_campaign_id', '_traffic_source_term',
  '_traffic_source_content', '_traffic_source_clid', '_traffic_source_clid_platform',
  '_traffic_source_channel_group', '_traffic_source_category', '_utm_source', '_utm_medium',
  '_utm_campaign', '_utm_content', '_utm_term', '_utm_id', '_utm_source_platform', '_gclid',
  'device_unique_id', 'advertising_id']
)sql";

// The vendor knows no column for country_code, which its Web client sends with every event.
constexpr std::string_view kEventEntries = R"sql(
CREATE MACRO clickstream.event_entries(properties, country) AS
  list_concat(clickstream.custom_entries(properties, clickstream.known_attributes()),
              CASE WHEN country IS NOT NULL AND (properties -> '$.country_code') IS NULL
                   THEN [{'key': 'country_code', 'value': to_json(country)}] ELSE [] END)
)sql";

constexpr std::string_view kEventV2 = R"sql(
CREATE VIEW clickstream.event_v2 AS SELECT
  event_timestamp,
  event_id,
  epoch_ms(event_timestamp) AS event_time_msec,
  event_name,
  event_value,
  coalesce(currency, CASE WHEN event_value IS NOT NULL THEN 'USD' END) AS event_value_currency,
  event_bundle_sequence_id,
  epoch_ms(received_at) AS ingest_time_msec,
  brand AS device_mobile_brand_name,
  model AS device_mobile_model_name,
  make AS device_manufacturer,
  carrier AS device_carrier,
  network_type AS device_network_type,
  CASE WHEN lower(platform) IN ('android', 'ios', 'wechatmp') THEN platform END
    AS device_operating_system,
  os_version AS device_operating_system_version,
  device_id AS device_vendor_id,
  coalesce(properties ->> '$.device_unique_id', properties ->> '$.advertising_id')
    AS device_advertising_id,
  language AS device_system_language,
  TRY_CAST(zone_offset_ms // 1000 AS INTEGER) AS device_time_zone_offset_seconds,
  ua_browser AS device_ua_browser,
  ua_browser_version AS device_ua_browser_version,
  ua_os AS device_ua_os,
  ua_os_version AS device_ua_os_version,
  ua_device AS device_ua_device,
  ua_device_category AS device_ua_device_category,
  CASE WHEN user_agent IS NOT NULL THEN
    MAP {'string': user_agent, 'userAgent': concat_ws(' ', ua_browser, ua_browser_version),
         'os': concat_ws(' ', ua_os, ua_os_version), 'device': ua_device} END AS device_ua,
  TRY_CAST(screen_width AS INTEGER) AS device_screen_width,
  TRY_CAST(screen_height AS INTEGER) AS device_screen_height,
  TRY_CAST(viewport_width AS INTEGER) AS device_viewport_width,
  TRY_CAST(viewport_height AS INTEGER) AS device_viewport_height,
  geo_continent,
  NULL::VARCHAR AS geo_sub_continent,
  geo_country,
  geo_region,
  NULL::VARCHAR AS geo_metro,
  geo_city,
  locale AS geo_locale,
  traffic_source_source,
  traffic_source_medium,
  traffic_source_campaign,
  traffic_source_content,
  traffic_source_term,
  traffic_source_campaign_id,
  traffic_source_clid_platform,
  traffic_source_clid,
  traffic_source_channel_group,
  traffic_source_category,
  epoch_ms(user_first_touch) AS user_first_touch_time_msec,
  app_package_name AS app_package_id,
  app_version,
  app_title,
  coalesce(properties ->> '$._app_install_channel', properties ->> '$._app_install_source',
           properties ->> '$._install_channel') AS app_install_source,
  coalesce(platform, 'Web') AS platform,
  clickstream.project_id() AS project_id,
  app_id,
  properties ->> '$._screen_name' AS screen_view_screen_name,
  properties ->> '$._screen_id' AS screen_view_screen_id,
  properties ->> '$._screen_unique_id' AS screen_view_screen_unique_id,
  properties ->> '$._previous_screen_name' AS screen_view_previous_screen_name,
  properties ->> '$._previous_screen_id' AS screen_view_previous_screen_id,
  properties ->> '$._previous_screen_unique_id' AS screen_view_previous_screen_unique_id,
  CASE WHEN event_name = '_screen_view'
    THEN TRY_CAST(properties ->> '$._previous_timestamp' AS BIGINT) END
    AS screen_view_previous_time_msec,
  CASE WHEN event_name = '_screen_view'
    THEN TRY_CAST(properties ->> '$._engagement_time_msec' AS BIGINT) END
    AS screen_view_engagement_time_msec,
  TRY_CAST(properties ->> '$._entrances' AS BOOLEAN) AS screen_view_entrances,
  clickstream.decoded(properties ->> '$._page_referrer') AS page_view_page_referrer,
  clickstream.decoded(properties ->> '$._page_referrer_title') AS page_view_page_referrer_title,
  CASE WHEN event_name = '_page_view'
    THEN TRY_CAST(properties ->> '$._previous_timestamp' AS BIGINT) END
    AS page_view_previous_time_msec,
  CASE WHEN event_name = '_page_view'
    THEN TRY_CAST(properties ->> '$._engagement_time_msec' AS BIGINT) END
    AS page_view_engagement_time_msec,
  clickstream.decoded(page_title) AS page_view_page_title,
  clickstream.decoded(page_url) AS page_view_page_url,
  page_path AS page_view_page_url_path,
  clickstream.query_parameters(page_query) AS page_view_page_url_query_parameters,
  page_host AS page_view_hostname,
  properties ->> '$._latest_referrer' AS page_view_latest_referrer,
  coalesce(properties ->> '$._latest_referrer_host',
           nullif(regexp_extract(properties ->> '$._latest_referrer',
                                 '^[a-z]+://([^/?#]+)', 1), ''))
    AS page_view_latest_referrer_host,
  TRY_CAST(properties ->> '$._entrances' AS BOOLEAN) AS page_view_entrances,
  CASE WHEN event_name = '_app_start'
    THEN TRY_CAST(properties ->> '$._is_first_time' AS BOOLEAN) END AS app_start_is_first_time,
  properties ->> '$._previous_app_version' AS upgrade_previous_app_version,
  properties ->> '$._previous_os_version' AS upgrade_previous_os_version,
  properties ->> '$._search_key' AS search_key,
  properties ->> '$._search_term' AS search_term,
  properties ->> '$._link_classes' AS outbound_link_classes,
  properties ->> '$._link_domain' AS outbound_link_domain,
  properties ->> '$._link_id' AS outbound_link_id,
  properties ->> '$._link_url' AS outbound_link_url,
  TRY_CAST(properties ->> '$._outbound' AS BOOLEAN) AS outbound_link,
  CASE WHEN event_name = '_user_engagement'
    THEN TRY_CAST(properties ->> '$._engagement_time_msec' AS BIGINT) END
    AS user_engagement_time_msec,
  user_id,
  user_pseudo_id,
  session_id,
  epoch_ms(session_start) AS session_start_time_msec,
  session_duration_ms AS session_duration,
  session_number,
  CASE WHEN event_name = '_scroll'
    THEN TRY_CAST(properties ->> '$._engagement_time_msec' AS BIGINT) END
    AS scroll_engagement_time_msec,
  properties ->> '$._error_code' AS sdk_error_code,
  properties ->> '$._error_message' AS sdk_error_message,
  sdk_version,
  sdk_name,
  properties ->> '$._exception_message' AS app_exception_message,
  properties ->> '$._exception_stack' AS app_exception_stack,
  CAST(to_json(map_from_entries(clickstream.event_entries(properties, country_code))) AS VARCHAR)
    AS custom_parameters_json_str,
  clickstream.typed(clickstream.event_entries(properties, country_code)) AS custom_parameters,
  clickstream.process_info(received_at, upload_timestamp, ip) AS process_info,
  received_at AS created_time
FROM main.event WHERE api = 'clickstream'
)sql";

constexpr std::string_view kItemV2 = R"sql(
CREATE VIEW clickstream.item_v2 AS
WITH known AS NOT MATERIALIZED (
  SELECT ['item_id', 'id', 'item_name', 'name', 'item_brand', 'brand', 'currency', 'price',
          'quantity', 'creative_name', 'creative_slot', 'location_id', 'category', 'category2',
          'category3', 'category4', 'category5', 'item_category', 'item_category2',
          'item_category3', 'item_category4', 'item_category5'] AS names
)
SELECT
  event_timestamp,
  event_id,
  event_name,
  platform,
  user_pseudo_id,
  user_id,
  item_id,
  name,
  brand,
  currency,
  price,
  quantity,
  creative_name,
  creative_slot,
  location_id,
  category,
  category2,
  category3,
  category4,
  category5,
  CAST(to_json(map_from_entries(clickstream.custom_entries(properties, names))) AS VARCHAR)
    AS custom_parameters_json_str,
  clickstream.typed(clickstream.custom_entries(properties, names)) AS custom_parameters,
  clickstream.process_info(received_at, NULL::TIMESTAMP, NULL::VARCHAR) AS process_info,
  received_at AS created_time
FROM main.item, known WHERE api = 'clickstream' AND item_id IS NOT NULL
)sql";

// The traffic source of the session's first event that has one other than Direct, else of its first
// event with a source, else of its first. Of two events at once the one received first counts.
constexpr std::string_view kSession = R"sql(
CREATE VIEW clickstream.session AS
WITH visit AS NOT MATERIALIZED (
  SELECT *,
         epoch_us(event_timestamp)::HUGEINT * 9223372036854775808 + journal_position AS place,
         {'source': traffic_source_source, 'medium': traffic_source_medium,
          'campaign': traffic_source_campaign, 'content': traffic_source_content,
          'term': traffic_source_term, 'campaign_id': traffic_source_campaign_id,
          'clid_platform': traffic_source_clid_platform, 'clid': traffic_source_clid,
          'channel_group': traffic_source_channel_group,
          'category': traffic_source_category} AS traffic
  FROM main.event
  WHERE api = 'clickstream' AND session_id IS NOT NULL
    AND event_name IN ('_session_start', '_page_view', '_user_engagement', '_screen_view',
                       '_app_end')
), grouped AS NOT MATERIALIZED (
  SELECT app_id, user_pseudo_id, session_id,
         min(event_timestamp) AS event_timestamp,
         max(user_id) AS user_id,
         max(session_number) AS session_number,
         coalesce(min(session_start), min(event_timestamp)) AS session_start,
         coalesce(arg_min(traffic, place) FILTER (traffic_source_source <> 'Direct'),
                  arg_min(traffic, place) FILTER (traffic_source_source IS NOT NULL),
                  arg_min(traffic, place)) AS traffic,
         max(received_at) AS received_at
  FROM visit GROUP BY app_id, user_pseudo_id, session_id
)
SELECT
  event_timestamp,
  user_pseudo_id,
  session_id,
  user_id,
  session_number,
  epoch_ms(session_start) AS session_start_time_msec,
  traffic.source AS session_source,
  traffic.medium AS session_medium,
  traffic.campaign AS session_campaign,
  traffic.content AS session_content,
  traffic.term AS session_term,
  traffic.campaign_id AS session_campaign_id,
  traffic.clid_platform AS session_clid_platform,
  traffic.clid AS session_clid,
  traffic.channel_group AS session_channel_group,
  traffic.category AS session_source_category,
  clickstream.process_info(received_at, NULL::TIMESTAMP, NULL::VARCHAR) AS process_info,
  received_at AS created_time
FROM grouped
)sql";

}  // namespace

std::vector<std::string_view> clickstream_schema() {
  return {"CREATE SCHEMA clickstream",
          "CREATE SCHEMA clickstream_v1",
          kDecoded,
          kQueryPairs,
          kQueryParameters,
          kCustomEntries,
          kTyped,
          kProcessInfo,
          kKnownAttributes,
          kEventEntries};
}

std::string project_id(std::string_view literal) {
  return std::string("CREATE MACRO clickstream.project_id() AS nullif(CAST(")
      .append(literal)
      .append(" AS VARCHAR), '')");
}

std::vector<std::string_view> clickstream() { return {kEventV2, kItemV2, kSession}; }

}  // namespace store::views
