#include "api/mobile_analytics/client.h"

#include "api/mobile_analytics/test_record.h"

#include <gtest/gtest.h>

namespace api::mobile_analytics {
namespace {

bool is_published(const TestRecord& record) {
  const base::Result<json::Document> context = json::Document::parse(record.context);
  return is_published_client(record.view(), context ? context->root() : json::Value());
}

TEST(Client, IsRecognisedByAnyOfItsFourMarks) {
  TestRecord plain;
  EXPECT_FALSE(is_published(plain));
  TestRecord agent;
  agent.user_agent = "aws-sdk-android/2.2.0 Linux/3.4 Dalvik/2.1.0 en_US";
  EXPECT_TRUE(is_published(agent));
  TestRecord browser;
  browser.user_agent = "Mozilla/5.0";
  EXPECT_FALSE(is_published(browser));
  browser.headers = {{"x-amz-user-agent", "aws-sdk-js/2.1693.0 callback"}};
  EXPECT_TRUE(is_published(browser));
  TestRecord android;
  android.headers = {{"x-amzn-clientsdkversion", "AmazonMobileAnalyticsSDK-2.2.0"}};
  EXPECT_TRUE(is_published(android));
  TestRecord context;
  context.context = with(kGuideContext, R"("app_id":)", R"("sdk_name":"aws-sdk-x","app_id":)");
  EXPECT_TRUE(is_published(context));
}

TEST(Client, SdkIsTheFirstTokenOfAnAwsUserAgent) {
  TestRecord ios;
  ios.user_agent = "aws-sdk-iOS/2.4.16 iOS/11.2.2 en_US";
  EXPECT_EQ(sdk_of_headers(ios.view()).name, "aws-sdk-iOS");
  EXPECT_EQ(sdk_of_headers(ios.view()).version, "2.4.16");
  EXPECT_TRUE(is_ios_client(ios.user_agent));

  TestRecord browser;
  browser.user_agent = "Mozilla/5.0 (X11)";
  browser.headers = {{"x-amz-user-agent", "aws-sdk-js/2.1693.0 callback"}};
  EXPECT_EQ(sdk_of_headers(browser.view()).name, "aws-sdk-js");
  EXPECT_TRUE(is_javascript_client(browser.user_agent, "aws-sdk-js/2.1693.0 callback"));

  TestRecord android;
  android.headers = {{"x-amzn-clientsdkversion", "AmazonMobileAnalyticsSDK-2.2.0"}};
  EXPECT_EQ(sdk_of_headers(android.view()).name, "AmazonMobileAnalyticsSDK");
  EXPECT_EQ(sdk_of_headers(android.view()).version, "2.2.0");

  EXPECT_EQ(sdk_of_headers(TestRecord().view()).name, "");
}

}  // namespace
}  // namespace api::mobile_analytics
