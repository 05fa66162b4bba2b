#include "kpi/rules/rules.h"
#include "loader/state/series.h"
#include "loader/state/sqlite.h"
#include "loader/test_world.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

namespace loader {
namespace {

// Applications change which events make a user active while records are loaded, and the process
// ends at any moment: each user counts once a day, by the rules in force when the record came.
class RulesChange : public LoaderWorld {
 protected:
  void SetUp() override {
    LoaderWorld::SetUp();
    parts_.rule_book = [this] { return book_; };
    parts_.decoders[event::Api::kSegmentstream] = [](const event::Record& record) {
      event::Decoded decoded = decode_lines(record);
      for (event::Event& event : decoded.events) {
        event.user_pseudo_id = event.person.identities.at(0).value;
      }
      return decoded;
    };
  }
  void active_events_are(const std::string& names) {
    kpi::RuleBook book;
    book.set("shop", names, "");
    book_ = std::make_shared<const kpi::RuleBook>(std::move(book));
  }
  /// Users counted as active, over all days.
  [[nodiscard]] std::int64_t active_users() const {
    auto database =
        state::Database::open(stepper_->state().path(), state::Database::Mode::kReadOnly);
    EXPECT_TRUE(database);
    auto sum = (*database)->number(
        "SELECT sum(count) FROM series JOIN series_day ON series_day.series = series.id"
        " WHERE kind = " +
            std::to_string(static_cast<int>(state::SeriesKind::kActiveUsers)),
        0);
    EXPECT_TRUE(sum);
    return *sum;
  }

  std::shared_ptr<const kpi::RuleBook> book_;
};

TEST_F(RulesChange, HoldsFromTheNextRecordOn) {
  active_events_are("login");
  write("event a open d1");
  load();
  EXPECT_EQ(active_users(), 0);
  active_events_are("open");
  load();
  EXPECT_EQ(active_users(), 0);
  write("event b open d1");
  load();
  EXPECT_EQ(active_users(), 1);
}

TEST_F(RulesChange, CrashAfterItCountsNobodyTwice) {
  active_events_are("open");
  write("event a open d1");
  load();
  EXPECT_EQ(active_users(), 1);
  active_events_are("login");
  crash();
  EXPECT_EQ(active_users(), 1);
  load();
  write("event b login d1");
  load();
  EXPECT_EQ(active_users(), 1) << "the first event made d1 active already";
}

TEST_F(RulesChange, CrashAfterItMakesNobodyActiveWhoWasNot) {
  active_events_are("login");
  write("event a open d1");
  load();
  active_events_are("open");
  crash();
  load();
  EXPECT_EQ(active_users(), 0);
  write("event b open d1");
  load();
  EXPECT_EQ(active_users(), 1) << "no memory of d1 may come from counting the first event again";
}

TEST_F(RulesChange, CrashAfterRecordsUnderBothCountsNobodyTwice) {
  active_events_are("open");
  write("event a open d1");
  load();
  active_events_are("login");
  write("event b login d2");
  load();
  crash();
  write("event c login d1\nevent d login d2\nevent e open d3");
  load();
  EXPECT_EQ(active_users(), 2);
}

TEST_F(RulesChange, LostStateIsCountedByThePresentRulesAlone) {
  active_events_are("open");
  write("event a open d1\nevent b login d2");
  load();
  ASSERT_TRUE(stepper_->seal());
  active_events_are("login");
  stepper_.reset();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    static_cast<void>(
        files_->remove(io::join(options_.state_folder, "state.db") + suffix).has_value());
  }
  crash();
  load();
  EXPECT_EQ(active_users(), 1);
  write("event c login d1");
  load();
  EXPECT_EQ(active_users(), 2) << "d1 was active by the old rules only";
}

TEST_F(RulesChange, HoldsForAStepThatFailedBefore) {
  active_events_are("open");
  write("event a open d2");
  load();
  write("event b open d1");
  store_.refusals = 1;
  EXPECT_FALSE(stepper_->step());
  active_events_are("login");
  write("event c login d1");
  load();
  EXPECT_EQ(active_users(), 2) << "that d1 was active by the old rules was never counted";
}

TEST_F(RulesChange, AnotherRegistryWithTheSameRulesChangesNothing) {
  active_events_are("open");
  write("event a open d1");
  load();
  active_events_are("open");
  crash();
  write("event b open d1");
  load();
  EXPECT_EQ(active_users(), 1);
}

}  // namespace
}  // namespace loader
