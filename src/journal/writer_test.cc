#include "journal/writer.h"

#include "base/burst.h"
#include "journal/fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace journal {
namespace {

using JournalWriter = JournalTest;

TEST_F(JournalWriter, ReadsBackWhatWasWrittenInOrder) {
  open();
  EXPECT_EQ(write("a"), 1U);
  EXPECT_EQ(write(""), 2U);
  EXPECT_EQ(write(std::string(3000, 'c')), 3U);
  EXPECT_EQ(read_all(), "1=a 2= 3=" + std::string(3000, 'c'));
}

TEST_F(JournalWriter, RollsToNewSegmentsAndGivesBackWhatTheyDidNotUse) {
  open();
  write_many(40, 500);
  const std::vector<std::string> names = *files_.list("journal");
  ASSERT_EQ(names.size(), 6U);
  EXPECT_EQ(names[1], "00000000000000000008.seg");
  EXPECT_EQ(files_.content(path(1)).size(), offset_of(7, 500));
  EXPECT_EQ(files_.content("journal/" + names.back()).size(), options_.segment_bytes);
  EXPECT_EQ(read_all(), expected(1, 40, 500));
  writer_->survey();
  EXPECT_EQ(writer_->stats().segments, 6U);
  EXPECT_EQ(writer_->stats().bytes, 5 * offset_of(7, 500) + offset_of(5, 500));
}

TEST_F(JournalWriter, RecordLargerThanASegmentGetsOneOfItsOwn) {
  open();
  write("a");
  const std::string large(10'000, 'l');
  EXPECT_EQ(write(large), 2U);
  EXPECT_EQ(write("b"), 3U);
  EXPECT_EQ(read_all(), "1=a 2=" + large + " 3=b");
  reopen();
  EXPECT_EQ(read_all(), "1=a 2=" + large + " 3=b");
}

TEST_F(JournalWriter, FirstRecordLargerThanASegmentTakesTheEmptyOnesPlace) {
  open();
  const std::string large(10'000, 'l');
  EXPECT_EQ(write(large), 1U);
  EXPECT_EQ(read_all(), "1=" + large);
}

TEST_F(JournalWriter, RecordOverTheLimitIsRefusedAndNothingElse) {
  options_.record_bytes_max = 100;
  open();
  Answers answers;
  writer_->append(std::string(101, 'x'), answers.expect("x"));
  answers.wait();
  ASSERT_EQ(answers.errors().size(), 1U);
  EXPECT_EQ(answers.errors().front().code, base::Code::kTooLarge);
  EXPECT_EQ(write(std::string(100, 'x')), 1U);
}

TEST_F(JournalWriter, RecordsThatGatherDuringASyncShareTheNextOne) {
  open();
  write("first");
  Answers answers;
  const std::uint64_t syncs = gather(answers, 10);
  EXPECT_EQ(writer_->stats().syncs, syncs + 2) << "one for the record that went first, one for all";
  EXPECT_EQ(answers.order(), (std::vector<Position>{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
}

TEST_F(JournalWriter, GroupIsNoLargerThanItsLimit) {
  options_.group_bytes_max = 2 * (segment::kRecordHeaderBytes + 10);
  open();
  Answers answers;
  const std::uint64_t syncs = gather(answers, 10);
  EXPECT_EQ(writer_->stats().syncs, syncs + 6);
}

TEST_F(JournalWriter, AnswersComeInTheOrderOfPositionsFromManyThreads) {
  open();
  Answers answers;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, &answers, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string record = std::to_string(t) + "." + std::to_string(i);
        writer_->append(record, answers.expect(record));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  answers.wait();
  ASSERT_EQ(answers.order().size(), 200U);
  EXPECT_TRUE(std::is_sorted(answers.order().begin(), answers.order().end()));
  std::string stored;
  for (const auto& [position, record] : answers.stored()) {
    stored += (stored.empty() ? "" : " ") + std::to_string(position) + "=" + record;
  }
  EXPECT_EQ(read_all(), stored);
}

TEST_F(JournalWriter, FullQueuePushesBackAtOnce) {
  options_.queue_bytes_max = 3 * (segment::kRecordHeaderBytes + 10);
  open();
  Answers answers;
  gather(answers, 4);
  ASSERT_EQ(answers.errors().size(), 2U) << "one is being committed, two wait";
  EXPECT_EQ(answers.errors().front().code, base::Code::kUnavailable);
  EXPECT_NE(answers.errors().front().message.find("queue is full"), std::string::npos);
  EXPECT_NE(write("again"), 0U);
  EXPECT_EQ(writer_->stats().queue_bytes, 0U);
}

TEST_F(JournalWriter, ClosingCommitsAndAnswersWhatIsQueued) {
  open();
  Answers answers;
  for (int i = 0; i < 20; ++i) {
    writer_->append("r", answers.expect("r"));
  }
  close();
  EXPECT_EQ(answers.order().size(), 20U);
}

TEST_F(JournalWriter, ListenerHearsOfEveryCommit) {
  open();
  Position heard = 0;
  writer_->on_commit([&heard](Position last) {
    heard = last;
    return Pace::kAtOnce;
  });
  write("a");
  write("b");
  close();
  EXPECT_EQ(heard, 2U);
}

TEST_F(JournalWriter, WhatIsGatheredWaitsForCompanyAndSharesASync) {
  options_.gather_records = 8;
  options_.gather_time = std::chrono::hours(1);
  open();
  writer_->on_commit([](Position) { return Pace::kGathered; });
  write("the one that goes first");
  const std::uint64_t syncs = writer_->stats().syncs;
  Answers answers;
  for (int i = 0; i < 8; ++i) {
    writer_->append("r", answers.expect("r"));
  }
  answers.wait();
  EXPECT_EQ(writer_->stats().syncs, syncs + 1);
}

TEST_F(JournalWriter, WhatIsGatheredAloneIsAnsweredWhenTheTimeIsOver) {
  options_.gather_time = std::chrono::microseconds(100);
  open();
  writer_->on_commit([](Position) { return Pace::kGathered; });
  EXPECT_EQ(write("a"), 1U);
  EXPECT_EQ(write("b"), 2U);
}

TEST_F(JournalWriter, WhatFillsAGroupWaitsForNoCompany) {
  options_.gather_time = std::chrono::hours(1);
  options_.group_bytes_max = 100;
  open();
  writer_->on_commit([](Position) { return Pace::kGathered; });
  write("the one that goes first");
  EXPECT_EQ(write(std::string(100, 'l')), 2U);
}

TEST_F(JournalWriter, ClosingWaitsForNoCompany) {
  options_.gather_time = std::chrono::hours(1);
  open();
  writer_->on_commit([](Position) { return Pace::kGathered; });
  write("the one that goes first");
  Answers answers;
  writer_->append("r", answers.expect("r"));
  close();
  EXPECT_EQ(answers.order(), std::vector<Position>{2});
}

TEST_F(JournalWriter, NothingIsGatheredThatNeedsNoSync) {
  options_.sync = SyncMode::kOff;
  options_.gather_time = std::chrono::hours(1);
  open();
  writer_->on_commit([](Position) { return Pace::kGathered; });
  EXPECT_EQ(write("a"), 1U);
  EXPECT_EQ(write("b"), 2U);
}

TEST_F(JournalWriter, RecordsOfOneBurstShareASync) {
  open();
  write("the one that goes first");
  const std::uint64_t syncs = writer_->stats().syncs;
  Answers answers;
  {
    const base::Burst burst;
    for (int i = 0; i < 5; ++i) {
      writer_->append("r", answers.expect("r"));
    }
  }
  answers.wait();
  EXPECT_EQ(writer_->stats().syncs, syncs + 1);
}

TEST_F(JournalWriter, EnoughForASyncDoesNotWaitForTheEndOfTheBurst) {
  options_.gather_records = 4;
  open();
  Answers answers;
  const base::Burst burst;
  for (int i = 0; i < 4; ++i) {
    writer_->append("r", answers.expect("r"));
  }
  answers.wait();
  EXPECT_EQ(answers.order().size(), 4U);
}

TEST_F(JournalWriter, ManyBytesDoNotWaitForTheEndOfTheBurst) {
  options_.group_bytes_max = 100;
  open();
  const base::Burst burst;
  EXPECT_EQ(write(std::string(100, 'l')), 1U);
}

TEST_F(JournalWriter, AnswersOfAGroupWakeTheirReceiverOnce) {
  struct Receiver final : base::Sleeper {
    void wake() override { ++woken; }
    std::atomic<int> woken{0};
  };
  open();
  const auto receiver = std::make_shared<Receiver>();
  Answers answers;
  {
    const base::Burst burst;
    for (int i = 0; i < 10; ++i) {
      writer_->append("r", [receiver, done = answers.expect("r")](base::Result<Position> position) {
        base::Burst::wake(receiver);
        done(std::move(position));
      });
    }
  }
  answers.wait();
  close();
  EXPECT_EQ(receiver->woken, 1);
}

TEST_F(JournalWriter, FailedSyncRefusesEverythingFromThenOn) {
  open();
  write("a");
  files_.fail(Call::kSync, EIO);
  EXPECT_EQ(write("b"), 0U);
  EXPECT_EQ(write("c"), 0U);
  EXPECT_NE(refusal_.find("Input/output error"), std::string::npos) << refusal_;
  EXPECT_EQ(writer_->stats().failure, refusal_);
  EXPECT_EQ(writer_->trouble(), refusal_);
  EXPECT_EQ(writer_->durable_position(), 1U);
  EXPECT_EQ(files_.calls(Call::kSync), 3U) << "header, a, b: never again after the failure";
}

TEST_F(JournalWriter, FailedSyncOfAFullDiskIsFinalToo) {
  open();
  files_.fail(Call::kSync, ENOSPC);
  EXPECT_EQ(write("a"), 0U);
  EXPECT_EQ(write("b"), 0U);
  EXPECT_FALSE(writer_->stats().failure.empty());
}

TEST_F(JournalWriter, FailedWriteIsFinal) {
  open();
  files_.fail(Call::kWrite, EIO);
  EXPECT_EQ(write("a"), 0U);
  EXPECT_EQ(write("b"), 0U);
  EXPECT_FALSE(writer_->stats().failure.empty());
}

TEST_F(JournalWriter, EveryGroupAfterAFailedSyncIsAnswered) {
  options_.group_bytes_max = 1;
  open();
  files_.fail(Call::kSync, EIO, 2);
  Answers answers;
  gather(answers, 5);
  EXPECT_EQ(answers.order(), std::vector<Position>{1});
  EXPECT_EQ(answers.errors().size(), 5U);
}

TEST_F(JournalWriter, DiskBelowTheReservePushesBackAndRecoversByItself) {
  files_.set_capacity(20'000);
  options_.reserve_bytes = 10'000;
  open();
  write("a");
  files_.set_capacity(13'000);
  clock_.advance(std::chrono::seconds(1));
  writer_->survey();
  EXPECT_NE(writer_->stats().refusal, "") << "it shows before a request is pushed back";
  EXPECT_EQ(write("b"), 0U);
  EXPECT_NE(refusal_.find("less than the reserve of 10000"), std::string::npos) << refusal_;
  EXPECT_TRUE(writer_->stats().failure.empty());
  EXPECT_NE(writer_->stats().refusal, "");
  files_.set_capacity(20'000);
  writer_->survey();
  EXPECT_EQ(writer_->stats().refusal, "") << "a client that waits for health must be let in again";
  EXPECT_EQ(write("c"), 0U) << "the disk is not asked for every record";
  clock_.advance(std::chrono::milliseconds(250));
  EXPECT_EQ(write("d"), 2U);
  EXPECT_EQ(read_all(), "1=a 2=d");
}

TEST_F(JournalWriter, SegmentThatWouldTakeTheReserveIsNotBegun) {
  const std::uint64_t used = offset_of(7, 500);
  files_.set_capacity(used + 10'000 + 4095);
  options_.reserve_bytes = 10'000;
  open();
  write_many(7, 500);
  EXPECT_EQ(write(std::string(500, 'x')), 0U);
  EXPECT_EQ(files_.list("journal")->size(), 1U);
  files_.set_capacity(used + 10'000 + 4096);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(write("b"), 8U);
}

TEST_F(JournalWriter, FullDiskShowsWhileAllocatingAndTearsNothing) {
  files_.set_capacity(6000);
  open();
  write_many(7, 500);
  EXPECT_EQ(write(std::string(500, 'x')), 0U);
  EXPECT_TRUE(writer_->stats().failure.empty());
  crash(Loss::kAll);
  EXPECT_EQ(read_all(), expected(1, 7, 500));
  files_.set_capacity(60'000);
  EXPECT_EQ(write("b"), 8U);
  reopen();
  EXPECT_EQ(read_all(), expected(1, 7, 500) + " 8=b");
}

TEST_F(JournalWriter, DiskThatIsFullInSpiteOfAllocationLeavesNoGhosts) {
  open();
  write("a");
  files_.fail(Call::kWrite, ENOSPC, 2);
  Answers answers;
  gather(answers, 9);  // The first goes alone, the write of the other nine stops half way.
  EXPECT_EQ(answers.order(), std::vector<Position>{2});
  EXPECT_EQ(answers.errors().size(), 9U);
  EXPECT_TRUE(writer_->stats().failure.empty());
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(write("b"), 3U);
  EXPECT_EQ(read(3, 3), "3=b");
  crash(Loss::kNone);
  EXPECT_EQ(writer_->recovery().last, 3U);
  EXPECT_EQ(read(3, 3), "3=b");
}

TEST_F(JournalWriter, FailedReplacementOfAnEmptySegmentLosesNothing) {
  open();
  files_.fail(Call::kAllocate, ENOSPC);
  EXPECT_EQ(write(std::string(10'000, 'l')), 0U);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(write("a"), 1U);
  reopen();
  EXPECT_EQ(read_all(), "1=a");
}

TEST_F(JournalWriter, ProcessWithoutDescriptorsPushesBackAndRecovers) {
  open();
  write_many(7, 500);
  files_.fail(Call::kOpen, EMFILE);
  EXPECT_EQ(write(std::string(500, 'x')), 0U);
  EXPECT_TRUE(writer_->stats().failure.empty());
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(write("b"), 8U);
}

TEST_F(JournalWriter, FullDiskAtStartStillOpens) {
  open();
  write("a");
  close();
  shrink(path(1), offset_of(1, 1));
  files_.set_capacity(100);
  open();
  EXPECT_EQ(write("b"), 0U);
  EXPECT_EQ(read(1, 1), "1=a");
  files_.set_capacity(100'000);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(write("b"), 2U);
  EXPECT_EQ(read_all(), "1=a 2=b");
}

TEST_F(JournalWriter, IntervalModeAnswersAfterTheWriteAndSyncsLater) {
  options_.sync = SyncMode::kInterval;
  options_.sync_interval = std::chrono::hours(1);
  open();
  const std::uint64_t before = files_.calls(Call::kSync);
  write("a");
  EXPECT_EQ(files_.calls(Call::kSync), before);
  EXPECT_EQ(read_all(), "1=a");
  clock_.advance(std::chrono::hours(1));
  write("b");
  write("c");  // Comes after the sync that b was due for.
  EXPECT_GT(files_.calls(Call::kSync), before);
  close();
  files_.restart(Loss::kAll);
  open();
  EXPECT_EQ(read_all(), "1=a 2=b 3=c") << "closing syncs";
}

TEST_F(JournalWriter, IntervalModeSyncsAFullSegmentBeforeTheNext) {
  options_.sync = SyncMode::kInterval;
  options_.sync_interval = std::chrono::hours(1);
  open();
  write_many(10, 500);
  crash(Loss::kAll);
  EXPECT_EQ(read_all(), expected(1, 7, 500));
}

TEST_F(JournalWriter, OffModeSyncsNoRecord) {
  options_.sync = SyncMode::kOff;
  open();
  const std::uint64_t before = files_.calls(Call::kSync);
  write_many(5, 500);
  EXPECT_EQ(files_.calls(Call::kSync), before);
  reopen();
  EXPECT_EQ(read_all(), expected(1, 5, 500));
  crash(Loss::kAll);
  EXPECT_EQ(read_all(), "");
  EXPECT_EQ(write("a"), 1U);
}

TEST_F(JournalWriter, MakeDurableKeepsRecordsInEveryMode) {
  for (const SyncMode mode : {SyncMode::kCommit, SyncMode::kInterval, SyncMode::kOff}) {
    options_.sync = mode;
    options_.sync_interval = std::chrono::hours(1);
    open();
    write_many(5, 500);
    reopen();  // Nobody has synced them yet, and whoever reads them now may keep what they mean.
    write_many(20, 500);
    ASSERT_TRUE(writer_->make_durable());
    write("late");
    crash(Loss::kAll);
    EXPECT_EQ(read(1, 25), expected(1, 25, 500)) << static_cast<int>(mode);
    forget_everything();
  }
}

TEST_F(JournalWriter, MakeDurableThatFailedIsNotTriedAgain) {
  options_.sync = SyncMode::kOff;
  open();
  write("a");
  files_.fail(Call::kSync, EIO);
  EXPECT_FALSE(writer_->make_durable());
  EXPECT_FALSE(writer_->make_durable()) << "the kernel may have thrown the bytes away";
  EXPECT_EQ(write("b"), 0U);
  EXPECT_NE(writer_->trouble(), "");
}

}  // namespace
}  // namespace journal
