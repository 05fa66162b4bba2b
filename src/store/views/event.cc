// event_parameter and session.

#include "store/views/views.h"

namespace store::views {

namespace {

// Every event with the session it belongs to. A client may send any number as a time; arithmetic
// on times far off would fail for every row, and a start in 1970 is how some say that they have
// none. `place` puts events in order, of several at once the one received first.
constexpr std::string_view kSessionBegin = R"sql(
CREATE VIEW session AS
WITH person AS NOT MATERIALIZED (
  SELECT * REPLACE (CASE WHEN session_start BETWEEN '1971-01-01' AND '2200-01-01'
                         THEN session_start END AS session_start,
                    CASE WHEN session_stop BETWEEN '1971-01-01' AND '2200-01-01'
                         THEN session_stop END AS session_stop,
                    CASE WHEN session_duration_ms BETWEEN 0 AND 31622400000
                         THEN session_duration_ms END AS session_duration_ms),
         coalesce(user_pseudo_id, user_id) AS who,
         epoch_us(event_timestamp)::HUGEINT * 9223372036854775808 + journal_position AS place,
         {'source': traffic_source_source, 'medium': traffic_source_medium,
          'campaign': traffic_source_campaign} AS traffic
  FROM event WHERE event_timestamp BETWEEN '1970-01-01' AND '2200-01-01'
), gap AS NOT MATERIALIZED (
  SELECT *, CASE WHEN lag(event_timestamp) OVER earlier IS NULL
                   OR event_timestamp - lag(event_timestamp) OVER earlier > to_milliseconds()sql";
constexpr std::string_view kSessionMembers = R"sql() THEN 1 ELSE 0 END AS begins
  FROM person WHERE session_id IS NULL AND who IS NOT NULL
  WINDOW earlier AS (PARTITION BY app_id, api, who ORDER BY place, event_id)
), numbered AS NOT MATERIALIZED (
  SELECT *, sum(begins) OVER (PARTITION BY app_id, api, who ORDER BY place, event_id
                              ROWS UNBOUNDED PRECEDING) AS number
  FROM gap
), member AS NOT MATERIALIZED (
  SELECT app_id, api, who, user_pseudo_id, user_id, event_name, event_timestamp, place, traffic,
         session_start, session_stop, session_duration_ms, session_number, platform, geo_country,
         page_url,
         first_value(event_id) OVER (PARTITION BY app_id, api, who, number
                                     ORDER BY place, event_id) AS session_id,
         true AS derived
  FROM numbered
  UNION ALL
  SELECT app_id, api, who, user_pseudo_id, user_id, event_name, event_timestamp, place, traffic,
         session_start, session_stop, session_duration_ms, session_number, platform, geo_country,
         page_url, session_id, false AS derived
  FROM person WHERE session_id IS NOT NULL
)sql";

// A _session.stop may be sent hours after the session's end, with its stop time or without: only
// what else happened tells the end then.
constexpr std::string_view kSessionGroups = R"sql(), grouped AS NOT MATERIALIZED (
  SELECT app_id, api, session_id,
         arg_min(user_pseudo_id, place) AS user_pseudo_id,
         arg_max(user_id, place) AS user_id,
         coalesce(min(session_start), min(event_timestamp)) AS started_at,
         max(session_stop) AS stopped_at,
         coalesce(max(event_timestamp) FILTER (event_name IS DISTINCT FROM '_session.stop'),
                  max(event_timestamp)) AS last_event_at,
         max(session_duration_ms) AS told_duration_ms,
         count(*) AS events,
         count(*) FILTER (event_name IN ('_page_view', '_screen_view', 'Page View')) AS views,
         max(session_number) AS session_number,
         arg_min(platform, place) AS platform,
         arg_min(geo_country, place) AS geo_country,
         coalesce(arg_min(traffic, place) FILTER (traffic.source <> 'Direct'),
                  arg_min(traffic, place) FILTER (
                    coalesce(traffic.source, traffic.medium, traffic.campaign) IS NOT NULL))
           AS traffic,
         arg_min(page_url, place) AS entry_page_url,
         arg_max(page_url, place) AS exit_page_url,
         bool_and(derived) AS derived
  FROM member GROUP BY app_id, api, who, session_id
), ended AS NOT MATERIALIZED (
  SELECT *, greatest(started_at, coalesce(stopped_at,
                                          started_at + to_milliseconds(told_duration_ms),
                                          last_event_at)) AS ended_at
  FROM grouped
), measured AS NOT MATERIALIZED (
  SELECT *, coalesce(told_duration_ms, date_diff('millisecond', started_at, ended_at))
              AS duration_ms
  FROM ended
)
SELECT app_id, api, session_id, user_pseudo_id, user_id, started_at, ended_at, duration_ms, events,
       views, duration_ms >= 10000 OR views >= 1 AS engaged, session_number, platform, geo_country,
       traffic.source AS traffic_source_source, traffic.medium AS traffic_source_medium,
       traffic.campaign AS traffic_source_campaign, entry_page_url, exit_page_url, derived
FROM measured
)sql";

}  // namespace

std::string_view event_parameter() {
  // Objects, arrays and truth values are JSON text; a number stands in exactly one of two columns.
  // unnest() works row by row; a join with json_each() would keep every event in memory.
  return R"sql(
CREATE VIEW event_parameter AS
WITH source AS NOT MATERIALIZED (
  SELECT *, CASE WHEN attributes IS NULL AND metrics IS NULL
                 THEN map_entries(TRY_CAST(properties AS MAP(VARCHAR, JSON)))
                 ELSE list_concat(map_entries(TRY_CAST(attributes AS MAP(VARCHAR, JSON))),
                                  map_entries(TRY_CAST(metrics AS MAP(VARCHAR, JSON)))) END
            AS entries
  FROM event
), entry AS NOT MATERIALIZED (
  SELECT app_id, api, event_id, event_name, event_timestamp, event_date, user_pseudo_id,
         unnest(entries) AS e
  FROM source
), typed AS NOT MATERIALIZED (
  SELECT *, e.key AS key, e.value ->> '$' AS text, json_type(e.value) AS type FROM entry
)
SELECT app_id, api, event_id, event_name, event_timestamp, event_date, user_pseudo_id,
       key AS event_param_key,
       CASE WHEN type NOT IN ('BIGINT', 'UBIGINT', 'DOUBLE', 'NULL') THEN text END
         AS event_param_string_value,
       CASE WHEN type IN ('BIGINT', 'UBIGINT') THEN TRY_CAST(text AS BIGINT) END
         AS event_param_int_value,
       CASE WHEN type = 'DOUBLE'
              OR type IN ('BIGINT', 'UBIGINT') AND TRY_CAST(text AS BIGINT) IS NULL
            THEN TRY_CAST(text AS DOUBLE) END
         AS event_param_double_value
FROM typed
)sql";
}

std::string session(std::chrono::milliseconds inactivity) {
  // An event without a session id belongs to the session of its person's event before it, unless
  // more than the inactivity lies between them. Such a session is named after its first event.
  return std::string(kSessionBegin) + std::to_string(inactivity.count()) +
         std::string(kSessionMembers) + std::string(kSessionGroups);
}

}  // namespace store::views
