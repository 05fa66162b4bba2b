#include "journal/spare.h"

#include "journal/fixture.h"
#include "journal/keeper.h"
#include "journal/verify.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace journal {
namespace {

/// A segment has room for seven records of 500 bytes; from the fifth on its spare is due.
class SpareTest : public JournalTest {
 protected:
  static constexpr const char* kPath = "journal/spare.tmp";

  bool there() { return files_.exists(kPath); }
  /// Records 1 to 6, and a spare.
  void open_with_spare() {
    open();
    write_many(6, 500);
    writer_->fill_spare();
    ASSERT_TRUE(there());
  }
  std::string names() {
    std::string out;
    const std::vector<std::string> names = *files_.list("journal");
    for (const std::string& name : names) {
      out += (out.empty() ? "" : " ") + name.substr(name.find_first_not_of('0'));
    }
    return out;
  }
};

TEST_F(SpareTest, BecomesTheNextSegment) {
  open_with_spare();
  EXPECT_EQ(names(), "1.seg spare.tmp");
  const std::uint64_t allocated = files_.calls(Call::kAllocate);
  write_many(3, 500);
  EXPECT_EQ(names(), "1.seg 8.seg");
  EXPECT_EQ(files_.calls(Call::kAllocate), allocated) << "its blocks were there";
  EXPECT_EQ(files_.content(path(8)).size(), options_.segment_bytes);
  EXPECT_EQ(read_all(), expected(1, 9, 500));
  crash(Loss::kAll);
  EXPECT_EQ(read_all(), expected(1, 9, 500));
  EXPECT_EQ(write("b"), 10U);
}

TEST_F(SpareTest, ServerThatTakesLittleWritesNone) {
  open();
  write_many(4, 500);
  writer_->fill_spare();
  EXPECT_EQ(names(), "1.seg");
}

TEST_F(SpareTest, NoneIsMadeWhereAnswersDoNotWaitForASync) {
  for (const SyncMode mode : {SyncMode::kInterval, SyncMode::kOff}) {
    options_.sync = mode;
    open();
    write_many(6, 500);
    writer_->fill_spare();
    EXPECT_EQ(names(), "1.seg");
    forget_everything();
  }
}

TEST_F(SpareTest, AnotherIsMadeBesideEachSegment) {
  open();
  for (int segments = 0; segments < 4; ++segments) {
    write_many(6, 500);
    writer_->fill_spare();
    EXPECT_TRUE(there()) << segments;
    write_many(1, 500);
  }
  EXPECT_EQ(read_all(), expected(1, 28, 500));
  EXPECT_EQ(files_.calls(Call::kAllocate), 5U) << "the first segment, and four spares";
}

TEST_F(SpareTest, IsNoSegmentForAnybodyElse) {
  open_with_spare();
  writer_->survey();
  EXPECT_EQ(writer_->stats().segments, 1U);
  EXPECT_EQ(writer_->stats().bytes, offset_of(6, 500));
  EXPECT_EQ(list_segments(files_, "journal")->size(), 1U);
  EXPECT_TRUE(verify(files_, "journal", {})->good());
  EXPECT_FALSE(*compress_one(files_, "journal"));
}

TEST_F(SpareTest, IsRemovedAtTheEndAndAtTheNextStart) {
  open_with_spare();
  close();
  EXPECT_EQ(names(), "1.seg");
  files_.set_content(kPath, "what a killed process left");
  open();
  EXPECT_EQ(names(), "1.seg");
}

TEST_F(SpareTest, LargeRecordGetsASegmentOfItsOwnAndLeavesTheSpare) {
  open_with_spare();
  EXPECT_EQ(write(std::string(5000, 'l')), 7U);
  EXPECT_EQ(names(), "1.seg 7.seg spare.tmp");
  EXPECT_EQ(write("a"), 8U);
  EXPECT_EQ(names(), "1.seg 7.seg 8.seg");
}

TEST_F(SpareTest, PowerCutAtAnyCallLosesNothingAnswered) {
  for (const Loss loss : {Loss::kAll, Loss::kRandom, Loss::kNone}) {
    bool finished = false;
    for (std::uint64_t call = 1; !finished; ++call) {
      ASSERT_LT(call, 40U) << "it takes fewer calls than that";
      open();
      write_many(6, 500);
      files_.power_off_at(call);
      writer_->fill_spare();
      Position last = 6;
      for (Position wanted = 7; wanted <= 9 && write(std::string(500, 'y')) == wanted; ++wanted) {
        last = wanted;
      }
      finished = files_.has_power();
      crash(loss, call);
      ASSERT_EQ(writer_->recovery().damages.size(), 0U) << "call " << call;
      ASSERT_GE(writer_->recovery().last, last) << "call " << call;
      ASSERT_EQ(read(1, 6), expected(1, 6, 500)) << "call " << call;
      ASSERT_FALSE(there());
      const Position next = writer_->recovery().last + 1;
      ASSERT_EQ(write("next"), next) << "call " << call;
      ASSERT_EQ(read(next, next), std::to_string(next) + "=next");
      forget_everything();
    }
  }
}

TEST_F(SpareTest, FailureOfAnyCallWhileItIsMadeEndsNothing) {
  for (const Call call : {Call::kOpen, Call::kAllocate, Call::kWrite, Call::kSync, Call::kFree}) {
    for (const int error : {ENOSPC, EIO}) {
      open();
      write_many(6, 500);
      files_.fail(call, error);
      writer_->fill_spare();
      EXPECT_FALSE(there());
      files_.heal();
      write_many(7, 500);
      EXPECT_EQ(writer_->stats().failure, "");
      writer_->fill_spare();
      EXPECT_TRUE(there()) << "beside the next segment";
      write_many(2, 500);
      EXPECT_EQ(read_all(), expected(1, 15, 500));
      forget_everything();
    }
  }
}

TEST_F(SpareTest, FailureIsNotFollowedByAnotherTryBesideTheSameSegment) {
  ASSERT_TRUE(files_.create_directories("journal"));
  Spare spare(files_, base::null_log(), {.folder = "journal", .bytes = 8000, .piece_bytes = 1000});
  spare.begin(36);
  files_.fail(Call::kAllocate, ENOSPC);
  spare.follow(2500);
  spare.fill();
  EXPECT_EQ(files_.calls(Call::kAllocate), 1U);
  spare.follow(7900);
  spare.fill();
  EXPECT_EQ(files_.calls(Call::kAllocate), 1U);
  spare.begin(36);
  spare.follow(2500);
  spare.fill();
  EXPECT_EQ(files_.calls(Call::kAllocate), 2U);
}

TEST_F(SpareTest, TakenSpareKeepsItsNameUntilASegmentIsBegun) {
  ASSERT_TRUE(files_.create_directories("journal"));
  Spare spare(files_, base::null_log(), {.folder = "journal", .bytes = 8000});
  spare.begin(36);
  spare.follow(7900);
  spare.fill();
  ASSERT_NE(spare.take(), nullptr);
  spare.fill();
  spare.give_back();
  EXPECT_TRUE(there());
  EXPECT_EQ(files_.calls(Call::kRemove), 0U);
}

TEST_F(SpareTest, FailureIsLoggedOnceUntilASpareIsMade) {
  std::vector<std::string> lines;
  base::Log log(clock_, base::LogLevel::kInfo, base::LogFormat::kText,
                [&](std::string_view line) { lines.emplace_back(line); });
  ASSERT_TRUE(files_.create_directories("journal"));
  Spare spare(files_, log, {.folder = "journal", .bytes = 4096});
  const auto fill = [&] {
    spare.begin(36);
    spare.follow(4000);
    spare.fill();
  };
  files_.fail(Call::kSync, EIO, 1, true);
  fill();
  fill();
  EXPECT_EQ(lines.size(), 1U);
  EXPECT_NE(lines.at(0).find("no journal segment can be prepared"), std::string::npos);
  files_.heal();
  fill();
  EXPECT_NE(spare.take(), nullptr);
  files_.fail(Call::kSync, EIO);
  fill();
  EXPECT_EQ(lines.size(), 2U);
}

TEST_F(SpareTest, SpareThatCannotBecomeASegmentIsDoneWithout) {
  for (const Call call : {Call::kWrite, Call::kSync, Call::kRename}) {
    open_with_spare();
    write_many(1, 500);
    files_.fail(call, EIO);
    write_many(1, 500);
    EXPECT_EQ(names(), "1.seg 8.seg");
    crash(Loss::kAll);
    EXPECT_EQ(read_all(), expected(1, 8, 500));
    forget_everything();
  }
}

TEST_F(SpareTest, SegmentWhoseNameIsNotDurableIsNotUsed) {
  open_with_spare();
  write_many(1, 500);
  files_.fail(Call::kSyncDirectory, EIO);
  EXPECT_EQ(write(std::string(500, 'x')), 0U);
  EXPECT_NE(writer_->stats().failure, "");
  crash(Loss::kAll);
  EXPECT_EQ(read_all(), expected(1, 7, 500));
  EXPECT_EQ(write("b"), 8U);
}

TEST_F(SpareTest, ProcessWithoutDescriptorsPushesBackAndRecovers) {
  open_with_spare();
  write_many(1, 500);
  files_.fail(Call::kSyncDirectory, EMFILE);
  EXPECT_EQ(write(std::string(500, 'x')), 0U);
  EXPECT_EQ(writer_->stats().failure, "");
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(write("b"), 8U);
  crash(Loss::kAll);
  EXPECT_EQ(write("c"), 9U);
}

TEST_F(SpareTest, IsGivenBackWhereTheJournalRefusesForWantOfItsRoom) {
  options_.reserve_bytes = 10'000;
  files_.set_capacity(50'000);
  open_with_spare();
  files_.set_capacity(2 * 4096 + 12'000);
  EXPECT_EQ(write(std::string(5000, 'l')), 0U);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(write(std::string(5000, 'l')), 0U);
  writer_->survey();
  EXPECT_FALSE(there());
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(write(std::string(5000, 'l')), 7U);
}

TEST_F(SpareTest, NeedsRoomForItselfAndAnotherSegmentAboveTheReserve) {
  options_.reserve_bytes = 10'000;
  const std::uint64_t needed = 4096 + 10'000 + 2 * 4096;
  files_.set_capacity(needed - 1);
  open();
  write_many(6, 500);
  writer_->fill_spare();
  EXPECT_FALSE(there());
  files_.set_capacity(needed);
  write_many(7, 500);
  writer_->fill_spare();
  EXPECT_FALSE(there()) << "there are two segments now";
  files_.set_capacity(needed + 4096);
  write_many(7, 500);
  writer_->fill_spare();
  EXPECT_FALSE(there()) << "and three";
  files_.set_capacity(needed + 3 * 4096);
  write_many(7, 500);
  writer_->fill_spare();
  EXPECT_TRUE(there());
}

TEST_F(SpareTest, IsGivenBackWhenTheDiskIsBelowTheReserve) {
  options_.reserve_bytes = 10'000;
  files_.set_capacity(50'000);
  open_with_spare();
  files_.set_capacity(2 * 4096 + 9'999);
  writer_->survey();
  EXPECT_FALSE(there());
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(write(std::string(100, 'x')), 7U) << "there is room again";
  writer_->fill_spare();
  EXPECT_FALSE(there());
}

TEST_F(SpareTest, IsFilledInPiecesAtTwiceThePaceOfTheSegment) {
  ASSERT_TRUE(files_.create_directories("journal"));
  Spare spare(files_, base::null_log(), {.folder = "journal", .bytes = 8000, .piece_bytes = 1000});
  const auto pieces = [&](std::uint64_t active_bytes) {
    const std::uint64_t before = files_.calls(Call::kWrite);
    spare.follow(active_bytes);
    for (int tries = 0; tries < 20; ++tries) {
      spare.fill();
    }
    return files_.calls(Call::kWrite) - before;
  };
  spare.begin(36);
  EXPECT_EQ(pieces(1999), 0U) << "not a quarter";
  EXPECT_EQ(pieces(2499), 1U);
  EXPECT_EQ(pieces(2500), 0U);
  EXPECT_EQ(pieces(5000), 5U);
  EXPECT_EQ(spare.take(), nullptr);
  spare.begin(36);
  EXPECT_EQ(pieces(536), 1U) << "what is begun goes on beside the next segment";
  EXPECT_EQ(pieces(1036), 1U);
  EXPECT_EQ(pieces(1536), 0U);
  EXPECT_NE(spare.take(), nullptr);
  EXPECT_EQ(files_.content(kPath), std::string(8000, '\0'));
}

TEST_F(SpareTest, SegmentGoneOnWithStartsNoBurst) {
  ASSERT_TRUE(files_.create_directories("journal"));
  Spare spare(files_, base::null_log(), {.folder = "journal", .bytes = 8000, .piece_bytes = 1000});
  spare.begin(7000);
  spare.follow(7100);
  spare.fill();
  EXPECT_EQ(files_.calls(Call::kWrite), 0U);
}

TEST_F(SpareTest, WholeSpareIsDurable) {
  ASSERT_TRUE(files_.create_directories("journal"));
  Spare spare(files_, base::null_log(), {.folder = "journal", .bytes = 8000, .piece_bytes = 4000});
  spare.begin(36);
  spare.follow(7900);
  spare.fill();
  EXPECT_EQ(files_.calls(Call::kSync), 0U);
  EXPECT_EQ(spare.take(), nullptr);
  spare.fill();
  EXPECT_EQ(files_.calls(Call::kSync), 1U);
  EXPECT_NE(spare.take(), nullptr);
}

TEST_F(SpareTest, ThreadMakesItBesideAppends) {
  options_.prepare_segments = true;
  std::promise<void> made;
  std::atomic<int> syncs = 0;
  open();
  write_many(4, 500);
  // The fifth record is synced first, then the spare.
  files_.set_before_sync([&] {
    if (++syncs == 2) {
      made.set_value();
    }
  });
  write_many(1, 500);
  ASSERT_EQ(made.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
  files_.set_before_sync({});
  write_many(25, 500);
  EXPECT_EQ(read_all(), expected(1, 30, 500));
  reopen();
  EXPECT_EQ(read_all(), expected(1, 30, 500));
}

}  // namespace
}  // namespace journal
