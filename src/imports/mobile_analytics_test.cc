#include "imports/test_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace imports {
namespace {

using testing::HasSubstr;

const Reading kReading{Format::kMobileAnalytics, "shop", "", {}};

// As the guides of both services show them.
constexpr std::string_view kNested =
    R"({"event_type":"_session.stop","event_timestamp":1487973802507,)"
    R"("arrival_timestamp":1487973803515,)"
    R"("event_version":"3.1","application":{"app_id":"0123","package_name":"com.example",)"
    R"("title":"Shop",)"
    R"("version_name":"1.2","version_code":"12","sdk":{"name":"aws-sdk-mobile-analytics-js",)"
    R"("version":"0.9.1:2.4.8"}},)"
    R"("client":{"client_id":"c-1","cognito_id":"us-east-1:a"},)"
    R"("device":{"locale":{"code":"en_US","country":"US",)"
    R"("language":"en"},"make":"generic web browser","model":"Unknown",)"
    R"("platform":{"name":"android","version":"9"}},)"
    R"("session":{"session_id":"s-1","start_timestamp":1487973202531,)"
    R"("stop_timestamp":1487973802507},)"
    R"("attributes":{"a":"b"},"metrics":{"m":1.5},"awsAccountId":"123456789012",)"
    R"("client_context":{"custom":{"endpoint":"{}"}}})";
constexpr std::string_view kFlat =
    R"({"application_key":"0123","account_id":"111122223333","event_type":"Buy",)"
    R"("timestamp":1517539202978,)"
    R"("arrival_timestamp":1517539203000,"unique_id":"c-1","cognito_id":"us-east-1:a",)"
    R"("platform":"iOS",)"
    R"("platform_version":"11","make":"apple","model":"iPhone","locale":"en_US",)"
    R"("app_title":"Shop",)"
    R"("user_agent":"aws-sdk-iOS/2.4.16 iOS/11.2.2 en_US","attributes":{"_session.id":"s-1",)"
    R"("_session.startTime":"1517539165277","_session.duration":"152021","k":"v"},)"
    R"("metrics":{"_quantity":1.0}})";

TEST(ImportMobileAnalytics, ANestedRecordIsTheRowItWas) {
  const event::Decoded rows = rows_of(kNested, kReading);
  ASSERT_EQ(rows.events.size(), 1U);
  const event::Event& row = rows.events[0];
  EXPECT_EQ(row.app_id, "shop");
  EXPECT_EQ(row.event_name, "_session.stop");
  EXPECT_EQ(row.event_timestamp, 1'487'973'802'507'000);
  EXPECT_EQ(row.received_at, 1'487'973'803'515'000);
  EXPECT_EQ(row.user_pseudo_id, "c-1");
  EXPECT_EQ(row.session_id, "s-1");
  EXPECT_EQ(row.session_start, 1'487'973'202'531'000);
  EXPECT_EQ(row.session_duration_ms, 599'976);
  EXPECT_EQ(row.platform, "android");
  EXPECT_EQ(row.os_version, "9");
  EXPECT_EQ(row.country_code, "US");
  EXPECT_EQ(row.sdk_version, "0.9.1:2.4.8");
  EXPECT_EQ(row.app_version_code, "12");
  EXPECT_EQ(row.attributes, R"({"a":"b"})");
  EXPECT_EQ(row.metrics, R"({"m":1.5})");
  EXPECT_EQ(row.properties, R"({"a":"b","m":1.5,"export_awsAccountId":"123456789012"})");
  EXPECT_THAT(row.context, HasSubstr(R"("custom":{"endpoint":"{}"})"));
  EXPECT_THAT(row.context, HasSubstr(R"("app_id":"0123")"));
}

TEST(ImportMobileAnalytics, AFlatRecordIsTheRowItWas) {
  const event::Decoded rows = rows_of(kFlat, kReading);
  ASSERT_EQ(rows.events.size(), 1U);
  const event::Event& row = rows.events[0];
  EXPECT_EQ(row.platform, "iOS");
  EXPECT_EQ(row.session_id, "s-1");
  EXPECT_EQ(row.session_duration_ms, 152'021);
  EXPECT_EQ(row.attributes, R"({"k":"v"})");
  EXPECT_EQ(row.sdk_name, "aws-sdk-iOS");
  EXPECT_EQ(row.received_at, 1'517'539'203'000'000);
}

TEST(ImportMobileAnalytics, AContextThatWasKeptIsTakenAsItIs) {
  std::string line(kFlat);
  line.replace(
      line.find(R"("k":"v")"), 7,
      R"("_clientContext":"{\"client\":{\"client_id\":\"c-1\"},\"env\":{\"carrier\":\"x\"},)"
      R"(\"services\":{\"mobile_analytics\":{\"app_id\":\"0123\"}}}")");
  const event::Decoded rows = rows_of(line, kReading);
  ASSERT_EQ(rows.events.size(), 1U);
  EXPECT_EQ(rows.events[0].carrier, "x");
  EXPECT_EQ(rows.events[0].attributes, "{}");
}

std::set<std::string> ids_of(const event::Decoded& rows) {
  std::set<std::string> ids;
  for (const event::Event& row : rows.events) {
    ids.insert(row.event_id);
  }
  return ids;
}

TEST(ImportMobileAnalytics, AnEventHasTheIdItHadWhenItCameLive) {
  event::Record live;
  live.api = event::Api::kMobileAnalytics;
  live.app_id = "shop";
  live.headers = {
      {"x-amz-client-context",
       R"({"client":{"client_id":"c-1"},"services":{"mobile_analytics":{"app_id":"0123"}}})"}};
  live.notes = {{"client", "published"}};
  constexpr std::string_view kEvent =
      R"({"eventType":"_session.stop","timestamp":"2017-02-24T22:03:22.507Z",)"
      R"("metrics":{"m":1.5},"session":{"id":"s-1"},"attributes":{"a":"b"}})";
  const std::string body = "{\"events\":[" + std::string(kEvent) + "," + std::string(kEvent) + "]}";
  live.body = body;
  const std::set<std::string> ids = ids_of(api::mobile_analytics::decode(live));
  EXPECT_EQ(ids.size(), 2U);
  const std::string twice = std::string(kNested) + "\n" + std::string(kNested);
  EXPECT_EQ(ids_of(rows_of(twice, kReading)), ids);
}

TEST(ImportMobileAnalytics, EqualEventsOfOneRequestAllCountWhereverTheFileIsParted) {
  std::string text;
  for (int i = 0; i < 2500; ++i) {
    text.append(kNested).append("\n");
  }
  const event::Decoded rows = rows_of(text, kReading);
  EXPECT_EQ(rows.events.size(), 2500U);
  EXPECT_EQ(ids_of(rows).size(), 2500U);
}

TEST(ImportMobileAnalytics, AnEventThatArrivedTwiceIsOne) {
  std::string later(kNested);
  later.replace(later.find("1487973803515"), 13, "1487973900000");
  EXPECT_EQ(ids_of(rows_of(std::string(kNested) + "\n" + later, kReading)).size(), 1U);
}

TEST(ImportMobileAnalytics, EventsOfOneRequestTravelTogether) {
  std::string other(kNested);
  other.replace(other.find("_session.stop"), 13, "other");
  std::string client(kNested);
  client.replace(client.find("c-1"), 3, "c-2");
  const ReadFile file = read_file(std::string(kNested) + "\n" + client + "\n" + other, kReading);
  EXPECT_EQ(file.records.size(), 2U);
  EXPECT_EQ(decode_all(file).events.size(), 3U);
}

TEST(ImportMobileAnalytics, WhatIsNoEventIsPutAsideWithItsPlace) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"{", "it is no JSON"},
      {"[]", "it is no JSON object"},
      {"{}", "event_type"},
      {R"({"event_type":"a","client":{"client_id":"c"}})", "event_timestamp"},
      {R"({"event_type":"a","event_timestamp":1e300,"client":{"client_id":"c"}})",
       "event_timestamp"},
      {R"({"event_type":"a","event_timestamp":1})", "client.client_id"},
      {R"({"event_type":"a","timestamp":1,"application_key":"x"})", "unique_id"}};
  for (const auto& [line, why] : bad) {
    const event::Decoded rows = rows_of("\n" + line, kReading);
    ASSERT_EQ(rows.rejections.size(), 1U) << line;
    EXPECT_TRUE(rows.events.empty());
    EXPECT_THAT(rows.rejections[0].reason, HasSubstr("line 2 of file.json: "));
    EXPECT_THAT(rows.rejections[0].reason, HasSubstr(why));
    EXPECT_EQ(rows.rejections[0].record, line);
  }
}

TEST(ImportMobileAnalytics, AContextThatIsTooLongIsPutAside) {
  std::string line(kNested);
  line.replace(line.find("Shop"), 4, std::string(20'000, 'x'));
  EXPECT_EQ(rows_of(line, kReading).rejections.size(), 1U);
}

}  // namespace
}  // namespace imports
