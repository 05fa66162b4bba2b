#include "api/mobile_analytics/decode.h"

#include "api/mobile_analytics/test_record.h"
#include "codec/compression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace api::mobile_analytics {
namespace {

using testing::HasSubstr;

const std::string kGuide(kGuideEvent);

std::string event_of(const std::string& type) {
  return R"({"eventType":")" + type + R"(","timestamp":"2014-06-30T19:07:47Z"})";
}

std::vector<std::string> ids(const TestRecord& record) {
  std::vector<std::string> out;
  for (const event::Event& row : decode(record.view()).events) {
    out.push_back(row.event_id);
  }
  return out;
}

TEST(Decode, EqualEventsOfOneBatchAreSeparateAndKeepTheirIdsWhenSentAgain) {
  const TestRecord batch(batch_of({kGuide, event_of("a"), kGuide, kGuide}));
  const std::vector<std::string> first = ids(batch);
  EXPECT_EQ(std::set<std::string>(first.begin(), first.end()).size(), 4U);
  EXPECT_EQ(ids(batch), first);
}

TEST(Decode, ARegroupedBatchHasTheSameIds) {
  const std::vector<std::string> together =
      ids(TestRecord(batch_of({kGuide, event_of("a"), event_of("b")})));
  EXPECT_EQ(ids(TestRecord(batch_of({event_of("b"), event_of("a")}))),
            (std::vector<std::string>{together[2], together[1]}));
  EXPECT_EQ(ids(TestRecord(batch_of({kGuide}))), std::vector<std::string>{together[0]});
}

TEST(Decode, TheOrderOfMembersDoesNotChangeAnId) {
  const std::string one =
      R"({"eventType":"a","timestamp":"2014-06-30T19:07:47Z","attributes":{"x":"1","y":"2"}})";
  const std::string two =
      R"({"attributes":{"y":"2","x":"1"},"timestamp":"2014-06-30T19:07:47.000Z","eventType":"a"})";
  EXPECT_EQ(ids(TestRecord(batch_of({one}))), ids(TestRecord(batch_of({two}))));
}

TEST(Decode, EveryPartOfAnEventChangesItsId) {
  std::set<std::string> seen;
  const std::vector<std::string> variants = {
      kGuide,
      with(kGuide, "LevelComplete", "LevelCompleted"),
      with(kGuide, R"("timestamp":"2014-06-30T19:07:47.885Z")",
           R"("timestamp":"2014-06-30T19:07:47.886Z")"),
      with(kGuide, "s-1", "s-2"),
      with(kGuide, "Level1", "Level2"),
      with(kGuide, "LevelName", "LevelNam"),
      with(kGuide, "12345", "12346"),
      with(kGuide, R"("TimeInLevel":64)", R"("TimeInLevel":64,"x":1)"),
  };
  for (const std::string& variant : variants) {
    seen.insert(ids(TestRecord(batch_of({variant}))).at(0));
  }
  TestRecord other_client;
  other_client.context = with(kGuideContext, "c-1", "c-2");
  seen.insert(ids(other_client).at(0));
  EXPECT_EQ(seen.size(), variants.size() + 1);
}

TEST(Decode, GzipAndItsAbsenceGiveTheSameRows) {
  TestRecord packed(codec::gzip(batch_of({kGuide})));
  packed.headers = {{"content-encoding", "gzip"}};
  EXPECT_EQ(ids(packed), ids(TestRecord()));
}

TEST(Decode, ARefusedRecordIsOneRejectionWithTheBodyReadable) {
  TestRecord record(codec::gzip(R"({"events":[{"eventType":"a"}]})"));
  record.kind = event::RecordKind::kRefused;
  record.headers = {{"content-encoding", "gzip"}};
  record.notes = {{"code", "invalid_event"}, {"reason", "events[0].timestamp is required."}};
  const event::Decoded decoded = decode(record.view());
  EXPECT_TRUE(decoded.events.empty());
  ASSERT_EQ(decoded.rejections.size(), 1U);
  EXPECT_EQ(decoded.rejections[0].app_id, "shop");
  EXPECT_EQ(decoded.rejections[0].code, "invalid_event");
  EXPECT_EQ(decoded.rejections[0].reason, "events[0].timestamp is required.");
  EXPECT_EQ(decoded.rejections[0].record, R"({"events":[{"eventType":"a"}]})");
}

TEST(Decode, ARefusedBodyThatIsNoTextIsMadeReadable) {
  TestRecord record("\xff\xfe not json");
  record.kind = event::RecordKind::kRefused;
  EXPECT_EQ(decode(record.view()).rejections.at(0).record, "\xEF\xBF\xBD\xEF\xBF\xBD not json");
}

TEST(Decode, QuarantineStoresTheGoodAndPutsTheBadAside) {
  TestRecord record(batch_of({kGuide, R"({"eventType":"bad"})", "7", event_of("b")}));
  record.notes = {{"limits", "quarantine"}};
  const event::Decoded decoded = decode(record.view());
  ASSERT_EQ(decoded.events.size(), 2U);
  EXPECT_EQ(decoded.events[1].event_name, "b");
  ASSERT_EQ(decoded.rejections.size(), 2U);
  EXPECT_EQ(decoded.rejections[0].index, 1U);
  EXPECT_EQ(decoded.rejections[0].code, "invalid_event");
  EXPECT_EQ(decoded.rejections[0].reason, "events[1].timestamp is required");
  EXPECT_EQ(decoded.rejections[0].record, R"({"eventType":"bad"})");
  EXPECT_EQ(decoded.rejections[1].reason, "events[2] must be an object");
}

TEST(Decode, TypesBeyondTheLimitAreStoredAndMarked) {
  TestRecord record(batch_of({event_of("new"), event_of("old")}));
  record.notes = {{"event_types_over", R"(["new"])"}};
  const event::Decoded decoded = decode(record.view());
  EXPECT_THAT(decoded.events.at(0).limit_errors, HasSubstr("more than 1500 custom event types"));
  EXPECT_EQ(decoded.events.at(1).limit_errors, "");
}

TEST(Decode, RepairsAreMarked) {
  const TestRecord record(batch_of({
      R"({"eventType":"a","timestamp":"2014-06-30","attributes":{"k":"\ud800","k":"x\ud800"}})",
      "{\"eventType\":\"b\xff\",\"timestamp\":\"2014-06-30\",\"n\":1e400}",
      event_of("c"),
  }));
  const event::Decoded decoded = decode(record.view());
  EXPECT_EQ(decoded.events.at(0).attributes, "{\"k\":\"x\xEF\xBF\xBD\"}");
  EXPECT_THAT(decoded.events.at(0).limit_errors, HasSubstr("lone surrogates"));
  EXPECT_THAT(decoded.events.at(0).limit_errors, HasSubstr("equal keys"));
  EXPECT_EQ(decoded.events.at(1).event_name, "b\xEF\xBF\xBD");
  EXPECT_THAT(decoded.events.at(1).limit_errors, HasSubstr("not UTF-8"));
  EXPECT_EQ(decoded.events.at(1).properties, R"({"n":"1e400"})");
  EXPECT_EQ(decoded.events.at(2).limit_errors, "");
}

TEST(Decode, TheClientNoteDecidesAfterARestart) {
  TestRecord record(batch_of({R"({"eventType":"a","timestamp":"2014-06-30","session":{}})"}));
  record.notes = {{"client", "published"}};
  EXPECT_EQ(decode(record.view()).events.size(), 1U);
  record.user_agent = "aws-sdk-iOS/2.4.16";
  record.notes = {{"client", "other"}};
  EXPECT_EQ(decode(record.view()).events.size(), 0U);
}

TEST(Decode, ABodyWithoutEventsHasNoRows) {
  for (const char* const body : {"", R"({"events":[]})"}) {
    const event::Decoded decoded = decode(TestRecord(body).view());
    EXPECT_TRUE(decoded.events.empty());
    EXPECT_TRUE(decoded.rejections.empty());
  }
}

}  // namespace
}  // namespace api::mobile_analytics
