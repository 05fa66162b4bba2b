#include "loader/state/series.h"

#include "loader/state/series_reader.h"
#include "loader/state/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace loader::state {
namespace {

using event::Api;
using testing::ElementsAre;
using testing::IsEmpty;

class SeriesTest : public testing::Test {
 protected:
  void SetUp() override {
    files_ = io::posix_file_system();
    folder_ = testing::TempDir() + "catchment_series_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    auto opened = State::open(*files_, base::null_log(), Options{folder_, 1 << 20});
    ASSERT_TRUE(opened) << opened.error().message;
    state_ = std::move(*opened);
  }
  void TearDown() override {
    state_.reset();
    std::filesystem::remove_all(folder_);
  }

  void add(const SeriesKey& key, std::int64_t day, const DayValue& change) {
    ASSERT_TRUE(state_->begin());
    ASSERT_TRUE(state_->series().add(key, day, change));
  }
  void commit() {
    ASSERT_TRUE(state_->begin());
    ASSERT_TRUE(state_->commit(++position_));
  }
  std::vector<SeriesDay> days(const SeriesChoice& choice, DayRange range = {0, 1000}) {
    auto reader = SeriesReader::open(state_->path());
    EXPECT_TRUE(reader) << reader.error().message;
    auto days = (*reader)->days(choice, range);
    EXPECT_TRUE(days) << days.error().message;
    return *days;
  }
  /// "day=count" of each day.
  std::vector<std::string> counts(const SeriesChoice& choice, DayRange range = {0, 1000}) {
    std::vector<std::string> out;
    for (const SeriesDay& day : days(choice, range)) {
      out.push_back(std::to_string(day.day) + "=" + std::to_string(day.value.count));
    }
    return out;
  }

  static SeriesKey events(std::string_view name, Api api = Api::kClickstream) {
    return {"shop", api, SeriesKind::kEvents, name, ""};
  }
  static DayValue one() { return {1}; }

  std::shared_ptr<io::FileSystem> files_;
  std::string folder_;
  std::unique_ptr<State> state_;
  Position position_ = 0;
};

TEST_F(SeriesTest, DaysAddUpWithinAndAcrossSteps) {
  add(events("open"), 5, one());
  add(events("open"), 5, one());
  add(events("open"), 7, one());
  commit();
  add(events("open"), 5, one());
  add(events("close"), 5, one());
  commit();
  EXPECT_THAT(counts({"shop", {}, SeriesKind::kEvents, "open", ""}), ElementsAre("5=3", "7=1"));
  EXPECT_THAT(counts({"shop", {}, SeriesKind::kEvents, "open", ""}, {6, 7}), ElementsAre("7=1"));
  EXPECT_THAT(counts({"other", {}, SeriesKind::kEvents, "open", ""}), IsEmpty());
}

TEST_F(SeriesTest, ApisAreAddedUpOrReadAlone) {
  add(events("open"), 5, one());
  add(events("open", Api::kClevertap), 5, one());
  commit();
  EXPECT_THAT(counts({"shop", {}, SeriesKind::kEvents, "open", ""}), ElementsAre("5=2"));
  EXPECT_THAT(counts({"shop", Api::kClevertap, SeriesKind::kEvents, "open", ""}),
              ElementsAre("5=1"));
}

TEST_F(SeriesTest, SumsKeepMillionthsAndLimitsAreThoseOfAllSteps) {
  const SeriesKey price{"shop", Api::kClickstream, SeriesKind::kMetric, "buy", "price"};
  add(price, 5, {1, 1, 990'000, 1.99, 1.99});
  commit();
  add(price, 5, {1, -4, -500'000, -4.5, -4.5});
  commit();
  const auto found = days({"shop", {}, SeriesKind::kMetric, "buy", "price"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].value.count, 2);
  EXPECT_EQ(found[0].value.whole * 1'000'000 + found[0].value.micro, -2'510'000);
  EXPECT_EQ(found[0].value.min, -4.5);
  EXPECT_EQ(found[0].value.max, 1.99);
}

TEST_F(SeriesTest, StepThatIsRolledBackLeavesNothing) {
  add(events("open"), 5, one());
  ASSERT_TRUE(state_->rollback());
  add(events("close"), 5, one());
  commit();
  EXPECT_THAT(counts({"shop", {}, SeriesKind::kEvents, "open", ""}), IsEmpty());
  EXPECT_THAT(counts({"shop", {}, SeriesKind::kEvents, "close", ""}), ElementsAre("5=1"));
  add(events("open"), 5, one());
  commit();
  EXPECT_THAT(counts({"shop", {}, SeriesKind::kEvents, "open", ""}), ElementsAre("5=1"));
}

TEST_F(SeriesTest, TotalsTellEachNameOfAKind) {
  add(events("open"), 5, one());
  add(events("open"), 6, one());
  add(events("buy"), 6, one());
  add({"shop", Api::kClickstream, SeriesKind::kRevenue, "EUR", ""}, 6, one());
  commit();
  auto reader = SeriesReader::open(state_->path());
  ASSERT_TRUE(reader);
  auto totals = (*reader)->totals({"shop", {}, SeriesKind::kEvents, "", ""}, {0, 10});
  ASSERT_TRUE(totals);
  ASSERT_EQ(totals->size(), 2U);
  EXPECT_EQ((*totals)[0].name, "open");
  EXPECT_EQ((*totals)[0].count, 2);
  EXPECT_EQ((*totals)[1].name, "buy");
}

TEST_F(SeriesTest, NumbersBeyondTheLimitAreLeftOutAndSaidToBe) {
  const auto complete = [&] {
    auto reader = SeriesReader::open(state_->path());
    const auto told = (*reader)->metrics_complete("shop");
    return told && *told;
  };
  for (std::int64_t at = 0; at < kMetricSeriesMax - 1; ++at) {
    const std::string key = std::to_string(at);
    add({"shop", Api::kClickstream, SeriesKind::kMetric, "e", key}, 1, one());
  }
  commit();
  EXPECT_TRUE(complete());
  add({"shop", Api::kClickstream, SeriesKind::kMetric, "e", "last"}, 1, one());
  add({"shop", Api::kClickstream, SeriesKind::kMetric, "e", "over"}, 1, one());
  commit();
  EXPECT_FALSE(complete());
  EXPECT_THAT(counts({"shop", {}, SeriesKind::kMetric, "e", "last"}), ElementsAre("1=1"));
  EXPECT_THAT(counts({"shop", {}, SeriesKind::kMetric, "e", "over"}), IsEmpty());
  EXPECT_THAT(counts({"shop", {}, SeriesKind::kMetric, "e", "0"}), ElementsAre("1=1"));
}

}  // namespace
}  // namespace loader::state
