// Clickstream's tables of users: one row for each of its devices, from the people the loader knows.

#include "store/views/views.h"

namespace store::views {
namespace {

constexpr std::string_view kUserV2 = R"sql(
CREATE VIEW clickstream.user_v2 AS SELECT
  last_seen AS event_timestamp,
  user_pseudo_id,
  user_id,
  map_from_entries(list_transform(
    map_entries(TRY_CAST(user_properties AS MAP(VARCHAR, JSON))), lambda e: {
      'key': e.key,
      'value': {'value': e.value ->> '$.value',
                'type': CASE json_type(e.value, '$.value') WHEN 'VARCHAR' THEN 'string'
                                                           WHEN 'BOOLEAN' THEN 'boolean'
                                                           WHEN 'BIGINT' THEN 'number'
                                                           WHEN 'UBIGINT' THEN 'number'
                                                           WHEN 'DOUBLE' THEN 'number'
                                                           ELSE 'object' END,
                'set_time_msec': TRY_CAST(e.value ->> '$.set_time_msec' AS BIGINT)}}))
    AS user_properties,
  CAST(user_properties AS VARCHAR) AS user_properties_json_str,
  coalesce(TRY_CAST(user_properties ->> '$._user_first_touch_timestamp.value' AS BIGINT),
           epoch_ms(coalesce(first_touch_time, first_seen))) AS first_touch_time_msec,
  CAST(coalesce(first_touch_time, first_seen) AS DATE) AS first_visit_date,
  first_touch ->> '$.referrer' AS first_referrer,
  first_touch ->> '$.source' AS first_traffic_source,
  first_touch ->> '$.medium' AS first_traffic_medium,
  first_touch ->> '$.campaign' AS first_traffic_campaign,
  first_touch ->> '$.content' AS first_traffic_content,
  first_touch ->> '$.term' AS first_traffic_term,
  first_touch ->> '$.campaign_id' AS first_traffic_campaign_id,
  first_touch ->> '$.clid_platform' AS first_traffic_clid_platform,
  first_touch ->> '$.clid' AS first_traffic_clid,
  first_touch ->> '$.channel_group' AS first_traffic_channel_group,
  first_touch ->> '$.category' AS first_traffic_category,
  first_touch ->> '$.app_install_source' AS first_app_install_source,
  clickstream.process_info(last_seen, NULL::TIMESTAMP, NULL::VARCHAR) AS process_info,
  last_seen AS created_time
FROM main.users
WHERE api = 'clickstream' AND user_pseudo_id IS NOT NULL
)sql";

// A number stands in exactly one column, as in clickstream_v1.event_parameter.
constexpr std::string_view kUserV1 = R"sql(
CREATE VIEW clickstream_v1."user" AS SELECT
  epoch_ms(last_seen) AS event_timestamp,
  user_id,
  user_pseudo_id,
  coalesce(TRY_CAST(user_properties ->> '$._user_first_touch_timestamp.value' AS BIGINT),
           epoch_ms(coalesce(first_touch_time, first_seen))) AS user_first_touch_timestamp,
  list_transform(
    map_entries(TRY_CAST(user_properties AS MAP(VARCHAR, JSON))), lambda e: {
      'key': e.key,
      'value': {'double_value': clickstream_v1.double_value(e.value -> '$.value'),
                'float_value': NULL::FLOAT,
                'int_value': clickstream_v1.int_value(e.value -> '$.value'),
                'string_value': clickstream_v1.string_value(e.value -> '$.value'),
                'set_timestamp_micros':
                  TRY_CAST(TRY_CAST(e.value ->> '$.set_time_msec' AS HUGEINT) * 1000 AS BIGINT)}})
    AS user_properties,
  {'revenue': TRY_CAST(user_properties ->> '$._user_ltv_revenue.value' AS DOUBLE),
   'currency': user_properties ->> '$._user_ltv_currency.value'} AS user_ltv,
  CAST(coalesce(first_touch_time, first_seen) AS DATE) AS _first_visit_date,
  first_touch ->> '$.referrer' AS _first_referer,
  NULL::VARCHAR AS _first_traffic_source_type,
  first_touch ->> '$.medium' AS _first_traffic_medium,
  first_touch ->> '$.source' AS _first_traffic_source,
  list_transform(
    list_filter(CAST(from_json(identities, '[{"kind": "VARCHAR", "value": "VARCHAR"}]')
                  AS STRUCT(kind VARCHAR, "value" VARCHAR)[]), lambda i: i.kind = 'device'),
    lambda i: i.value) AS device_id_list,
  first_touch ->> '$.app_install_source' AS _channel
FROM main.users
WHERE api = 'clickstream' AND user_pseudo_id IS NOT NULL
)sql";

}  // namespace

std::vector<std::string_view> clickstream_users() { return {kUserV2, kUserV1}; }

}  // namespace store::views
