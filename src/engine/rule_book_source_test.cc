#include "engine/rule_book_source.h"

#include "engine/test_pipeline.h"
#include "loader/state/series_reader.h"

#include <gtest/gtest.h>

#include <filesystem>  // NOLINT: for the scratch folder of a test

namespace engine {
namespace {

TEST(RuleBookSource, GivesTheSameBookUntilTheRegistryChanges) {
  const std::string folder = testing::TempDir() + "catchment_rule_book_source";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const base::ManualClock clock{base::from_us(1'700'000'000'000'000)};
  base::SeededRandom random{7};
  auto registry = registry::Registry::open(folder, clock, random);
  ASSERT_TRUE(registry) << registry.error().message;
  ASSERT_TRUE((*registry)->create_app("shop", {}, {}));
  RuleBookSource source(**registry);
  const auto before = source.current();
  EXPECT_EQ(source.current(), before);
  EXPECT_EQ(before->rules("shop", event::Api::kClickstream),
            kpi::default_rules(event::Api::kClickstream));

  ASSERT_TRUE((*registry)->set("shop", "active_events", "open,login"));
  ASSERT_TRUE((*registry)->set("shop", "revenue", "paid:total"));
  const auto after = source.current();
  EXPECT_NE(after, before);
  EXPECT_EQ(after->rules("shop", event::Api::kClickstream).active_events,
            (std::vector<std::string>{"open", "login"}));
  EXPECT_EQ(after->rules("shop", event::Api::kClevertap).revenue,
            (std::vector<kpi::RevenueRule>{{"paid", "total", ""}}));
  EXPECT_EQ(before->rules("shop", event::Api::kClickstream),
            kpi::default_rules(event::Api::kClickstream));
  std::filesystem::remove_all(folder);
}

class RuleBookTest : public PipelineTest {
 protected:
  /// Events that made their user active.
  std::int64_t sessions() {
    auto reader = loader::state::SeriesReader::open(io::join(folder_, "state/state.db"));
    EXPECT_TRUE(reader) << reader.error().message;
    const auto days = (*reader)->days(
        {"shop", std::nullopt, loader::state::SeriesKind::kSessions, "", ""}, {0, 40'000});
    EXPECT_TRUE(days) << days.error().message;
    std::int64_t count = 0;
    for (const auto& day : *days) {
      count += day.value.count;
    }
    return count;
  }
};

TEST_F(RuleBookTest, ARuleCountsForWhatIsLoadedAfterItAndForEverythingAfterARebuild) {
  send("shop", hit("1"));
  load();
  EXPECT_EQ(sessions(), 1);

  kpi::RuleBook book;
  book.set("shop", "Opened", "");
  rule_book_ = [own = std::make_shared<const kpi::RuleBook>(book)] { return own; };
  pipeline_.reset();
  open();
  send("shop", hit("2"));
  load();
  EXPECT_EQ(sessions(), 1);

  ASSERT_TRUE(pipeline_->rebuild([](event::Position, event::Position) { return true; }));
  load();
  EXPECT_EQ(sessions(), 0);
}

}  // namespace
}  // namespace engine
