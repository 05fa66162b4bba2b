#include "journal/keeper.h"

#include "journal/fixture.h"
#include "journal/verify.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace journal {
namespace {

class Keeper : public JournalTest {
 protected:
  /// 30 records of 500 bytes: segments of 1-7, 8-14, 15-21, 22-28, and the active one.
  void fill() {
    open();
    write_many(30, 500);
  }
  [[nodiscard]] std::string names() {
    std::string out;
    const std::vector<SegmentInfo> segments = *list_segments(files_, "journal");
    for (const SegmentInfo& info : segments) {
      out += (out.empty() ? "" : " ") + std::to_string(info.first) + "-" +
             std::to_string(info.last) + (info.sealed ? "s" : "") + (info.compressed ? "c" : "");
    }
    return out;
  }
  std::uint64_t expire_now(const Retention& retention, Position sealed_through) {
    const base::Result<std::uint64_t> removed =
        expire(files_, clock_, "journal", retention, sealed_through);
    EXPECT_TRUE(removed) << removed.error().message;
    return removed ? *removed : 0;
  }
};

TEST_F(Keeper, ListsSegmentsWithTheirPositions) {
  fill();
  EXPECT_EQ(names(), "1-7s 8-14s 15-21s 22-28s 29-30");
  EXPECT_EQ(list_segments(files_, "journal")->front().bytes, offset_of(7, 500));
}

TEST_F(Keeper, CompressesFullSegmentsOneByOneAndNeverTheActiveOne) {
  fill();
  EXPECT_TRUE(*compress_one(files_, "journal"));
  EXPECT_EQ(names(), "1-7sc 8-14s 15-21s 22-28s 29-30");
  while (*compress_one(files_, "journal")) {
  }
  EXPECT_EQ(names(), "1-7sc 8-14sc 15-21sc 22-28sc 29-30");
  EXPECT_EQ(read_all(), expected(1, 30, 500));
  reopen();
  EXPECT_EQ(write("x"), 31U);
}

TEST_F(Keeper, CrashAtAnyCallOfCompressingLosesNothing) {
  for (const Loss loss : {Loss::kAll, Loss::kRandom, Loss::kNone}) {
    for (std::uint64_t call = 1; call < 20; ++call) {
      fill();
      files_.power_off_at(call);
      const bool finished = compress_one(files_, "journal").has_value();
      close();
      files_.restart(loss, call);
      open();
      ASSERT_EQ(read_all(), expected(1, 30, 500)) << "call " << call;
      while (*compress_one(files_, "journal")) {
      }
      ASSERT_EQ(names(), "1-7sc 8-14sc 15-21sc 22-28sc 29-30") << "call " << call;
      ASSERT_EQ(files_.list("journal")->size(), 5U);
      ASSERT_EQ(read_all(), expected(1, 30, 500)) << "call " << call;
      forget_everything();
      if (finished) {
        break;
      }
      ASSERT_LT(call, 19U) << "compressing takes fewer calls than that";
    }
  }
}

TEST_F(Keeper, SegmentThatCannotBeReadDoesNotKeepOthersWaiting) {
  fill();
  files_.spoil(path(1), 600, 512);
  EXPECT_TRUE(*compress_one(files_, "journal"));
  EXPECT_EQ(names(), "1-7s 8-14sc 15-21s 22-28s 29-30");
  EXPECT_TRUE(*compress_one(files_, "journal"));
  EXPECT_TRUE(*compress_one(files_, "journal"));
  EXPECT_FALSE(compress_one(files_, "journal"));
  EXPECT_EQ(names(), "1-7s 8-14sc 15-21sc 22-28sc 29-30");
}

TEST_F(Keeper, KeepsEverythingByDefault) {
  fill();
  clock_.advance(std::chrono::hours(100'000));
  EXPECT_EQ(expire_now({}, 30), 0U);
}

TEST_F(Keeper, SizeLimitRemovesTheOldestThatAreSealedInTheStore) {
  fill();
  const std::uint64_t bytes = 4 * offset_of(7, 500) + 4096;
  EXPECT_EQ(expire_now({.bytes_max = bytes}, 30), 0U);
  EXPECT_EQ(expire_now({.bytes_max = bytes - 1}, 6), 0U) << "record 7 is not sealed yet";
  EXPECT_EQ(expire_now({.bytes_max = bytes - 1}, 7), 1U);
  EXPECT_EQ(names(), "8-14s 15-21s 22-28s 29-30");
  EXPECT_EQ(expire_now({.bytes_max = 1}, 21), 2U);
  EXPECT_EQ(names(), "22-28s 29-30");
  EXPECT_EQ(expire_now({.bytes_max = 1}, 1000), 1U);
  EXPECT_EQ(names(), "29-30") << "never the active one";
  EXPECT_EQ(read_all(), expected(29, 30, 500));
  reopen();
  EXPECT_EQ(write("x"), 31U);
}

TEST_F(Keeper, SegmentThatIsThereInBothFormsGoesWhole) {
  fill();
  const std::string plain = files_.content(path(1));
  ASSERT_TRUE(*compress_one(files_, "journal"));
  files_.set_content(path(1), plain);
  EXPECT_EQ(read_all(), expected(1, 30, 500));
  EXPECT_EQ(expire_now({.bytes_max = 1}, 14), 2U);
  EXPECT_EQ(files_.list("journal")->front(), "00000000000000000015.seg");
}

TEST_F(Keeper, AgeLimitCountsFromTheYoungestRecordOfASegment) {
  open();
  write_many(7, 500);
  clock_.advance(std::chrono::hours(10));
  write_many(7, 500);
  clock_.advance(std::chrono::hours(10));
  write_many(7, 500);
  const Retention retention{.age_max = std::chrono::hours(9)};
  EXPECT_EQ(expire_now({.age_max = std::chrono::hours(10)}, 21), 0U);
  EXPECT_EQ(expire_now(retention, 21), 1U);
  EXPECT_EQ(names(), "8-14s 15-21");
  clock_.advance(std::chrono::hours(24));
  EXPECT_EQ(expire_now(retention, 13), 0U);
  EXPECT_EQ(expire_now(retention, 14), 1U);
}

TEST_F(Keeper, RemovedSegmentsStayRemovedAfterAPowerCut) {
  fill();
  EXPECT_EQ(expire_now({.bytes_max = 1}, 14), 2U);
  crash(Loss::kAll);
  EXPECT_EQ(names(), "15-21s 22-28s 29-30");
}

TEST_F(Keeper, VerifyCountsWhatIsThere) {
  fill();
  ASSERT_TRUE(*compress_one(files_, "journal"));
  std::uint64_t last_done = 0;
  std::uint64_t last_total = 0;
  const base::Result<Verdict> verdict =
      verify(files_, "journal", [&](std::uint64_t done, std::uint64_t total) {
        EXPECT_GE(done, last_done);
        last_done = done;
        last_total = total;
      });
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->good());
  EXPECT_EQ(verdict->segments, 5U);
  EXPECT_EQ(verdict->records, 30U);
  EXPECT_EQ(verdict->payload_bytes, 15'000U);
  EXPECT_EQ(verdict->first, 1U);
  EXPECT_EQ(verdict->last, 30U);
  EXPECT_EQ(last_done, last_total);
  EXPECT_GT(last_total, 0U);
}

TEST_F(Keeper, VerifyNamesDamageByPositionAndFile) {
  fill();
  flip(path(8), offset_of(2, 500) + 100);
  flip(path(15), 12);
  const base::Result<Verdict> verdict = verify(files_, "journal", {});
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->good());
  EXPECT_EQ(verdict->records, 29U);
  ASSERT_EQ(verdict->damages.size(), 1U);
  EXPECT_EQ(verdict->damages.front().first, 10U);
  EXPECT_EQ(verdict->damages.front().last, 10U);
  EXPECT_EQ(verdict->damages.front().reason, "00000000000000000008.seg: record fails its checksum");
  ASSERT_EQ(verdict->notes.size(), 1U);
  EXPECT_EQ(verdict->notes.front(), "00000000000000000015.seg: segment header fails its checksum");
}

TEST_F(Keeper, VerifyOfASegmentThatIsBeingCreatedIsGood) {
  fill();
  for (const std::size_t bytes : {0U, 36U, 4096U}) {
    files_.set_content(path(31), std::string(bytes, '\0'));
    const base::Result<Verdict> verdict = verify(files_, "journal", {});
    ASSERT_TRUE(verdict);
    EXPECT_TRUE(verdict->good()) << bytes;
    EXPECT_EQ(verdict->last, 30U);
  }
}

TEST_F(Keeper, VerifyOfAnEmptyJournalIsGood) {
  open();
  const base::Result<Verdict> verdict = verify(files_, "journal", {});
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->good());
  EXPECT_EQ(verdict->records, 0U);
  EXPECT_EQ(verdict->first, 0U);
}

}  // namespace
}  // namespace journal
