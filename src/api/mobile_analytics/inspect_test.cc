#include "api/mobile_analytics/batch.h"
#include "api/mobile_analytics/decode.h"
#include "api/mobile_analytics/test_record.h"
#include "codec/compression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace api::mobile_analytics {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kGuide(kGuideEvent);

std::string event_of(const std::string& type) {
  return R"({"eventType":")" + type + R"(","timestamp":"2014-06-30T19:07:47Z"})";
}

Problem problem_of(const TestRecord& record) {
  const Inspection seen = inspect(record.view());
  EXPECT_TRUE(seen.problem) << record.body;
  return seen.problem.value_or(Problem{});
}

TEST(Inspect, AGoodBatchTellsItsAppAndItsCustomTypesOnce) {
  const Inspection seen = inspect(TestRecord(batch_of({event_of("b"), event_of("a"), event_of("b"),
                                                       event_of("_session.start")}))
                                      .view());
  EXPECT_FALSE(seen.problem);
  EXPECT_EQ(seen.app_id, "ma-1");
  EXPECT_EQ(seen.events, 4U);
  EXPECT_THAT(seen.custom_types, ElementsAre("a", "b"));
}

TEST(Inspect, TheFirstBadEventIsNamed) {
  const Problem problem = problem_of(TestRecord(batch_of({kGuide, R"({"eventType":"a"})", "{}"})));
  EXPECT_EQ(problem.code, kInvalidEvent);
  EXPECT_EQ(problem.reason, "events[1].timestamp is required.");
}

TEST(Inspect, QuarantineAcceptsBadEventsButCountsOnlyGoodTypes) {
  TestRecord record(batch_of({event_of("a"), R"({"eventType":"b"})"}));
  record.notes = {{"limits", "quarantine"}};
  const Inspection seen = inspect(record.view());
  EXPECT_FALSE(seen.problem);
  EXPECT_THAT(seen.custom_types, ElementsAre("a"));
  record.body = "[]";
  EXPECT_TRUE(inspect(record.view()).problem) << "there is no event to put aside";
}

TEST(Inspect, BodiesThatAreNoBatchAreRefused) {
  const auto code = [](const char* body) { return problem_of(TestRecord(body)).code; };
  EXPECT_EQ(code("not json"), kInvalidJson);
  EXPECT_EQ(code("{\"events\":[}"), kInvalidJson);
  EXPECT_EQ(code("[]"), kInvalidJson);
  EXPECT_EQ(code("null"), kInvalidJson);
  EXPECT_EQ(code("{}"), kInvalidBody);
  EXPECT_EQ(code(R"({"events":{}})"), kInvalidBody);
  EXPECT_EQ(code(R"({"events":null})"), kInvalidBody);
  EXPECT_EQ(code(""), kNothingSent);
  EXPECT_EQ(code(R"({"events":[]})"), kNothingSent);
  EXPECT_EQ(problem_of(TestRecord("{}")).reason, "events is required.");
  EXPECT_EQ(problem_of(TestRecord(std::string(100, '['))).code, kInvalidJson);
}

TEST(Inspect, PublishedClientsMaySendAnEmptyList) {
  TestRecord record(R"({"events":[]})");
  record.user_agent = "aws-sdk-nodejs/2.1693.0";
  const Inspection seen = inspect(record.view());
  EXPECT_FALSE(seen.problem);
  EXPECT_EQ(seen.events, 0U);
}

TEST(Inspect, TheSizeCountsUnpacked) {
  const std::string space(kPayloadBytesMax, ' ');
  TestRecord record(codec::gzip(batch_of({kGuide}) + space));
  record.headers = {{"content-encoding", "gzip"}};
  EXPECT_EQ(problem_of(record).code, kTooLarge);
  record.body = codec::gzip(batch_of({kGuide}) + space.substr(0, kPayloadBytesMax - 1000));
  EXPECT_FALSE(inspect(record.view()).problem);
}

TEST(Inspect, DamagedOrUnknownEncodingsAreRefused) {
  TestRecord record("not gzip");
  record.headers = {{"content-encoding", "gzip"}};
  EXPECT_EQ(problem_of(record).code, kInvalidEncoding);
  record.headers = {{"content-encoding", "br"}};
  EXPECT_EQ(problem_of(record).code, kInvalidEncoding);
  record.headers = {{"content-encoding", "identity"}};
  record.body = batch_of({kGuide});
  EXPECT_FALSE(inspect(record.view()).problem);
}

TEST(Inspect, AContextProblemStillTellsTheApp) {
  TestRecord record;
  record.context = with(kGuideContext, R"("app_title":"My App",)", "");
  const Inspection seen = inspect(record.view());
  ASSERT_TRUE(seen.problem);
  EXPECT_EQ(seen.problem->code, kInvalidContext);
  EXPECT_EQ(seen.app_id, "ma-1");
}

TEST(Inspect, RowsThatWouldRepeatALongContextTooOftenAreTooLarge) {
  TestRecord record;
  record.context = with(kGuideContext, "gold", std::string(15'000, 'x'));
  std::vector<std::string> events(5000, R"({"eventType":"a","timestamp":"2014-06-30"})");
  record.body = batch_of(events);
  EXPECT_EQ(problem_of(record).code, kTooLarge);
  record.context = std::string(kGuideContext);
  EXPECT_FALSE(inspect(record.view()).problem);
  record.user_agent = std::string(15'000, 'u');
  EXPECT_EQ(problem_of(record).code, kTooLarge);
}

TEST(Inspect, UnknownMembersAreWelcome) {
  TestRecord record(
      with(batch_of({with(kGuide, "{", R"({"new":{"deep":[1]},)")}), "{", R"({"more":null,)"));
  EXPECT_FALSE(inspect(record.view()).problem);
  EXPECT_THAT(inspect(record.view()).custom_types, testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace api::mobile_analytics
