#pragma once
// Dates and times as text: what the vendors' documents call ISO 8601, HTTP dates, and the forms
// our own output uses. No locale, no time zone database.

#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace base {

/// Reads ISO 8601: "2014-06-30T19:07:47.885Z", with or without fraction (1 to 9 digits, cut to
/// microseconds), offset "Z", "+0200", "+02:00" or "+02", "T" or a space between date and time;
/// also a date alone and the basic form "20140630T190747Z". Without an offset it is UTC. Years
/// 0001 to 9999; anything else, also a day that does not exist, is nullopt. Second 60 is read as
/// the next minute.
std::optional<Time> parse_iso8601(std::string_view text);

/// "2014-06-30T19:07:47.885Z" (milliseconds, always three digits).
std::string format_iso8601_ms(Time time);
/// "2014-06-30 19:07:47.885000": how SQL output shows a TIMESTAMP.
std::string format_sql_timestamp(Time time);
/// "2014-06-30".
std::string format_date(Time time);
/// "Mon, 30 Jun 2014 19:07:47 GMT", for the Date header.
std::string format_http_date(Time time);
/// Reads the three forms of RFC 9110 5.6.7.
std::optional<Time> parse_http_date(std::string_view text);

}  // namespace base
