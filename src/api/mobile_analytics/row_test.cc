#include "api/mobile_analytics/row.h"

#include "api/mobile_analytics/decode.h"
#include "api/mobile_analytics/test_record.h"
#include "base/time_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace api::mobile_analytics {
namespace {

using testing::HasSubstr;

event::Event row_of(const std::string& source, const std::string& user_agent = "curl/8.0") {
  TestRecord record(batch_of({source}));
  record.user_agent = user_agent;
  event::Decoded decoded = decode(record.view());
  EXPECT_EQ(decoded.events.size(), 1U)
      << (decoded.rejections.empty() ? source : decoded.rejections.at(0).reason);
  return decoded.events.empty() ? event::Event() : std::move(decoded.events.front());
}

event::Event android_row(const std::string& source) {
  return row_of(source, "aws-sdk-android/2.2.0 Linux/3.4");
}

event::Int time_us(std::string_view text) { return base::to_us(*base::parse_iso8601(text)); }

std::string session_event(const std::string& session) {
  return R"({"eventType":"_session.stop","timestamp":"2018-02-03T00:00:00Z","session":)" + session +
         "}";
}

TEST(Row, TheGuidesExampleFillsItsColumns) {
  const event::Event row = row_of(std::string(kGuideEvent));
  EXPECT_EQ(row.app_id, "shop");
  EXPECT_EQ(row.api, event::Api::kMobileAnalytics);
  EXPECT_EQ(row.event_name, "LevelComplete");
  EXPECT_EQ(row.event_timestamp, time_us("2014-06-30T19:07:47.885Z"));
  EXPECT_EQ(row.received_at, 1'700'000'000'123'000);
  EXPECT_EQ(row.user_pseudo_id, "c-1");
  EXPECT_EQ(row.user_id, "");
  EXPECT_EQ(row.session_id, "s-1");
  EXPECT_EQ(row.session_start, time_us("2014-06-30T19:07:47.885Z"));
  EXPECT_EQ(row.platform, "android");
  EXPECT_EQ(row.os_version, "4.0.4");
  EXPECT_EQ(row.make, "Samsung");
  EXPECT_EQ(row.model, "Nexus");
  EXPECT_EQ(row.locale, "en_US");
  EXPECT_EQ(row.language, "en");
  EXPECT_EQ(row.country_code, "US");
  EXPECT_EQ(row.app_title, "My App");
  EXPECT_EQ(row.app_version, "V2.0");
  EXPECT_EQ(row.app_version_code, "3");
  EXPECT_EQ(row.app_package_name, "com.example.my_app");
  EXPECT_EQ(row.ip, "198.51.100.9");
  EXPECT_EQ(row.user_agent, "curl/8.0");
  EXPECT_EQ(row.context, std::string(kGuideContext));
  EXPECT_EQ(row.attributes,
            R"({"LevelName":"Level1","CharacterClass":"Warrior","Successful":"True"})");
  EXPECT_EQ(row.metrics, R"({"Score":12345,"TimeInLevel":64})");
  EXPECT_EQ(row.properties,
            R"({"LevelName":"Level1","CharacterClass":"Warrior","Successful":"True",)"
            R"("Score":12345,"TimeInLevel":64})");
  EXPECT_EQ(row.limit_errors, "");
  ASSERT_EQ(row.person.identities.size(), 1U);
  EXPECT_EQ(row.person.identities[0], (event::Identity{"device", "c-1"}));
  EXPECT_EQ(row.event_id.size(), 32U);
}

TEST(Row, NothingSentIsEmptyObjects) {
  const event::Event row = row_of(R"({"eventType":"a","timestamp":"2014-06-30T21:07:47+02:00"})");
  EXPECT_EQ(row.event_timestamp, time_us("2014-06-30T19:07:47Z"));
  EXPECT_EQ(row.attributes, "{}");
  EXPECT_EQ(row.metrics, "{}");
  EXPECT_EQ(row.properties, "{}");
  EXPECT_EQ(row.session_id, "");
  EXPECT_FALSE(row.session_start);
}

TEST(Row, OneNameAsAttributeMetricAndMemberIsKeptThreeTimes) {
  const event::Event row = row_of(R"({"eventType":"a","timestamp":"2014-06-30","n":[true],)"
                                  R"("attributes":{"n":"text","empty":""},"metrics":{"n":2.5}})");
  EXPECT_EQ(row.attributes, R"({"n":"text","empty":""})");
  EXPECT_EQ(row.metrics, R"({"n":2.5})");
  EXPECT_EQ(row.properties, R"({"n":"text","empty":"","metric.n":2.5,"event.n":[true]})");
}

TEST(Row, LateStopHasTheTimesOfItsSession) {
  const event::Event row =
      row_of(session_event(R"({"id":"s","startTimestamp":"2018-02-01T10:00:00Z",)"
                           R"("stopTimestamp":"2018-02-01T10:05:00Z","duration":250000.4})"));
  EXPECT_EQ(row.session_start, time_us("2018-02-01T10:00:00Z"));
  EXPECT_EQ(row.session_stop, time_us("2018-02-01T10:05:00Z"));
  EXPECT_EQ(row.session_duration_ms, 250'000);
  EXPECT_EQ(row.properties, "{}");
}

TEST(Row, NullDurationIsStopMinusStart) {
  const event::Event row =
      row_of(session_event(R"({"id":"s","startTimestamp":"2018-02-01T10:00:00Z",)"
                           R"("stopTimestamp":"2018-02-01T10:05:00.250Z","duration":null})"));
  EXPECT_EQ(row.session_duration_ms, 300'250);
  EXPECT_EQ(row.properties, "{}");
}

TEST(Row, WhatAndroidSendsBeforeItsFirstSessionIsNoSession) {
  for (const char* const session :
       {R"({"startTimestamp":"1970-01-01T00:00:00.000Z"})",
        R"({"id":"00000000-00000000","startTimestamp":"1970-01-01T00:00:00.000Z"})",
        R"({"id":"x","startTimestamp":"1970-01-01T00:00:00.000Z"})"}) {
    const event::Event row = android_row(session_event(session));
    EXPECT_EQ(row.session_id, "") << session;
    EXPECT_FALSE(row.session_start) << session;
    EXPECT_THAT(row.properties, HasSubstr(session));
  }
  EXPECT_EQ(android_row(session_event("{}")).properties, "{}");
}

TEST(Row, WhatASessionSaysBeyondItsColumnsIsKept) {
  const event::Event row = row_of(session_event(
      R"({"id":"s","startTimestamp":"2018-02-01T10:00:00Z","duration":"long","extra":1})"));
  EXPECT_EQ(row.session_id, "s");
  EXPECT_FALSE(row.session_duration_ms);
  EXPECT_THAT(row.properties, HasSubstr(R"("duration":"long","extra":1)"));
}

TEST(Row, PurchaseHasItsUnitPriceWhateverTheQuantity) {
  const event::Event row = row_of(
      R"({"eventType":"_monetization.purchase","timestamp":"2018-02-02T02:14:22.978Z",)"
      R"("attributes":{"_currency":"CNY","_product_id":"p","_item_price_formatted":"¥128.00"},)"
      R"("metrics":{"_item_price":76.5811965811966,"_quantity":2}})");
  EXPECT_EQ(row.event_value, 76.5811965811966);
  EXPECT_EQ(row.currency, "CNY");
  EXPECT_TRUE(row.items.empty());
}

TEST(Row, PriceIsReadFromANumericAttributeOfPurchasesOnly) {
  const auto value = [](const char* type, const char* price) {
    return row_of(R"({"eventType":")" + std::string(type) +
                  R"(","timestamp":"2018-02-02","attributes":{"_item_price":")" + price + "\"}}")
        .event_value;
  };
  EXPECT_EQ(value("_monetization.purchase", "1.99"), 1.99);
  EXPECT_FALSE(value("_monetization.purchase", "$1.99"));
  EXPECT_FALSE(value("_monetization.purchase", "inf"));
  EXPECT_FALSE(value("_monetization.purchase", ""));
  EXPECT_FALSE(value("purchase", "1.99"));
}

TEST(Row, SdkComesFromTheUserAgentWhereTheContextIsSilent) {
  const event::Event row = row_of(std::string(kGuideEvent), "aws-sdk-iOS/2.4.16 iOS/11.2.2 en_US");
  EXPECT_EQ(row.sdk_name, "aws-sdk-iOS");
  EXPECT_EQ(row.sdk_version, "2.4.16");
  EXPECT_EQ(row.user_agent, "aws-sdk-iOS/2.4.16 iOS/11.2.2 en_US");
}

}  // namespace
}  // namespace api::mobile_analytics
