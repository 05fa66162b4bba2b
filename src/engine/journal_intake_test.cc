#include "engine/journal_intake.h"

#include "base/log.h"
#include "io/memory_file_system.h"

#include <gtest/gtest.h>

#include <future>

namespace engine {
namespace {

class JournalIntakeTest : public testing::Test {
 protected:
  void SetUp() override {
    writer_ = *journal::Writer::open(
        files_, clock_, base::null_log(),
        {.folder = "journal", .segment_bytes = 1U << 20U, .reserve_bytes = 0});
    intake_ = std::make_unique<JournalIntake>(*writer_);
  }

  /// Appends a request of that many units and waits until it is durable.
  event::Position accept(const std::string& app_id, const std::string& units) {
    event::Record record;
    record.app_id = app_id;
    record.api = event::Api::kClevertap;
    record.notes = {{"units", units}};
    std::promise<event::Position> position;
    intake_->append(record, [&position](const base::Result<event::Position>& done) {
      position.set_value(done ? *done : 0);
    });
    return position.get_future().get();
  }

  io::MemoryFileSystem files_;
  base::ManualClock clock_{base::from_us(0)};
  std::unique_ptr<journal::Writer> writer_;
  std::unique_ptr<JournalIntake> intake_;
};

TEST_F(JournalIntakeTest, CountsUnitsUntilTheyAreLoaded) {
  const event::Position first = accept("shop", "3");
  const event::Position second = accept("other", "2");
  EXPECT_EQ(first, 1U);
  EXPECT_EQ(second, 2U);
  const JournalIntake::Pending expected = {{{"shop", event::Api::kClevertap}, 3},
                                           {{"other", event::Api::kClevertap}, 2}};
  EXPECT_EQ(intake_->pending(), expected);
  intake_->loaded(second);
  EXPECT_TRUE(intake_->pending().empty());
}

TEST_F(JournalIntakeTest, AShortLagIsExactAtEveryPosition) {
  for (int i = 0; i < 9; ++i) {
    accept("shop", "2");
  }
  const JournalIntake::Pending::key_type key("shop", event::Api::kClevertap);
  for (event::Position loaded = 0; loaded < 9; ++loaded) {
    intake_->loaded(loaded);
    EXPECT_EQ(intake_->pending()[key], 2 * (9 - loaded));
  }
}

TEST_F(JournalIntakeTest, ManyRecordsLoadedAtOnceAreAllForgotten) {
  for (int i = 0; i < 200; ++i) {
    accept("shop", "2");
  }
  const JournalIntake::Pending::key_type key("shop", event::Api::kClevertap);
  intake_->loaded(199, {{key, 398}});
  EXPECT_EQ(intake_->pending()[key], 2U);
  EXPECT_EQ(intake_->loaded_position(), 199U);
  ASSERT_TRUE(intake_->comparison());
  EXPECT_EQ((*intake_->comparison())[key].answered, 398U);
  EXPECT_EQ((*intake_->comparison())[key].handled, 398U);
}

TEST_F(JournalIntakeTest, ALongLagIsRememberedInFewBucketsAndClosesExactly) {
  intake_ = std::make_unique<JournalIntake>(*writer_, 10);
  for (int i = 0; i < 600; ++i) {
    accept("shop", "1");
  }
  const JournalIntake::Pending::key_type key("shop", event::Api::kClevertap);
  EXPECT_EQ(intake_->pending()[key], 600U);
  intake_->loaded(599);
  EXPECT_GE(intake_->pending()[key], 1U);
  intake_->loaded(600);
  EXPECT_TRUE(intake_->pending().empty());
}

TEST_F(JournalIntakeTest, ARecordLoadedBeforeItsAnswerIsNotPending) {
  intake_->loaded(10);
  accept("shop", "5");
  EXPECT_TRUE(intake_->pending().empty());
}

}  // namespace
}  // namespace engine
