#include "api/mobile_analytics/context.h"

#include "api/mobile_analytics/test_record.h"
#include "codec/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace api::mobile_analytics {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// The reason of the refusal, or "".
std::string refusal(const TestRecord& record) {
  Context context;
  const std::optional<Problem> problem = read_context(record.view(), std::nullopt, context);
  return problem ? problem->reason : std::string();
}

std::string refusal_of(std::string context) {
  TestRecord record;
  record.context = std::move(context);
  return refusal(record);
}

Context read(const TestRecord& record) {
  Context context;
  const std::optional<Problem> problem = read_context(record.view(), std::nullopt, context);
  EXPECT_FALSE(problem) << problem->reason;
  return context;
}

TestRecord published(std::string context) {
  TestRecord record;
  record.context = std::move(context);
  record.user_agent = "aws-sdk-nodejs/2.1693.0 linux/v20.0.0";
  return record;
}

TEST(Context, TheGuidesExampleFillsItsColumns) {
  const Context context = read(TestRecord());
  EXPECT_EQ(context.app_id, "ma-1");
  EXPECT_EQ(context.client_id, "c-1");
  EXPECT_EQ(context.app_title, "My App");
  EXPECT_EQ(context.app_version_name, "V2.0");
  EXPECT_EQ(context.app_version_code, "3");
  EXPECT_EQ(context.app_package_name, "com.example.my_app");
  EXPECT_EQ(context.platform, "android");
  EXPECT_EQ(context.platform_version, "4.0.4");
  EXPECT_EQ(context.make, "Samsung");
  EXPECT_EQ(context.model, "Nexus");
  EXPECT_EQ(context.locale, "en_US");
  EXPECT_EQ(context.language, "en");
  EXPECT_EQ(context.country, "US");
  EXPECT_THAT(context.json, HasSubstr(R"("custom":{"plan":"gold"})"));
  EXPECT_FALSE(context.published_client);
}

TEST(Context, Base64IsReadWithAndWithoutItsHeaderAndPadding) {
  const std::string plain = with(kGuideContext, "My App", "アプリ");
  TestRecord record;
  record.context = codec::encode_base64(plain);
  EXPECT_EQ(read(record).app_title, "アプリ");
  record.headers = {{"x-amz-client-context-encoding", "base64"}};
  EXPECT_EQ(read(record).app_title, "アプリ");
  while (record.context.ends_with('=')) {
    record.context.pop_back();
  }
  EXPECT_EQ(read(record).app_title, "アプリ");
  record.context = plain;  // raw UTF-8, whatever the header says
  EXPECT_EQ(read(record).app_title, "アプリ");
}

TEST(Context, MissingOrUnreadableIsRefusedInTheWordsOfAws) {
  constexpr const char* kWords = "Client context is malformed or missing.";
  for (const char* const text : {"", "test", "{", "{}x", "[]", "\"a\"", "W10=", "%%%"}) {
    EXPECT_THAT(refusal_of(text), StartsWith(kWords)) << text;
  }
  EXPECT_THAT(refusal_of(""), HasSubstr("x-amz-client-context header is required"));
}

TEST(Context, SixteenKilobytesAreTheLimit) {
  const std::string rest(kContextBytesMax - kGuideContext.size(), 'x');
  const std::string largest = with(kGuideContext, "gold", "gold" + rest);
  ASSERT_EQ(largest.size(), kContextBytesMax);
  EXPECT_EQ(refusal_of(largest), "");
  EXPECT_THAT(refusal_of(with(largest, "gold", "gold+")), HasSubstr("the limit is 16384"));
}

TEST(Context, EveryRequiredMemberIsNamedWhenItIsMissing) {
  const auto without = [](const char* piece) { return refusal_of(with(kGuideContext, piece, "")); };
  EXPECT_THAT(without(R"("client_id":"c-1",)"), HasSubstr("client.client_id is required"));
  EXPECT_THAT(without(R"("app_title":"My App",)"), HasSubstr("client.app_title is required"));
  EXPECT_THAT(without(R"("platform":"android",)"), HasSubstr("env.platform is required"));
  EXPECT_THAT(without(R"("app_id":"ma-1")"),
              HasSubstr("services.mobile_analytics.app_id is required"));
  EXPECT_THAT(refusal_of("{}"), HasSubstr("client.client_id is required"));
  EXPECT_THAT(refusal_of(with(kGuideContext, "\"c-1\"", "\"\"")), HasSubstr("client.client_id"));
}

TEST(Context, OptionalMembersMayBeMissingButNotOfAnotherType) {
  for (const char* const piece :
       {R"("app_version_name":"V2.0",)", R"("model":"Nexus",)", R"("custom":{"plan":"gold"},)"}) {
    EXPECT_EQ(refusal_of(with(kGuideContext, piece, "")), "") << piece;
  }
  EXPECT_THAT(refusal_of(with(kGuideContext, "\"3\"", "3")),
              HasSubstr("client.app_version_code must be a string"));
  EXPECT_THAT(refusal_of(with(kGuideContext, "\"Nexus\"", "null")),
              HasSubstr("env.model must be a string"));
  EXPECT_THAT(refusal_of(with(kGuideContext, R"({"plan":"gold"})", "[]")),
              HasSubstr("custom must be an object"));
  EXPECT_THAT(refusal_of(with(kGuideContext, "\"My App\"", "7")), HasSubstr("client.app_title"));
  EXPECT_THAT(refusal_of(with(kGuideContext, "\"ma-1\"", "7")), HasSubstr("app_id must be"));
}

TEST(Context, PlatformIsOneOfTheListInAnyCase) {
  EXPECT_EQ(refusal_of(with(kGuideContext, "android", "ANDROID")), "");
  EXPECT_THAT(refusal_of(with(kGuideContext, "android", "iPhone OS")),
              HasSubstr("env.platform must be one of"));
  EXPECT_EQ(refusal(published(with(kGuideContext, "android", "iPhone OS"))), "");
}

TEST(Context, PublishedClientsNeedOnlyTheTwoIds) {
  const std::string least =
      R"({"client":{"client_id":"c"},"env":{},"services":{"mobile_analytics":{"app_id":"a",)"
      R"("sdk_name":"aws-sdk-mobile-analytics-js","sdk_version":"0.9.2:2.1693.0"}}})";
  TestRecord record;
  record.context = least;
  const Context context = read(record);
  EXPECT_TRUE(context.published_client);
  EXPECT_EQ(context.sdk_name, "aws-sdk-mobile-analytics-js");
  EXPECT_EQ(context.sdk_version, "0.9.2:2.1693.0");
  EXPECT_THAT(refusal(published(with(least, R"("client_id":"c")", ""))),
              HasSubstr("client.client_id"));
  EXPECT_THAT(refusal(published(with(least, R"("app_id":"a",)", ""))), HasSubstr("app_id"));
  EXPECT_EQ(read(published(with(kGuideContext, "\"3\"", "3"))).app_version_code, "3");
}

TEST(Context, TheNotedVerdictStandsWhateverTheRequestLooksLike) {
  TestRecord record;
  record.context = with(kGuideContext, R"("app_title":"My App",)", "");
  Context context;
  EXPECT_FALSE(read_context(record.view(), true, context));
  record.user_agent = "aws-sdk-iOS/2.4.16";
  EXPECT_TRUE(read_context(record.view(), false, context));
}

TEST(Context, WhatAndroidAndIosAddIsKept) {
  const Context android = read(published(
      with(kGuideContext, R"("locale")", R"("carrier":"T-Mobile","networkType":"WIFI","locale")")));
  EXPECT_EQ(android.carrier, "T-Mobile");
  EXPECT_EQ(android.network_type, "WIFI");
  EXPECT_EQ(android.sdk_name, "aws-sdk-nodejs");
  EXPECT_EQ(android.sdk_version, "2.1693.0");
  const Context ios = read(published(with(kGuideContext, R"({"client":{)",
                                          R"({"version":"1.0","client":{"installation_id":"i",)")));
  EXPECT_THAT(ios.json, HasSubstr(R"("installation_id":"i")"));
}

TEST(Context, TheEarlyPinpointSdkNamesItsServiceDifferently) {
  const std::string context = with(kGuideContext, "mobile_analytics", "pinpointanalytics");
  EXPECT_EQ(read(published(context)).app_id, "ma-1");
  EXPECT_THAT(refusal_of(context), HasSubstr("services.mobile_analytics.app_id is required"));
}

TEST(Context, LocalesAreSplit) {
  const auto locale = [](const char* text) {
    TestRecord record;
    record.context = with(kGuideContext, "en_US", text);
    const Context context = read(record);
    return context.language + "|" + context.country;
  };
  EXPECT_EQ(locale("en-US"), "en|US");
  EXPECT_EQ(locale("zh-Hans_CN"), "zh|CN");
  EXPECT_EQ(locale("en_US_#Latn"), "en|US");
  EXPECT_EQ(locale("de"), "de|");
  EXPECT_EQ(locale(""), "|");
}

}  // namespace
}  // namespace api::mobile_analytics
