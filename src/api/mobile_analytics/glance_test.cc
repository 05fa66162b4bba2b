#include "api/mobile_analytics/glance.h"

#include "api/mobile_analytics/batch.h"
#include "api/mobile_analytics/decode.h"
#include "api/mobile_analytics/test_record.h"
#include "api/mobile_analytics/validation.h"
#include "base/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace api::mobile_analytics {
namespace {

const std::string kGuide(kGuideEvent);

std::optional<Glance> glance_at(const TestRecord& record) { return glance(record.view()); }

std::string changed(std::string_view from, std::string_view to) {
  return batch_of({kGuide, with(kGuideEvent, from, to)});
}

TEST(MobileAnalyticsGlance, SeesEventsAndTheirCustomTypes) {
  const TestRecord record(
      " " +
      batch_of({kGuide, with(kGuideEvent, "LevelComplete", "_session.start"),
                with(kGuideEvent, R"("metrics":{"Score":12345,"TimeInLevel":64})",
                     R"("metrics":{},"other":[1e999,"\\"])")}) +
      "\n");
  const std::optional<Glance> seen = glance_at(record);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->events, 3U);
  EXPECT_THAT(seen->custom_types, testing::ElementsAre("LevelComplete"));
}

TEST(MobileAnalyticsGlance, LeavesWhatIsNotPlainToTheFullReading) {
  std::string many = R"("attributes":{"a":"b")";
  for (int i = 0; i < 38; ++i) {
    many += ",\"a" + std::to_string(i) + R"(":"")";
  }
  ASSERT_TRUE(glance_at(TestRecord(changed("12345", "-0.5"))));
  for (const std::string& body : {
           std::string(),
           std::string("{}"),
           batch_of({}),
           "[" + kGuide + "]",
           batch_of({kGuide}) + "x",
           with(batch_of({kGuide}), "]}", "],\"events\":[]}"),
           changed("LevelComplete", ""),
           changed("LevelComplete", "\\u0041"),
           changed("\"LevelComplete\"", "1"),
           changed("\"eventType\"", "\"type\""),
           changed("v2.0", "v2.1"),
           changed("\"v2.0\"", "null"),
           changed("\"version\"", "\"eventType\""),
           changed("2014-06-30T19:07:47.885Z", "yesterday"),
           changed("\"id\":\"s-1\",", ""),
           changed("{\"id\":\"s-1\",", "{\"id\":\"\","),
           changed("\"startTimestamp\"", "\"id\""),
           changed("\"Level1\"", "1"),
           changed("Level1", std::string(201, 'x')),
           changed("LevelName", std::string(51, 'x')),
           changed("12345", "\"12345\""),
           changed("12345", "1e5"),
           changed("12345", "1234567890123456789"),
           changed("\"metrics\"", "\"attributes\""),
           changed("\"attributes\":{", many + ","),
       }) {
    EXPECT_FALSE(glance_at(TestRecord(body))) << body;
  }
  TestRecord packed(batch_of({kGuide}));
  packed.headers = {{"content-encoding", "identity"}};
  EXPECT_FALSE(glance_at(packed));
}

/// The full reading of `record`, by the letter, finds what the glance found.
void expect_agreement(const TestRecord& record, const Glance& seen) {
  const event::Record view = record.view();
  Batch batch;
  const std::optional<Problem> problem = read_batch(view, kLetter, batch);
  ASSERT_FALSE(problem) << problem->reason << record.body;
  EXPECT_EQ(batch.events.size(), seen.events) << record.body;
  std::set<std::string_view> types;
  for (const json::Value event : batch.events) {
    event::Marks marks;
    const std::optional<std::string> refusal =
        check_event(event, {kLetter, LimitAction::kRefuse}, marks);
    EXPECT_FALSE(refusal) << *refusal << record.body;
    const std::string_view type = event["eventType"].string().value_or("");
    if (is_custom(type)) {
      types.insert(type);
    }
  }
  EXPECT_EQ(types, seen.custom_types) << record.body;
}

TEST(MobileAnalyticsGlance, NeverDisagreesWithTheFullReading) {
  base::SeededRandom random(5);
  const std::string start = batch_of({kGuide, kGuide});
  static constexpr std::string_view kBytes =
      "\"\\{}[]:, \n\x01\xFF"
      "0e.-_vsaTZ9";
  int seen = 0;
  for (int round = 0; round < 4000; ++round) {
    std::array<std::uint8_t, 8> dice{};
    random.fill(dice);
    TestRecord record(start);
    record.body[(dice[0] * 256U + dice[1]) % start.size()] = kBytes[dice[2] % kBytes.size()];
    if (round % 2 == 0) {
      record.body[(dice[3] * 256U + dice[4]) % start.size()] = kBytes[dice[5] % kBytes.size()];
    }
    if (const std::optional<Glance> found = glance_at(record)) {
      ++seen;
      expect_agreement(record, *found);
    }
  }
  EXPECT_GT(seen, 200);
}

}  // namespace
}  // namespace api::mobile_analytics
