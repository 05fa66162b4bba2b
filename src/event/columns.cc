#include "event/columns.h"

#include <array>

namespace event {
namespace {

using enum ColumnType;

constexpr Column<Event> kEventColumns[] = {
    {"app_id", kText, &Event::app_id, "application"},
    {"api", kText, &Event::api,
     "`clickstream`, `clevertap`, `mobile_analytics` or `segmentstream`"},
    {"event_id", kText, &Event::event_id, "the id duplicates are found by"},
    {"event_name", kText, &Event::event_name, "what happened"},
    {"event_timestamp", kTimestamp, &Event::event_timestamp,
     "when it happened, by the client clock unless corrected, UTC"},
    {"event_date", kDate, &Event::event_date,
     "the day it is filed under: of event_timestamp, or of received_at when that is "
     "before 2000 or more than a day ahead"},
    {"received_at", kTimestamp, &Event::received_at, "when the request arrived, UTC"},
    {"user_pseudo_id", kText, &Event::user_pseudo_id, "device, anonymous or client id"},
    {"user_id", kText, &Event::user_id, "the id the app gave to the person"},
    {"user_id_kind", kText, &Event::user_id_kind, "which kind of id user_id is"},
    {"user_first_touch", kTimestamp, &Event::user_first_touch,
     "Clickstream: when the client first saw its user, UTC"},
    {"session_id", kText, &Event::session_id, "session the client says it belongs to"},
    {"session_start", kTimestamp, &Event::session_start, "start of that session, UTC"},
    {"session_stop", kTimestamp, &Event::session_stop, "stop of that session, UTC"},
    {"session_duration_ms", kInt, &Event::session_duration_ms,
     "length of that session in milliseconds, as the client says"},
    {"session_number", kInt, &Event::session_number, "how many sessions this installation had"},
    {"platform", kText, &Event::platform, "platform the app runs on"},
    {"os_version", kText, &Event::os_version, "operating system version"},
    {"make", kText, &Event::make, "device maker"},
    {"brand", kText, &Event::brand, "device brand"},
    {"model", kText, &Event::model, "device model"},
    {"carrier", kText, &Event::carrier, "mobile network"},
    {"network_type", kText, &Event::network_type, "kind of network"},
    {"locale", kText, &Event::locale, "locale of the device"},
    {"language", kText, &Event::language, "language of the device"},
    {"country_code", kText, &Event::country_code, "country set on the device"},
    {"zone_offset_ms", kInt, &Event::zone_offset_ms, "milliseconds east of UTC"},
    {"device_id", kText, &Event::device_id, "device id"},
    {"event_bundle_sequence_id", kInt, &Event::event_bundle_sequence_id,
     "number of the request, counted by the client"},
    {"upload_timestamp", kTimestamp, &Event::upload_timestamp,
     "client clock when the request was sent, UTC"},
    {"screen_width", kInt, &Event::screen_width, "pixels"},
    {"screen_height", kInt, &Event::screen_height, "pixels"},
    {"viewport_width", kInt, &Event::viewport_width, "pixels"},
    {"viewport_height", kInt, &Event::viewport_height, "pixels"},
    {"sdk_name", kText, &Event::sdk_name, "client library"},
    {"sdk_version", kText, &Event::sdk_version, "version of the client library"},
    {"app_version", kText, &Event::app_version, "version of the app"},
    {"app_version_code", kText, &Event::app_version_code, "build of the app"},
    {"app_package_name", kText, &Event::app_package_name, "package of the app"},
    {"app_title", kText, &Event::app_title, "title of the app"},
    {"event_value", kDouble, &Event::event_value, "monetary value of the event"},
    {"currency", kText, &Event::currency, "currency of event_value"},
    {"ip", kText, &Event::ip, "address of the client, as its API defines it"},
    {"peer_ip", kText, &Event::peer_ip, "address that connected, after trusted proxies"},
    {"user_agent", kText, &Event::user_agent, "User-Agent header"},
    {"access_key_id", kText, &Event::access_key_id,
     "AWS key that signed the request (Mobile Analytics)"},
    {"ua_browser", kText, &Event::ua_browser, "browser"},
    {"ua_browser_version", kText, &Event::ua_browser_version, "browser version"},
    {"ua_os", kText, &Event::ua_os, "operating system by user agent"},
    {"ua_os_version", kText, &Event::ua_os_version, "its version"},
    {"ua_device", kText, &Event::ua_device, "device by user agent"},
    {"ua_device_category", kText, &Event::ua_device_category,
     "Mobile, Tablet, PC, Bot or Other, by ua_device"},
    {"geo_continent", kText, &Event::geo_continent, "continent of ip"},
    {"geo_country", kText, &Event::geo_country, "ISO country of ip"},
    {"geo_region", kText, &Event::geo_region, "region of ip"},
    {"geo_city", kText, &Event::geo_city, "city of ip"},
    {"geo_latitude", kDouble, &Event::geo_latitude, "degrees"},
    {"geo_longitude", kDouble, &Event::geo_longitude, "degrees"},
    {"traffic_source_source", kText, &Event::traffic_source_source, "utm_source"},
    {"traffic_source_medium", kText, &Event::traffic_source_medium, "utm_medium"},
    {"traffic_source_campaign", kText, &Event::traffic_source_campaign, "utm_campaign"},
    {"traffic_source_campaign_id", kText, &Event::traffic_source_campaign_id, "utm_id"},
    {"traffic_source_term", kText, &Event::traffic_source_term, "utm_term"},
    {"traffic_source_content", kText, &Event::traffic_source_content, "utm_content"},
    {"traffic_source_clid", kText, &Event::traffic_source_clid,
     "click id; from a page URL as `{\"type\":\"gclid\",\"value\":\"…\"}`"},
    {"traffic_source_clid_platform", kText, &Event::traffic_source_clid_platform,
     "utm_source_platform; of SegmentStream the click id's name, such as gclid"},
    {"traffic_source_channel_group", kText, &Event::traffic_source_channel_group,
     "Clickstream: channel of the visit, such as Organic Search"},
    {"traffic_source_category", kText, &Event::traffic_source_category,
     "Clickstream: Search, Social, Video, Shopping, Referral, Direct or Unassigned"},
    {"page_url", kText, &Event::page_url, "page the event happened on"},
    {"page_host", kText, &Event::page_host, "its host"},
    {"page_path", kText, &Event::page_path, "its path"},
    {"page_query", kText, &Event::page_query, "its query"},
    {"page_title", kText, &Event::page_title, "its title"},
    {"page_referrer", kText, &Event::page_referrer, "page before it"},
    {"page_referrer_host", kText, &Event::page_referrer_host, "host of page_referrer"},
    {"properties", kJson, &Event::properties, "every attribute of the event"},
    {"attributes", kJson, &Event::attributes, "Mobile Analytics attributes"},
    {"metrics", kJson, &Event::metrics, "Mobile Analytics metrics"},
    {"context", kJson, &Event::context, "client context or SegmentStream context"},
    {"integrations", kJson, &Event::integrations, "SegmentStream integrations"},
    {"limit_errors", kJson, &Event::limit_errors, "limits of the API that the event exceeds"},
    {"journal_position", kInt, &Event::journal_position, "position of the request in the journal"},
};

constexpr Column<ItemRow> kItemColumns[] = {
    {"app_id", kText, &ItemRow::app_id, "application"},
    {"api", kText, &ItemRow::api,
     "`clickstream`, `clevertap`, `mobile_analytics` or `segmentstream`"},
    {"event_id", kText, &ItemRow::event_id, "the id duplicates are found by"},
    {"event_name", kText, &ItemRow::event_name, "what happened"},
    {"event_timestamp", kTimestamp, &ItemRow::event_timestamp,
     "when it happened, by the client clock unless corrected, UTC"},
    {"event_date", kDate, &ItemRow::event_date,
     "the day it is filed under: of event_timestamp, or of received_at when that is "
     "before 2000 or more than a day ahead"},
    {"user_pseudo_id", kText, &ItemRow::user_pseudo_id, "device, anonymous or client id"},
    {"user_id", kText, &ItemRow::user_id, "the id the app gave to the person"},
    {"platform", kText, &ItemRow::platform, "platform the app runs on"},
    {"received_at", kTimestamp, &ItemRow::received_at, "when the request arrived, UTC"},
    {"item_id", kText, &ItemRow::item_id, "id of the item"},
    {"name", kText, &ItemRow::name, "name of the item"},
    {"brand", kText, &ItemRow::brand, "brand of the item"},
    {"category", kText, &ItemRow::category, "category"},
    {"category2", kText, &ItemRow::category2, "second category"},
    {"category3", kText, &ItemRow::category3, "third category"},
    {"category4", kText, &ItemRow::category4, "fourth category"},
    {"category5", kText, &ItemRow::category5, "fifth category"},
    {"price", kDouble, &ItemRow::price, "price of one"},
    {"quantity", kDouble, &ItemRow::quantity, "how many"},
    {"currency", kText, &ItemRow::currency, "currency of price"},
    {"creative_name", kText, &ItemRow::creative_name, "creative that showed it"},
    {"creative_slot", kText, &ItemRow::creative_slot, "slot it was shown in"},
    {"location_id", kText, &ItemRow::location_id, "where it was shown"},
    {"item_index", kInt, &ItemRow::item_index, "place in the event, from 0"},
    {"properties", kJson, &ItemRow::properties, "every key of the item"},
    {"journal_position", kInt, &ItemRow::journal_position,
     "position of the request in the journal"},
};

constexpr std::array<Column<RejectedRow>, 10> kRejectedColumns = {{
    {"app_id", kText, &RejectedRow::app_id, "application"},
    {"api", kText, &RejectedRow::api,
     "`clickstream`, `clevertap`, `mobile_analytics` or `segmentstream`"},
    {"received_at", kTimestamp, &RejectedRow::received_at, "when the request arrived, UTC"},
    {"event_date", kDate, &RejectedRow::event_date, "the day it arrived"},
    {"code", kText, &RejectedRow::code, "stable code of the reason"},
    {"reason", kText, &RejectedRow::reason, "why it could not be stored"},
    {"record", kText, &RejectedRow::record, "the unit as received"},
    {"rid", kText, &RejectedRow::rid, "request id, as in the X-Request-Id answer header"},
    {"record_index", kInt, &RejectedRow::record_index, "which unit of its request, from 0"},
    {"journal_position", kInt, &RejectedRow::journal_position,
     "position of the request in the journal"},
}};

}  // namespace

std::string_view sql_type(ColumnType type) {
  switch (type) {
    case kText: return "VARCHAR";
    case kJson: return "JSON";
    case kInt: return "BIGINT";
    case kDouble: return "DOUBLE";
    case kTimestamp: return "TIMESTAMP";
    case kDate: return "DATE";
  }
  return "VARCHAR";
}

std::span<const Column<Event>> event_columns() { return kEventColumns; }
std::span<const Column<ItemRow>> item_columns() { return kItemColumns; }
std::span<const Column<RejectedRow>> rejected_columns() { return kRejectedColumns; }

}  // namespace event
