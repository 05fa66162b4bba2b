#include "engine/status.h"
#include "engine/tail_hub.h"

#include <gtest/gtest.h>

namespace engine {
namespace {

store::Batch batch_of(const std::string& app_id, const std::string& name) {
  store::Batch batch;
  event::Event event;
  event.app_id = app_id;
  event.event_name = name;
  event.properties = "{}";
  batch.events.add({event});
  return batch;
}

TEST(TailHub, AReaderSeesOnlyItsApplication) {
  TailHub hub;
  const auto all = hub.open("");
  const auto shop = hub.open("shop");
  hub.publish(batch_of("shop", "view"));
  hub.publish(batch_of("other", "view"));
  std::uint64_t lost = 0;
  EXPECT_EQ(hub.take(all, lost).size(), 2U);
  EXPECT_EQ(hub.take(shop, lost).size(), 1U);
  EXPECT_EQ(lost, 0U);
  hub.close(all);
  hub.close(shop);
}

TEST(TailHub, NamesAClientChoseStayOnOneLine) {
  TailHub hub;
  const auto all = hub.open("");
  hub.publish(batch_of("shop", "a\nb\x1b[2J"));
  std::uint64_t lost = 0;
  const auto lines = hub.take(all, lost);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines.front().find("a\\x0ab\\x1b[2J"), std::string::npos) << lines.front();
  EXPECT_EQ(lines.front().find('\n'), lines.front().size() - 1);
  hub.close(all);
}

TEST(TailHub, ASlowReaderIsToldHowMuchItMissed) {
  TailHub hub;
  const auto reader = hub.open("");
  for (int i = 0; i < 10'003; ++i) {
    hub.publish(batch_of("shop", "view"));
  }
  std::uint64_t lost = 0;
  EXPECT_EQ(hub.take(reader, lost).size(), 10'000U);
  EXPECT_EQ(lost, 3U);
  hub.close(reader);
}

TEST(Status, TheJsonHasTheDocumentedMembers) {
  StatusReport report;
  report.lines.push_back({"shop", event::Api::kClevertap, 10, 6, 1, 2, 1});
  const std::string text = status_json(report);
  EXPECT_NE(text.find(R"({"apps":[{"app_id":"shop","api":"clevertap","received":10,"stored":6,)"
                      R"("duplicate":1,"rejected":2,"pending":1}])"),
            std::string::npos)
      << text;
  for (const char* member :
       {"\"journal\":{", "\"loader\":{\"lag_events\"", "\"lag_ms\"", "\"healthy\":true"}) {
    EXPECT_NE(text.find(member), std::string::npos) << member;
  }
}

TEST(Status, HealthAndLagAreMetrics) {
  StatusReport report;
  report.failure = "the disk failed";
  const std::string text = metrics_text(report, nullptr);
  EXPECT_NE(text.find("\ncatchment_health_ok 0\n"), std::string::npos);
  EXPECT_NE(text.find("\ncatchment_loader_lag_events 0\n"), std::string::npos);
}

}  // namespace
}  // namespace engine
