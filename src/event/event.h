#pragma once
// The nouns everybody shares: what a decoder makes of a Record, what the loader completes and what
// the store keeps. All are values. A text column is NULL when the string is empty; whether the
// client sent "" or nothing can be seen in `properties`.

#include "event/record.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace event {

using Int = std::optional<std::int64_t>;
using Double = std::optional<double>;

/// One line of a purchase, or of any list of things an event is about. Columns of the table
/// `item`, without those it takes from its event.
struct Item {
  std::string item_id;
  std::string name;
  std::string brand;
  std::string category;
  std::string category2;
  std::string category3;
  std::string category4;
  std::string category5;
  Double price;
  Double quantity;
  std::string currency;
  std::string creative_name;
  std::string creative_slot;
  std::string location_id;
  std::string properties;  ///< JSON object with every key the client sent.
};

/// What a property change does to the value a person has.
enum class PropertyOp : std::uint8_t {
  kSet,        ///< Replace, when `set_time_ms` is not older than what is there.
  kAdd,        ///< Append to a list what it does not hold yet (CleverTap $add, and $set on lists).
  kRemove,     ///< Take out of a list (CleverTap $remove).
  kIncrement,  ///< Add a number (CleverTap $incr; $decr is a negative one).
  kDelete,     ///< Forget the property (CleverTap $delete).
};

struct PropertyChange {
  std::string key;
  PropertyOp op = PropertyOp::kSet;
  std::string value_json;        ///< Canonical JSON; empty for kDelete.
  std::int64_t set_time_ms = 0;  ///< When the client set it, epoch milliseconds.
};

/// One of the names a person goes by. `kind` is "device" (device, anonymous or client id), "user"
/// (Clickstream _user_id, SegmentStream userId), or CleverTap's "identity", "fbid", "gpid",
/// "objectid". Equal values of different kinds are different people until a record names both.
struct Identity {
  std::string kind;
  std::string value;
  friend bool operator==(const Identity&, const Identity&) = default;
};

/// What a record says about a person, apart from the event it may travel with.
struct ProfileChange {
  std::string app_id;
  Api api = Api::kClickstream;
  std::vector<Identity> identities;  ///< At least one.
  std::int64_t time_us = 0;          ///< When it happened, as far as the client says.
  std::vector<PropertyChange> properties;
  /// True when the client sent this as a record of its own (CleverTap profile and token records):
  /// then it counts in the books. False for what came inside an event.
  bool booked = false;
  /// As an event's id: a change whose id was seen before is a duplicate. Empty for one that counts
  /// as often as it comes.
  std::string change_id;
};

/// One event: the columns of the table `event` (see columns.h) and what hangs on it.
struct Event {
  std::string app_id;
  Api api = Api::kClickstream;
  std::string event_id;
  std::string event_name;
  Int event_timestamp;  ///< Epoch microseconds.
  Int event_date;       ///< Days since 1970-01-01; the loader files it (see design of partitions).
  Int received_at;      ///< Epoch microseconds.
  std::string user_pseudo_id;
  std::string user_id;
  std::string user_id_kind;  ///< As Identity::kind.
  Int user_first_touch;      ///< Epoch microseconds.
  std::string session_id;
  Int session_start;  ///< Epoch microseconds.
  Int session_stop;   ///< Epoch microseconds.
  Int session_duration_ms;
  Int session_number;
  std::string platform;
  std::string os_version;
  std::string make;
  std::string brand;
  std::string model;
  std::string carrier;
  std::string network_type;
  std::string locale;
  std::string language;
  std::string country_code;
  Int zone_offset_ms;
  std::string device_id;
  Int event_bundle_sequence_id;
  Int upload_timestamp;  ///< Client clock at sending, epoch microseconds.
  Int screen_width;
  Int screen_height;
  Int viewport_width;
  Int viewport_height;
  std::string sdk_name;
  std::string sdk_version;
  std::string app_version;
  std::string app_version_code;
  std::string app_package_name;
  std::string app_title;
  Double event_value;
  std::string currency;
  std::string ip;
  std::string peer_ip;
  std::string user_agent;
  std::string access_key_id;
  std::string ua_browser;
  std::string ua_browser_version;
  std::string ua_os;
  std::string ua_os_version;
  std::string ua_device;
  std::string ua_device_category;
  std::string geo_continent;
  std::string geo_country;
  std::string geo_region;
  std::string geo_city;
  Double geo_latitude;
  Double geo_longitude;
  std::string traffic_source_source;
  std::string traffic_source_medium;
  std::string traffic_source_campaign;
  std::string traffic_source_campaign_id;
  std::string traffic_source_term;
  std::string traffic_source_content;
  std::string traffic_source_clid;
  std::string traffic_source_clid_platform;
  std::string traffic_source_channel_group;
  std::string traffic_source_category;
  std::string page_url;
  std::string page_host;
  std::string page_path;
  std::string page_query;
  std::string page_title;
  std::string page_referrer;
  std::string page_referrer_host;
  std::string properties;    ///< JSON object; "{}" when there are none.
  std::string attributes;    ///< JSON object (Mobile Analytics).
  std::string metrics;       ///< JSON object (Mobile Analytics).
  std::string context;       ///< JSON object: client context, SegmentStream context.
  std::string integrations;  ///< JSON object (SegmentStream).
  std::string limit_errors;  ///< JSON array of texts; empty when no limit was exceeded.
  Int journal_position;

  std::vector<Item> items;
  /// People facts that came with the event; `identities` empty when the event names nobody.
  ProfileChange person;

  // What enrichment needs of a Clickstream event beside its columns.
  std::string latest_referrer;
  std::string latest_referrer_host;
  bool traffic_source_told = false;  ///< The client itself named a source, if only "".
};

/// Why one unit of a request could not be stored. A row of `rejected_event`.
struct Rejection {
  std::string app_id;       ///< Empty: the record's app.
  std::uint32_t index = 0;  ///< Which unit of its request, from 0.
  std::string code;         ///< Stable, snake_case or the vendor's number as text.
  std::string reason;       ///< For a person: what was expected, what was seen.
  std::string record;       ///< The unit as JSON text, or the whole body where it did not parse.
};

/// What decoding makes of one Record. Books: received = events + booked profiles + rejections.
struct Decoded {
  std::vector<Event> events;
  std::vector<ProfileChange> profiles;
  std::vector<Rejection> rejections;
};

}  // namespace event
