#include "loader/rollup/rollup.h"

#include "io/memory_file_system.h"
#include "loader/state/series_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace loader::rollup {
namespace {

using event::Api;
using state::SeriesKind;
using testing::ElementsAre;
using testing::IsEmpty;

class RollupTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "catchment_rollup_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    disk_ = io::posix_file_system();
    auto state = state::State::open(*disk_, base::null_log(), {folder_});
    ASSERT_TRUE(state) << state.error().message;
    state_ = std::move(*state);
    auto activity = Activity::open(files_, base::null_log(), "activity");
    ASSERT_TRUE(activity);
    activity_ = std::move(*activity);
  }
  void TearDown() override {
    state_.reset();
    std::filesystem::remove_all(folder_);
  }

  static event::Event event_of(std::string name, std::string user, std::int64_t day,
                               Api api = Api::kMobileAnalytics) {
    event::Event event;
    event.app_id = "game";
    event.api = api;
    event.event_name = std::move(name);
    event.user_pseudo_id = std::move(user);
    event.session_id = "s";
    event.event_date = day;
    event.properties = "{}";
    return event;
  }
  void saw(const event::Event& event, bool counted = false) {
    Rollup rollup(*state_, *activity_);
    ASSERT_TRUE(state_->begin());
    ASSERT_TRUE(rollup.saw(event, {++position_, 0, 0}, kpi::default_rules(event.api), counted));
    ASSERT_TRUE(state_->commit(position_));
  }
  /// "day=count" of each day that is not 0.
  std::vector<std::string> counts(SeriesKind kind, const std::string& name = "",
                                  const std::string& key = "") {
    auto reader = state::SeriesReader::open(state_->path());
    auto days = (*reader)->days({"game", {}, kind, name, key}, {0, 100'000});
    std::vector<std::string> out;
    for (const state::SeriesDay& day : *days) {
      if (day.value.count != 0) {
        out.push_back(std::to_string(day.day) + "=" + std::to_string(day.value.count));
      }
    }
    return out;
  }

  io::MemoryFileSystem files_;
  std::shared_ptr<io::FileSystem> disk_;
  std::string folder_;
  std::unique_ptr<state::State> state_;
  std::unique_ptr<Activity> activity_;
  dedup::Position position_ = 0;
};

TEST_F(RollupTest, SessionStartCountsItsUserOnceADay) {
  saw(event_of("_session.start", "a", 10));
  saw(event_of("_session.start", "a", 10));
  saw(event_of("_session.start", "b", 10));
  saw(event_of("level", "c", 10));
  EXPECT_THAT(counts(SeriesKind::kSessions), ElementsAre("10=3"));
  EXPECT_THAT(counts(SeriesKind::kActiveUsers), ElementsAre("10=2"));
  EXPECT_THAT(counts(SeriesKind::kFirstSeen), ElementsAre("10=3"));
  EXPECT_THAT(counts(SeriesKind::kEvents, "level"), ElementsAre("10=1"));
}

TEST_F(RollupTest, EventWithoutASessionIsOnlySeen) {
  event::Event event = event_of("_session.start", "a", 10);
  event.session_id.clear();
  saw(event);
  EXPECT_THAT(counts(SeriesKind::kFirstSeen), ElementsAre("10=1"));
  EXPECT_THAT(counts(SeriesKind::kSessions), IsEmpty());
  EXPECT_THAT(counts(SeriesKind::kActiveUsers), IsEmpty());
  EXPECT_THAT(counts(SeriesKind::kEvents, "_session.start"), IsEmpty());
}

TEST_F(RollupTest, MetricGoesBeforeAnAttributeOfItsName) {
  event::Event event = event_of("score", "a", 10);
  event.metrics = R"({"points":5})";
  event.attributes = R"({"points":"7","bonus":"2"})";
  saw(event);
  auto reader = state::SeriesReader::open(state_->path());
  auto points = (*reader)->days({"game", {}, SeriesKind::kMetric, "score", "points"}, {0, 100});
  ASSERT_EQ(points->size(), 1U);
  EXPECT_EQ((*points)[0].value.whole, 5);
  EXPECT_THAT(counts(SeriesKind::kMetric, "score", "bonus"), ElementsAre("10=1"));
}

TEST_F(RollupTest, PurchaseCountsItsAmountByCurrencyAndItsUserAsPaying) {
  event::Event buy = event_of("_monetization.purchase", "a", 10);
  buy.metrics = R"({"_item_price":1.99,"_quantity":2})";
  buy.attributes = R"({"_currency":"USD"})";
  saw(buy);
  saw(event_of("_session.start", "a", 11));
  EXPECT_THAT(counts(SeriesKind::kRevenue, "USD"), ElementsAre("10=1"));
  EXPECT_THAT(counts(SeriesKind::kPayingUsers), ElementsAre("10=1"));
  EXPECT_THAT(counts(SeriesKind::kPayingActive), ElementsAre("11=1"));
}

TEST_F(RollupTest, EventOfNobodyCountsAsAnEvent) {
  saw(event_of("Viewed", "", 10, Api::kClevertap));
  EXPECT_THAT(counts(SeriesKind::kEvents, "Viewed"), ElementsAre("10=1"));
  EXPECT_THAT(counts(SeriesKind::kSessions), ElementsAre("10=1"));
  EXPECT_THAT(counts(SeriesKind::kActiveUsers), IsEmpty());
}

TEST_F(RollupTest, CountedEventOnlyBringsTheMemoryAlong) {
  saw(event_of("_session.start", "a", 10), true);
  EXPECT_THAT(counts(SeriesKind::kSessions), IsEmpty());
  EXPECT_THAT(counts(SeriesKind::kActiveUsers), IsEmpty());
  saw(event_of("_session.start", "a", 11));
  EXPECT_THAT(counts(SeriesKind::kActiveUsers), ElementsAre("11=1"));
  EXPECT_THAT(counts(SeriesKind::kNewUsers), IsEmpty());
}

TEST_F(RollupTest, EqualUsersOfTwoApisAreTwo) {
  saw(event_of("_session.start", "a", 10));
  saw(event_of("Viewed", "a", 10, Api::kClevertap));
  EXPECT_THAT(counts(SeriesKind::kActiveUsers), ElementsAre("10=2"));
}

}  // namespace
}  // namespace loader::rollup
