#include "codec/hash.h"
#include "journal/fixture.h"
#include "journal/writer.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

namespace journal {
namespace {

using Recovering = JournalTest;

TEST_F(Recovering, ReopenContinuesPositions) {
  open();
  write("a");
  reopen();
  EXPECT_EQ(writer_->recovery().last, 1U);
  EXPECT_EQ(writer_->recovery().cut_bytes, 0U);
  EXPECT_EQ(write("b"), 2U);
  EXPECT_EQ(read_all(), "1=a 2=b");
  EXPECT_EQ(files_.list("journal")->size(), 1U);
}

TEST_F(Recovering, ReopenAtTheEndOfAFullSegmentContinues) {
  open();
  write_many(7, 500);
  for (int i = 0; i < 3; ++i) {
    reopen();
  }
  EXPECT_EQ(write("b"), 8U);
  EXPECT_EQ(read_all(), expected(1, 7, 500) + " 8=b");
}

TEST_F(Recovering, AnsweredRecordsSurviveAPowerCut) {
  open();
  write_many(10, 500);
  crash(Loss::kAll);
  EXPECT_EQ(read_all(), expected(1, 10, 500));
  EXPECT_EQ(write("c"), 11U);
}

TEST_F(Recovering, TornTailIsCutAndReported) {
  open();
  write("a");
  close();
  put(path(1), offset_of(1, 1), "torn");
  open();
  EXPECT_EQ(writer_->recovery().cut_bytes, 4U);
  EXPECT_EQ(writer_->recovery().cut_reason,
            "00000000000000000001.seg at byte 57: record header fails its checksum");
  EXPECT_EQ(write("b"), 2U);
  EXPECT_EQ(read_all(), "1=a 2=b");
  crash(Loss::kAll);
  EXPECT_EQ(writer_->recovery().cut_bytes, 0U);
  EXPECT_EQ(read_all(), "1=a 2=b");
}

TEST_F(Recovering, CutIsDurableBeforeAnythingIsAppended) {
  open();
  write("a");
  close();
  put(path(1), offset_of(1, 1), "torn" + std::string(100, 'x'));
  open();
  crash(Loss::kAll);
  EXPECT_EQ(writer_->recovery().cut_bytes, 0U);
}

TEST_F(Recovering, ZeroTailIsNoTear) {
  open();
  write("a");
  close();
  shrink(path(1), offset_of(1, 1) + 7);
  open();
  EXPECT_EQ(writer_->recovery().cut_bytes, 0U);
  EXPECT_EQ(write("b"), 2U);
}

TEST_F(Recovering, BitFlipInTheMiddleKeepsWhatFollows) {
  open();
  write_many(3);
  close();
  flip(path(1), offset_of(1, 10) + segment::kRecordHeaderBytes);
  const std::string damaged = files_.content(path(1));
  open();
  ASSERT_EQ(writer_->recovery().damages.size(), 1U);
  EXPECT_EQ(writer_->recovery().damages.front().first, 2U);
  EXPECT_EQ(writer_->recovery().damages.front().last, 2U);
  EXPECT_EQ(writer_->recovery().cut_bytes, 0U);
  EXPECT_EQ(write("new"), 4U);
  EXPECT_EQ(files_.content(path(1)), damaged) << "the damaged segment is left as it is";
  EXPECT_EQ(read_all(), "1=1:xxxxxxxx [2-2 lost] 3=3:xxxxxxxx 4=new");
}

TEST_F(Recovering, EmptyFileOfACreationThatDidNotEndIsUsedAgain) {
  open();
  write_many(7, 500);
  close();
  files_.set_content(path(8), "");
  open();
  EXPECT_EQ(write("b"), 8U);
  reopen();
  EXPECT_EQ(read_all(), expected(1, 7, 500) + " 8=b");
}

TEST_F(Recovering, ZeroedHeaderOfACreationThatDidNotEndIsUsedAgain) {
  open();
  write_many(7, 500);
  close();
  files_.set_content(path(8), std::string(4096, '\0'));
  open();
  EXPECT_TRUE(writer_->recovery().damages.empty());
  EXPECT_EQ(write("b"), 8U);
  EXPECT_EQ(read_all(), expected(1, 7, 500) + " 8=b");
}

TEST_F(Recovering, DamagedHeaderOfTheLastSegmentLosesNoRecord) {
  open();
  write("a");
  write("b");
  close();
  flip(path(1), 9);
  open();
  EXPECT_EQ(write("c"), 3U);
  EXPECT_EQ(read_all(), "1=a 2=b 3=c");
}

TEST_F(Recovering, LastSegmentOfGarbageGivesUpItsPositionsAndKeepsTheFile) {
  open();
  write("a");
  close();
  const std::string garbage(1000, 'g');
  files_.set_content(path(2), garbage);
  open();
  ASSERT_EQ(writer_->recovery().damages.size(), 1U);
  const Position next = write("b");
  EXPECT_GT(next, 2U + 1000 / 20 - 3) << "no position may be given twice";
  EXPECT_EQ(files_.content(path(2)), garbage);
  EXPECT_EQ(read_all(),
            "1=a [2-" + std::to_string(next - 1) + " lost] " + std::to_string(next) + "=b");
}

TEST_F(Recovering, EndThatTheDiskCannotReadIsKeptAndNotCut) {
  options_.segment_bytes = 65536;
  options_.group_bytes_max = 65536;
  open();
  write(std::string(8000, 'a'));
  const std::string record(6000, 'b');
  write(record);
  close();
  files_.spoil(path(1), 10'000, 10);  // Of the second record alone.
  open();
  ASSERT_EQ(writer_->recovery().damages.size(), 1U);
  EXPECT_EQ(writer_->recovery().damages[0].first, 2U);
  EXPECT_EQ(writer_->recovery().cut_bytes, 0U);
  EXPECT_GT(write("c"), 2U);
  files_.spoil(path(1), 0, 0);  // The disk reads again.
  EXPECT_EQ(read(2, 2), "2=" + record) << "it was answered";
}

TEST_F(Recovering, PositionsStartBehindTheFloor) {
  open();
  write("a");
  close();
  options_.position_floor = 5;
  open();
  EXPECT_EQ(writer_->recovery().last, 5U);
  EXPECT_EQ(writer_->recovery().end, 1U);
  EXPECT_EQ(writer_->durable_position(), 1U) << "nobody is to wait for the lost ones";
  reopen();
  EXPECT_EQ(writer_->recovery().end, 1U) << "the gap shows until something is behind it";
  EXPECT_EQ(write("b"), 6U);
  EXPECT_EQ(read_all(), "1=a [2-5 lost] 6=b");
  reopen();
  EXPECT_EQ(write("c"), 7U);
}

TEST_F(Recovering, FloorOfAnEmptyJournalIsNoDamage) {
  options_.position_floor = 5;
  open();
  EXPECT_EQ(write("b"), 6U);
  EXPECT_EQ(read_all(), "6=b");
}

TEST_F(Recovering, BytesOfAFailedSyncReachTheDiskAtTheNextStart) {
  open();
  write("a");
  files_.fail(Call::kSync, EIO);
  write("b");
  reopen();  // The process restarts; the kernel shows b although the disk never got it.
  ASSERT_EQ(read_all(), "1=a 2=b");
  crash(Loss::kAll);
  EXPECT_EQ(read_all(), "1=a 2=b") << "what a reader has seen once may not vanish";
}

TEST_F(Recovering, SegmentThatIsNotGoneOnWithIsSyncedToo) {
  open();
  write("a");
  files_.fail(Call::kSync, EIO);
  write("b");
  options_.position_floor = 5;
  reopen();
  crash(Loss::kAll);
  EXPECT_EQ(read(1, 2), "1=a 2=b");
}

TEST_F(Recovering, SegmentOfAProcessThatDiedKeepsItsName) {
  files_.power_off_at(4);  // Only the process dies: its first segment is there, its name unsynced.
  EXPECT_FALSE(Writer::open(files_, clock_, base::null_log(), options_));
  files_.restart(Loss::kNone);
  open();
  write("a");
  crash(Loss::kAll);
  EXPECT_EQ(read_all(), "1=a");
}

TEST_F(Recovering, NewerFormatIsRefusedAndLeftAlone) {
  open();
  write("a");
  close();
  std::string bytes = files_.content(path(1));
  std::string header = segment::encode_header({1, 1, clock_.now()}).substr(0, 32);
  header[8] = 2;
  segment::put_u32(header, codec::crc32c(header));
  bytes.replace(0, header.size(), header);
  files_.set_content(path(1), bytes);
  const auto writer = Writer::open(files_, clock_, base::null_log(), options_);
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, base::Code::kInvalid);
  EXPECT_NE(writer.error().message.find("version 2"), std::string::npos);
  EXPECT_EQ(files_.content(path(1)), bytes);
}

TEST_F(Recovering, TemporaryFilesAreRemovedAndOthersLeft) {
  open();
  close();
  files_.set_content("journal/00000000000000000001.seg.zst.tmp", "x");
  files_.set_content("journal/notes.txt", "x");
  open();
  EXPECT_FALSE(files_.exists("journal/00000000000000000001.seg.zst.tmp"));
  EXPECT_TRUE(files_.exists("journal/notes.txt"));
}

TEST_F(Recovering, FolderThatCannotBeWrittenIsAnError) {
  files_.fail(Call::kOpen, EACCES);
  const auto writer = Writer::open(files_, clock_, base::null_log(), options_);
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, base::Code::kIo);
}

}  // namespace
}  // namespace journal
