#include "loader/rollup/activity.h"

#include "io/memory_file_system.h"

#include <gtest/gtest.h>

#include <memory>

namespace loader::rollup {
namespace {

class ActivityTest : public testing::Test {
 protected:
  ActivityTest() { open(); }

  void open() {
    auto opened = Activity::open(files_, base::null_log(), "state/activity");
    ASSERT_TRUE(opened) << opened.error().message;
    activity_ = std::move(*opened);
  }
  /// Whether the fact changed something, and what was known.
  std::optional<History> learn(std::uint64_t position, Fact fact, std::uint64_t user = 7) {
    auto known = activity_->learn({user, user}, {position, 0, 0}, fact);
    EXPECT_TRUE(known) << known.error().message;
    return known ? *known : std::nullopt;
  }
  bool flush(std::uint64_t through) { return activity_->index().flush(through).has_value(); }

  io::MemoryFileSystem files_;
  std::unique_ptr<Activity> activity_;
};

TEST_F(ActivityTest, DayIsNewOnceForEachUser) {
  EXPECT_TRUE(learn(1, {FactKind::kActive, 100}));
  EXPECT_FALSE(learn(2, {FactKind::kActive, 100}));
  EXPECT_TRUE(learn(3, {FactKind::kActive, 100}, 8));
  const auto known = learn(4, {FactKind::kActive, 99});
  ASSERT_TRUE(known);
  EXPECT_EQ(known->active, (std::vector<std::int64_t>{100}));
}

TEST_F(ActivityTest, KindsAreKnownApart) {
  learn(1, {FactKind::kPurchase, 100});
  learn(1, {FactKind::kSeen, 99});
  const auto known = learn(2, {FactKind::kActive, 100});
  ASSERT_TRUE(known);
  EXPECT_EQ(known->purchases, (std::vector<std::int64_t>{100}));
  EXPECT_EQ(known->first_seen, 99);
  EXPECT_TRUE(known->active.empty());
}

TEST_F(ActivityTest, OnlyAnEarlierDayChangesSinceWhenAUserIsSeen) {
  EXPECT_TRUE(learn(1, {FactKind::kSeen, 100}));
  EXPECT_FALSE(learn(2, {FactKind::kSeen, 101}));
  EXPECT_TRUE(learn(3, {FactKind::kSeen, 98}));
}

TEST_F(ActivityTest, PurchaseOfTheSameEventIsKnownWhenItsActivityIsTold) {
  learn(5, {FactKind::kPurchase, 100});
  const auto known = learn(5, {FactKind::kActive, 100});
  ASSERT_TRUE(known);
  EXPECT_EQ(known->purchases.size(), 1U);
  // Told again in order, the purchase does not know the activity that came after it.
  const auto again = learn(5, {FactKind::kPurchase, 100});
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->active.empty());
}

TEST_F(ActivityTest, ReadingARangeAgainGivesTheSameAnswersWithAndWithoutFiles) {
  for (const bool in_files : {false, true}) {
    ASSERT_TRUE(activity_->reset());
    std::vector<std::optional<History>> first;
    for (int round = 0; round < 2; ++round) {
      std::vector<std::optional<History>> answers;
      for (std::uint64_t position = 1; position <= 30; ++position) {
        const auto day = static_cast<std::int64_t>(position * 7 % 12);
        answers.push_back(learn(position, {FactKind::kActive, day}));
      }
      if (round == 0) {
        first = answers;
        ASSERT_TRUE(!in_files || flush(30));
        continue;
      }
      for (std::size_t at = 0; at < answers.size(); ++at) {
        ASSERT_EQ(answers[at].has_value(), first[at].has_value()) << at;
        ASSERT_TRUE(!answers[at] || answers[at]->active == first[at]->active) << at;
      }
    }
  }
}

TEST_F(ActivityTest, FactsOfLongAgoAreKept) {
  learn(1, {FactKind::kActive, 1});
  ASSERT_TRUE(flush(1));
  learn(2, {FactKind::kActive, 30'000});
  ASSERT_TRUE(flush(2));
  for (auto more = activity_->index().tidy(1000); more && *more;) {
    more = activity_->index().tidy(1000);
  }
  open();
  const auto known = learn(3, {FactKind::kActive, 40'000});
  ASSERT_TRUE(known);
  EXPECT_EQ(known->active, (std::vector<std::int64_t>{1, 30'000}));
}

TEST_F(ActivityTest, UsersAndDaysThatWantOnePlaceInMemoryAreToldApart) {
  constexpr std::uint64_t kFar = std::uint64_t{1} << 24U;  // the same lowest bits
  std::uint64_t position = 0;
  for (const bool known : {false, true, true}) {
    for (const std::uint64_t user : {std::uint64_t{7}, 7 + kFar, 7 + (kFar << 16U)}) {
      for (const std::int64_t day : {100, 101}) {
        for (const FactKind kind : {FactKind::kPurchase, FactKind::kActive}) {
          EXPECT_EQ(learn(++position, {kind, day}, user).has_value(), !known) << user << " " << day;
        }
      }
    }
  }
}

TEST_F(ActivityTest, RecordThatWasTakenBackIsNotKnown) {
  learn(1, {FactKind::kActive, 5});
  activity_->forget_after(0);
  // By the next record: what the refused one said must not stand for it.
  EXPECT_TRUE(learn(2, {FactKind::kActive, 5}));
}

}  // namespace
}  // namespace loader::rollup
