#include "base/time_text.h"

#include <gtest/gtest.h>

namespace base {
namespace {

std::string round_trip(std::string_view text) {
  const std::optional<Time> time = parse_iso8601(text);
  return time ? format_sql_timestamp(*time) : "nullopt";
}

TEST(ParseIso8601, ReadsTheVendorsExample) {
  EXPECT_EQ(round_trip("2014-06-30T19:07:47.885Z"), "2014-06-30 19:07:47.885000");
}

TEST(ParseIso8601, AppliesAnOffsetInEveryForm) {
  EXPECT_EQ(round_trip("2019-02-21T10:56:10+02:00"), "2019-02-21 08:56:10.000000");
  EXPECT_EQ(round_trip("2019-02-21T10:56:10-0230"), "2019-02-21 13:26:10.000000");
  EXPECT_EQ(round_trip("2019-02-21T10:56:10+02"), "2019-02-21 08:56:10.000000");
}

TEST(ParseIso8601, ReadsDateAloneBasicFormAndSpace) {
  EXPECT_EQ(round_trip("2019-02-21"), "2019-02-21 00:00:00.000000");
  EXPECT_EQ(round_trip("20130315T092054Z"), "2013-03-15 09:20:54.000000");
  EXPECT_EQ(round_trip("2019-02-21 10:56"), "2019-02-21 10:56:00.000000");
}

TEST(ParseIso8601, CutsNanosecondsToMicroseconds) {
  EXPECT_EQ(round_trip("2019-02-21T10:56:10.123456789Z"), "2019-02-21 10:56:10.123456");
}

TEST(ParseIso8601, ReadsALeapSecondAsTheNextMinute) {
  EXPECT_EQ(round_trip("2016-12-31T23:59:60Z"), "2017-01-01 00:00:00.000000");
}

TEST(ParseIso8601, RefusesWhatIsNoDate) {
  for (const char* text : {"", "now", "2019", "2019-02-30", "2019-13-01", "0000-01-01",
                           "2019-02-21T", "2019-02-21T25:00:00Z", "2019-02-21T10:61:00Z",
                           "2019-02-21T10:56:10.Z", "2019-02-21T10:56:10Zjunk", "1550746570",
                           "2019-02-21T10:56:10.1234567890Z", "2019-02-21T10:56:10+99:00"}) {
    EXPECT_EQ(round_trip(text), "nullopt") << text;
  }
}

TEST(FormatTime, KeepsTimesBeforeTheEpoch) {
  EXPECT_EQ(format_iso8601_ms(from_us(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_iso8601_ms(from_us(253'402'300'799'999'999)), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(format_iso8601_ms(from_us(253'402'300'800'000'000)), "10000-01-01T00:00:00.000Z");
  EXPECT_EQ(format_iso8601_ms(from_us(-62'198'755'200'000'000)), "-001-01-01T00:00:00.000Z");
  EXPECT_EQ(format_date(from_us(-1)), "1969-12-31");
}

TEST(HttpDate, ReadsAllThreeFormsAndWritesTheFirst) {
  constexpr std::string_view kPreferred = "Sun, 06 Nov 1994 08:49:37 GMT";
  for (const std::string_view text :
       {kPreferred, std::string_view("Sunday, 06-Nov-94 08:49:37 GMT"),
        std::string_view("Sun Nov  6 08:49:37 1994")}) {
    const std::optional<Time> time = parse_http_date(text);
    ASSERT_TRUE(time.has_value()) << text;
    EXPECT_EQ(format_http_date(*time), kPreferred);
  }
  EXPECT_FALSE(parse_http_date("Sun, 06 Nov 1994").has_value());
}

}  // namespace
}  // namespace base
