#include "imports/test_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imports {
namespace {

using testing::HasSubstr;

const Reading kReading{Format::kClevertap, "shop", "App Launched", {}};

constexpr std::string_view kRecord =
    R"({"profile":{"objectId":"a8ff","platform":"Web","email":"p@foo.com","identity":"555",)"
    R"("id":33},)"
    R"("ts":20151023140416,"event_props":{"Price":59.99},"session_props":{"utm_source":"Foo"}})";

std::string page(const std::string& records) {
  return R"({"status":"success","next_cursor":"x","records":[)" + records + "]}";
}

TEST(ImportClevertap, ARecordOfAPageIsAnEvent) {
  const event::Decoded rows = rows_of(page(std::string(kRecord)), kReading);
  ASSERT_EQ(rows.events.size(), 1U);
  const event::Event& row = rows.events[0];
  EXPECT_EQ(row.event_name, "App Launched");  // reserved for clients, but history has it
  EXPECT_EQ(row.event_timestamp, 1'445'609'056'000'000);
  EXPECT_EQ(row.received_at, 1'445'609'056'000'000);
  EXPECT_EQ(row.user_pseudo_id, "a8ff");
  EXPECT_EQ(row.user_id, "555");
  EXPECT_THAT(row.properties, HasSubstr(R"("Price":59.99)"));
  EXPECT_THAT(row.properties, HasSubstr(R"("session_props":{"utm_source":"Foo"})"));
  EXPECT_THAT(row.properties, HasSubstr(R"("platform":"Web")"));
}

TEST(ImportClevertap, AClockOfAnotherZoneIsTurnedIntoUtc) {
  Reading reading = kReading;
  reading.utc_offset = std::chrono::minutes(330);
  EXPECT_EQ(rows_of(kRecord, reading).events.at(0).event_timestamp,
            1'445'609'056'000'000 - std::int64_t{330} * 60'000'000);
}

TEST(ImportClevertap, TheBulkExportNamesItsEventInTheFirstLine) {
  const std::string text =
      "\"Charged\"\n"
      R"({"profile":{"identity":5},"ts":20171109000015,"eventProps":{"Amount":12.5,)"
      R"("Currency":"EUR"}})";
  const event::Decoded rows = rows_of(text, {Format::kClevertap, "shop", "", {}});
  ASSERT_EQ(rows.events.size(), 1U);
  EXPECT_EQ(rows.events[0].event_name, "Charged");
  EXPECT_EQ(rows.events[0].event_value, 12.5);
  EXPECT_EQ(rows.events[0].user_id, "5");
}

TEST(ImportClevertap, EqualRecordsOfOneFileAllCountAndThoseOfAnotherDoNot) {
  const std::string two = std::string(kRecord) + "," + std::string(kRecord);
  const event::Decoded once = rows_of(page(two), kReading);
  ASSERT_EQ(once.events.size(), 2U);
  EXPECT_NE(once.events[0].event_id, once.events[1].event_id);
  const std::string other = R"({"profile":{"identity":"9"},"ts":20151023140416,"event_props":{}},)";
  const event::Decoded again = rows_of(page(other + two), kReading);
  ASSERT_EQ(again.events.size(), 3U);
  EXPECT_EQ(again.events[1].event_id, once.events[0].event_id);
  EXPECT_EQ(again.events[2].event_id, once.events[1].event_id);
}

TEST(ImportClevertap, AProfileIsAProfile) {
  const event::Decoded rows = rows_of(
      R"({"status":"success","record":{"identity":"555","email":"p@foo.com","name":"Peter",)"
      R"("profileData":{"Score":9},)"
      R"("events":{"App Launched":{"count":10,"first_seen":1457271567,"last_seen":1458041215}}}})",
      kReading);
  ASSERT_EQ(rows.profiles.size(), 1U);
  const event::ProfileChange& change = rows.profiles[0];
  EXPECT_EQ(change.identities.at(0).value, "555");
  EXPECT_EQ(change.time_us, 1'458'041'215'000'000);
  EXPECT_EQ(change.properties.size(), 3U);
  EXPECT_FALSE(change.change_id.empty());
}

TEST(ImportClevertap, WhatIsNoRecordIsPutAside) {
  const std::string anonymous = R"({"profile":{},"ts":20151023140416,"event_props":{}})";
  event::Decoded rows = rows_of(page(anonymous + "," + std::string(kRecord) + ",7"), kReading);
  EXPECT_EQ(rows.events.size(), 1U);
  ASSERT_EQ(rows.rejections.size(), 2U);
  EXPECT_EQ(rows.rejections[0].record, anonymous);
  for (const char* line :
       {"{", R"({"status":"fail","error":"x"})", "{}", "[[]]",
        R"({"profile":{"identity":"1"},"ts":2015})"
        "x",
        R"({"profile":{"identity":"1"},"ts":20151399999999,"event_props":{}})"}) {
    rows = rows_of(line, kReading);
    EXPECT_EQ(rows.rejections.size(), 1U) << line;
    EXPECT_TRUE(rows.events.empty()) << line;
  }
  rows = rows_of(kRecord, {Format::kClevertap, "shop", "", {}});
  EXPECT_THAT(rows.rejections.at(0).reason, HasSubstr("--event"));
}

}  // namespace
}  // namespace imports
