#include "api/mobile_analytics/validation.h"

#include "api/mobile_analytics/test_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace api::mobile_analytics {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Result {
  std::string refusal;
  std::vector<std::string> marks;
};

Result check(const std::string& event, const Validation& validation) {
  const base::Result<json::Document> document = json::Document::parse(event);
  EXPECT_TRUE(document) << event;
  event::Marks marks;
  const std::optional<std::string> refusal = check_event(document->root(), validation, marks);
  return {refusal.value_or(""), marks.texts()};
}

std::string refusal(const std::string& event) { return check(event, {kLetter}).refusal; }
std::string published_refusal(const std::string& event) {
  return check(event, {kPublishedClient}).refusal;
}
std::string changed(std::string_view from, std::string_view to) {
  return with(kGuideEvent, from, to);
}

/// `count` entries with keys k0, k1, ...
std::string entries(std::size_t count, const std::string& value) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":" + value;
  }
  return "{" + out + "}";
}

std::string event_with(const std::string& type, const std::string& attributes,
                       const std::string& metrics) {
  return R"({"eventType":")" + type + R"(","timestamp":"2014-06-30T19:07:47Z","attributes":)" +
         attributes + R"(,"metrics":)" + metrics + "}";
}

TEST(CheckEvent, TheGuidesExampleIsGood) {
  EXPECT_EQ(refusal(std::string(kGuideEvent)), "");
  EXPECT_EQ(refusal(R"({"eventType":"a","timestamp":"2014-06-30"})"), "");
}

TEST(CheckEvent, RequiredMembersAreNamed) {
  EXPECT_EQ(refusal("7"), "must be an object");
  EXPECT_EQ(refusal("{}"), "eventType is required");
  EXPECT_EQ(refusal(R"({"eventType":"a"})"), "timestamp is required");
  EXPECT_EQ(refusal(changed(R"("id":"s-1",)", "")), "session.id is required");
  EXPECT_EQ(refusal(changed(R"(,"startTimestamp":"2014-06-30T19:07:47.885Z")", "")),
            "session.startTimestamp is required");
  EXPECT_EQ(refusal(changed(R"({"id":"s-1","startTimestamp":"2014-06-30T19:07:47.885Z"})", "{}")),
            "session.id is required");
}

TEST(CheckEvent, TypesAreChecked) {
  EXPECT_THAT(refusal(changed("\"LevelComplete\"", "7")), HasSubstr("eventType must be"));
  EXPECT_THAT(refusal(changed("\"LevelComplete\"", "\"\"")), HasSubstr("eventType must be"));
  EXPECT_THAT(refusal(changed("\"LevelComplete\"", "null")), HasSubstr("eventType must be"));
  EXPECT_THAT(refusal(R"({"eventType":"a","timestamp":"test"})"), HasSubstr("timestamp must be"));
  EXPECT_THAT(refusal(R"({"eventType":"a","timestamp":1404155267})"),
              HasSubstr("timestamp must be"));
  EXPECT_THAT(refusal(changed("\"s-1\"", "5")), HasSubstr("session.id must be"));
  EXPECT_THAT(refusal(changed("2014-06-30T19:07:47.885Z", "yesterday")),
              HasSubstr("session.startTimestamp must be"));
  EXPECT_THAT(refusal(changed("\"Level1\"", "1")), HasSubstr("attributes.LevelName must be a str"));
  EXPECT_THAT(refusal(changed("12345", "\"12345\"")), HasSubstr("metrics.Score must be a number"));
  EXPECT_THAT(refusal(changed("12345", "1e400")), HasSubstr("metrics.Score must be a number"));
  EXPECT_THAT(refusal(changed("12345", "true")), HasSubstr("metrics.Score must be a number"));
  EXPECT_THAT(refusal(event_with("a", "[]", "{}")), HasSubstr("attributes must be an object"));
  EXPECT_THAT(refusal(event_with("a", "{}", "null")), HasSubstr("metrics must be an object"));
  EXPECT_THAT(refusal(R"({"eventType":"a","timestamp":"2014-06-30","session":"s"})"),
              HasSubstr("session must be an object"));
}

TEST(CheckEvent, VersionMayBeMissingAndMustOtherwiseBeTheOneThereIs) {
  EXPECT_EQ(refusal(changed(R"("version":"v2.0",)", "")), "");
  EXPECT_EQ(refusal(changed("v2.0", "v2.1")), "version must be v2.0");
  EXPECT_EQ(refusal(changed("\"v2.0\"", "2.0")), "version must be v2.0");
  EXPECT_EQ(published_refusal(changed("v2.0", "v1.0")), "version must be v2.0");
}

TEST(CheckEvent, LengthsAreCountedInCharactersNotBytes) {
  const auto attribute = [](const std::string& key, const std::string& value) {
    return event_with("a", R"({")" + key + R"(":")" + value + R"("})", "{}");
  };
  const auto times = [](std::size_t count, const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
      out += text;
    }
    return out;
  };
  EXPECT_EQ(refusal(attribute(times(50, "é"), times(200, "€"))), "");
  EXPECT_THAT(refusal(attribute(times(51, "é"), "x")),
              HasSubstr("has a key of 51 characters, the limit is 50"));
  EXPECT_EQ(refusal(attribute("k", times(201, "x"))),
            "attributes.k has a value of 201 characters, the limit is 200");
  EXPECT_THAT(refusal(event_with("a", "{}", R"({")" + times(51, "m") + R"(":1})")),
              HasSubstr("has a key of 51 characters, the limit is 50"));
  EXPECT_EQ(refusal(event_with(times(74, "t"), "{}", "{}")), "");
}

TEST(CheckEvent, FortyEntriesCountAttributesAndMetricsTogether) {
  EXPECT_EQ(refusal(event_with("a", entries(30, "\"v\""), entries(10, "1"))), "");
  EXPECT_EQ(refusal(event_with("a", entries(30, "\"v\""), entries(11, "1"))),
            "attributes and metrics are 41 together, the limit is 40");
  EXPECT_EQ(refusal(event_with("_session.stop", entries(41, "\"v\""), "{}")), "");
}

TEST(CheckEvent, PublishedClientsMayGoFurtherAndAreMarked) {
  const Result android = check(
      event_with("a", entries(50, "\"" + std::string(1000, 'x') + "\""), "{}"), {kPublishedClient});
  EXPECT_EQ(android.refusal, "");
  EXPECT_THAT(android.marks.back(), HasSubstr("the limit is"));
  EXPECT_EQ(published_refusal(event_with("a", entries(51, "\"v\""), "{}")),
            "attributes has 51 entries, the limit is 50");
  EXPECT_THAT(
      published_refusal(event_with("a", R"({"k":")" + std::string(1001, 'x') + "\"}", "{}")),
      HasSubstr("the limit is 1000"));
}

TEST(CheckEvent, PublishedClientsMaySendHalfASessionAndNulls) {
  for (const char* const session :
       {"{}", "null", R"({"startTimestamp":"1970-01-01T00:00:00.000Z"})", R"({"id":null})",
        R"({"id":"s","startTimestamp":"2014-06-30T19:07:47Z","duration":null})"}) {
    const std::string event =
        R"({"eventType":"a","timestamp":"2014-06-30","attributes":null,"metrics":null,"version":)"
        R"(null,"session":)" +
        std::string(session) + "}";
    EXPECT_EQ(published_refusal(event), "") << session;
    EXPECT_NE(refusal(event), "") << session;
  }
}

TEST(CheckEvent, DurationAndStopTimestampRefuseNothing) {
  for (const char* const text : {"null", "\"x\"", "-1", "1e300", "[]"}) {
    EXPECT_EQ(refusal(changed(R"("id":"s-1")",
                              R"("id":"s-1","stopTimestamp":7,"duration":)" + std::string(text))),
              "")
        << text;
  }
}

TEST(CheckEvent, LenientAppsKeepWhatIsTooLongAndMarkIt) {
  const Result result =
      check(event_with("a", R"({"k":")" + std::string(5000, 'x') + "\"}", entries(60, "1")),
            {kLetter, LimitAction::kMark});
  EXPECT_EQ(result.refusal, "");
  EXPECT_THAT(result.marks,
              ElementsAre("attributes.k has a value of 5000 characters, the limit is 200",
                          "attributes and metrics are 61 together, the limit is 40"));
  EXPECT_THAT(check(std::string(kGuideEvent), {kLetter}).marks, IsEmpty());
}

}  // namespace
}  // namespace api::mobile_analytics
