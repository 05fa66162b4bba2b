#include "api/clickstream/glance.h"

#include "api/clickstream/batch.h"
#include "api/clickstream/test_record.h"
#include "base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace api::clickstream {
namespace {

std::optional<std::uint32_t> glance_at(const std::string& body) {
  return glance(test_record(body), body, [](std::string_view app_id) { return app_id == "shop"; });
}

TEST(ClickstreamGlance, CountsPlainEvents) {
  EXPECT_EQ(glance_at(test_event()), 1U);
  EXPECT_EQ(
      glance_at(" [" + test_event() + " , " + test_event(R"(,"user":{"a":[1,"\""]})") + "]\n"), 2U);
}

TEST(ClickstreamGlance, LeavesWhatIsNotPlainToTheFullReading) {
  const std::string good = test_event();
  for (const std::string& body : {
           std::string(),
           std::string("[]"),
           std::string("{}"),
           std::string("[1]"),
           "[" + good,
           "[" + good + ",]",
           good + good,
           "[" + good + "," + R"({"event_type":"v"}])",
           test_event(R"(,"app_id":"shop")"),
           test_event(R"(,"timestamp":1)"),
           test_event(R"(,"event_id":"e2")"),
           test_event(R"(,"\u0061pp_id":"gone")"),
           std::string(R"({"event_type":"v","event_id":"e","timestamp":1,"app_id":"gone"})"),
           std::string(R"({"event_type":"v","event_id":"e","timestamp":"1","app_id":"shop"})"),
           std::string(R"({"event_type":"v","event_id":"e","timestamp":1.5,"app_id":"shop"})"),
           std::string(R"({"event_type":"","event_id":"e","timestamp":1,"app_id":"shop"})"),
           std::string(R"({"event_type":"v","event_id":null,"timestamp":1,"app_id":"shop"})"),
           std::string(
               R"({"event_type":"v","event_id":"e","timestamp":999999999999999,"app_id":"shop"})"),
       }) {
    EXPECT_FALSE(glance_at(body)) << body;
  }
}

TEST(ClickstreamGlance, LeavesMoreRowsThanARequestMayHaveToTheFullReading) {
  std::string items = "0";
  for (int i = 0; i < 20'001; ++i) {
    items += ",0";
  }
  EXPECT_FALSE(glance_at(test_event(R"(,"items":[)" + items + "]")));
}

TEST(ClickstreamGlance, NeverDisagreesWithTheFullReading) {
  base::SeededRandom random(3);
  const std::string start = "[" + test_event() + "," + test_event() + "]";
  static constexpr std::string_view kBytes =
      "\"\\{}[]:, \n\x01\xFF"
      "0e.uatps_";
  int seen = 0;
  for (int round = 0; round < 3000; ++round) {
    std::array<std::uint8_t, 4> dice{};
    random.fill(dice);
    std::string body = start;
    body[dice[0] % body.size()] = kBytes[dice[1] % kBytes.size()];
    if (round % 2 == 0) {
      body[dice[2] % body.size()] = kBytes[dice[3] % kBytes.size()];
    }
    const std::optional<std::uint32_t> units = glance_at(body);
    if (!units) {
      continue;
    }
    ++seen;
    const Batch batch = read_batch(test_record(body));
    ASSERT_FALSE(batch.failure) << body;
    ASSERT_EQ(batch.units.size(), *units) << body;
    for (const json::Value unit : batch.units) {
      Required required;
      EXPECT_FALSE(read_required(unit, required)) << body;
      EXPECT_EQ(required.app_id, "shop") << body;
    }
  }
  EXPECT_GT(seen, 50);
}

}  // namespace
}  // namespace api::clickstream
