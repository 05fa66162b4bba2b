#include "journal/reader.h"

#include "journal/fixture.h"
#include "journal/keeper.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>

namespace journal {
namespace {

using JournalReader = JournalTest;

TEST_F(JournalReader, GivesNothingBeforeTheFirstRecord) {
  EXPECT_EQ(read(1, 0), "");
  open();
  EXPECT_EQ(read(1, 0), "");
}

TEST_F(JournalReader, StopsAtThePositionItMayRead) {
  open();
  write_many(3);
  EXPECT_EQ(read(2, 2), expected(2, 2, 10));
  EXPECT_EQ(read(4, 3), "");
}

TEST_F(JournalReader, FollowsTheWriterAcrossSegments) {
  open();
  const std::unique_ptr<Reader> reader = *Reader::open(files_, "journal", 1);
  for (Position position = 1; position <= 30; ++position) {
    write_many(1, 500);
    ASSERT_EQ(drain(*reader, position), expected(position, position, 500));
    ASSERT_EQ(drain(*reader, position), "");
  }
}

TEST_F(JournalReader, StartsAtAnyPosition) {
  open();
  write_many(30, 500);
  ASSERT_TRUE(*compress_one(files_, "journal"));
  ASSERT_TRUE(*compress_one(files_, "journal"));
  for (Position from = 1; from <= 30; ++from) {
    ASSERT_EQ(read(from, 30), expected(from, 30, 500));
  }
}

TEST_F(JournalReader, PassesOverRetiredSegments) {
  open();
  write_many(30, 500);
  ASSERT_TRUE(files_.remove(path(1)));
  EXPECT_EQ(read(1, 30), expected(8, 30, 500));
}

TEST_F(JournalReader, GoesOnInAFileThatWasRetiredMeanwhile) {
  open();
  write_many(30, 500);
  const std::unique_ptr<Reader> reader = *Reader::open(files_, "journal", 1);
  EXPECT_EQ(drain(*reader, 2), expected(1, 2, 500));
  ASSERT_TRUE(files_.remove(path(1)));
  ASSERT_TRUE(files_.remove(path(8)));
  EXPECT_EQ(drain(*reader, 30), expected(3, 7, 500) + " " + expected(15, 30, 500));
}

TEST_F(JournalReader, GoesOnInAFileThatWasCompressedMeanwhile) {
  open();
  write_many(30, 500);
  const std::unique_ptr<Reader> reader = *Reader::open(files_, "journal", 1);
  EXPECT_EQ(drain(*reader, 2), expected(1, 2, 500));
  while (*compress_one(files_, "journal")) {
  }
  EXPECT_EQ(drain(*reader, 30), expected(3, 30, 500));
}

TEST_F(JournalReader, MissingSegmentIsDamage) {
  open();
  write_many(30, 500);
  ASSERT_TRUE(files_.remove(path(8)));
  EXPECT_EQ(read(1, 30), expected(1, 7, 500) + " [8-14 lost] " + expected(15, 30, 500));
  EXPECT_EQ(read(10, 30), "[10-14 lost] " + expected(15, 30, 500))
      << "only what was asked for is reported";
}

TEST_F(JournalReader, DamageBeforeTheStartIsNotReported) {
  open();
  write_many(6);
  flip(path(1), offset_of(1, 10) + segment::kRecordHeaderBytes);
  EXPECT_EQ(read(1, 6), expected(1, 1, 10) + " [2-2 lost] " + expected(3, 6, 10));
  EXPECT_EQ(read(4, 6), expected(4, 6, 10));
}

TEST_F(JournalReader, DamageAtTheEndOfTheActiveSegmentIsReportedOnce) {
  open();
  write_many(3);
  const std::unique_ptr<Reader> reader = *Reader::open(files_, "journal", 1);
  flip(path(1), offset_of(2, 10));
  EXPECT_EQ(drain(*reader, 3), expected(1, 2, 10) + " [3-3 lost]");
  EXPECT_EQ(drain(*reader, 3), "");
}

TEST_F(JournalReader, DamageAtTheEndOfAFullSegmentIsReportedUpToTheNext) {
  open();
  write_many(10, 500);
  shrink(path(1), offset_of(5, 500) + 9);
  EXPECT_EQ(read(1, 10), expected(1, 5, 500) + " [6-7 lost] " + expected(8, 10, 500));
}

TEST_F(JournalReader, FailedReadSkipsNothing) {
  open();
  write_many(3);
  const std::unique_ptr<Reader> reader = *Reader::open(files_, "journal", 1);
  files_.fail(Call::kRead, ENOMEM);
  const auto failed = reader->next(3);
  ASSERT_FALSE(failed);
  EXPECT_FALSE(reader->damage());
  EXPECT_EQ(drain(*reader, 3), expected(1, 3, 10));
}

}  // namespace
}  // namespace journal
