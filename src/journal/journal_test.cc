#include "journal/fixture.h"

#include <cerrno>

namespace journal {
namespace {

using Journal = JournalTest;

TEST_F(Journal, ReadsBackWhatWasWrittenInOrder) {
  open();
  EXPECT_EQ(write("a"), 1U);
  EXPECT_EQ(write(""), 2U);
  EXPECT_EQ(write(std::string(3000, 'c')), 3U);
  EXPECT_EQ(read_all(), "1=a 2= 3=" + std::string(3000, 'c'));
  EXPECT_EQ(read(2, 2), "2=");
  EXPECT_EQ(read(4, 3), "");
}

TEST_F(Journal, ReopenContinuesPositions) {
  open();
  write("a");
  reopen();
  EXPECT_EQ(writer_->recovery().last, 1U);
  EXPECT_EQ(writer_->recovery().cut_bytes, 0U);
  EXPECT_EQ(write("b"), 2U);
  EXPECT_EQ(read_all(), "1=a 2=b");
}

TEST_F(Journal, RollsToNewSegmentsAndReadsAcrossThem) {
  open();
  write_many(40, 500);
  EXPECT_GT(writer_->stats().segments, 4U);
  reopen();
  write_many(3, 500);
  std::string expected;
  for (Position p = 1; p <= 43; ++p) {
    std::string record = std::to_string(p) + ":";
    record.resize(500, 'x');
    expected += (p > 1 ? " " : "") + std::to_string(p) + "=" + record;
  }
  EXPECT_EQ(read_all(), expected);
}

TEST_F(Journal, AnsweredRecordsSurviveAPowerCut) {
  open();
  write("a");
  write("b");
  crash(Loss::kAll);
  EXPECT_EQ(read_all(), "1=a 2=b");
  EXPECT_EQ(write("c"), 3U);
}

TEST_F(Journal, FailedSyncRefusesEverythingFromThenOn) {
  open();
  write("a");
  files_.fail(Call::kSync, EIO);
  EXPECT_EQ(write("b"), 0U);
  EXPECT_EQ(write("c"), 0U);
  EXPECT_NE(refusal_.find("Input/output error"), std::string::npos) << refusal_;
  EXPECT_EQ(writer_->stats().failure, refusal_);
  EXPECT_EQ(writer_->durable_position(), 1U);
}

TEST_F(Journal, TornTailIsCutAndReported) {
  open();
  write("a");
  close();
  put(path(1), offset_of(1, 1), "torn");
  open();
  EXPECT_EQ(writer_->recovery().cut_bytes, 4U);
  EXPECT_NE(writer_->recovery().cut_reason.find("00000000000000000001.seg at byte 57"),
            std::string::npos)
      << writer_->recovery().cut_reason;
  EXPECT_EQ(write("b"), 2U);
  EXPECT_EQ(read_all(), "1=a 2=b");
}

TEST_F(Journal, BitFlipInTheMiddleKeepsWhatFollows) {
  open();
  write_many(3);
  close();
  flip(path(1), offset_of(1, 10) + segment::kRecordHeaderBytes);
  open();
  ASSERT_EQ(writer_->recovery().damages.size(), 1U);
  EXPECT_EQ(writer_->recovery().damages.front().first, 2U);
  EXPECT_EQ(writer_->recovery().damages.front().last, 2U);
  EXPECT_EQ(write("new"), 4U);
  EXPECT_EQ(read_all(), "1=1:xxxxxxxx [2-2 lost] 3=3:xxxxxxxx 4=new");
}

}  // namespace
}  // namespace journal
