#include "loader/dedup/index.h"

#include "base/random.h"
#include "io/memory_file_system.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace loader::dedup {
namespace {

constexpr std::uint32_t kStart = 1'700'000'000;
constexpr std::uint32_t kDay = 86'400;

Hash128 id_of(std::uint64_t number) { return codec::hash128(std::to_string(number)); }

/// A memory of ids that can be crashed: what is not flushed is gone.
class IndexTest : public testing::Test {
 protected:
  void SetUp() override { reopen(); }

  void reopen() {
    index_.reset();
    auto opened = Index::open(files_, base::null_log(), Options{"state/dedup", window_, 1000});
    ASSERT_TRUE(opened) << opened.error().message;
    index_ = std::move(*opened);
  }

  bool first(std::uint64_t id, Position position, std::uint32_t received_s = kStart,
             std::uint32_t index = 0) {
    auto answer = index_->first(id_of(id), Place{position, index, received_s});
    EXPECT_TRUE(answer) << answer.error().message;
    return answer && *answer;
  }

  void flush(Position through) { ASSERT_TRUE(index_->flush(through)); }

  void tidy_fully() {
    for (int round = 0; round < 100'000; ++round) {
      auto more = index_->tidy(64);
      ASSERT_TRUE(more) << more.error().message;
      if (!*more) {
        return;
      }
    }
    FAIL() << "merging does not end";
  }

  io::MemoryFileSystem files_;
  std::chrono::seconds window_{std::chrono::days{30}};
  std::unique_ptr<Index> index_;
};

TEST_F(IndexTest, SecondOccurrenceIsADuplicate) {
  EXPECT_TRUE(first(1, 10));
  EXPECT_FALSE(first(1, 11));
  EXPECT_TRUE(first(2, 12));
}

TEST_F(IndexTest, EqualIdsInsideOneRecordCountOnce) {
  EXPECT_TRUE(first(1, 10, kStart, 0));
  EXPECT_FALSE(first(1, 10, kStart, 1));
}

TEST_F(IndexTest, TheSamePlaceAskedAgainIsStillTheFirst) {
  EXPECT_TRUE(first(1, 10));
  EXPECT_TRUE(first(1, 10));
  flush(10);
  reopen();
  EXPECT_TRUE(first(1, 10));
  EXPECT_FALSE(first(1, 11));
}

TEST_F(IndexTest, LaterPlacesDoNotCountWhenARangeIsReadAgain) {
  EXPECT_TRUE(first(1, 10));
  flush(20);
  EXPECT_TRUE(first(1, 9)) << "a place before the known one was not stored earlier";
}

TEST_F(IndexTest, DuplicatesAreKnownAfterARestart) {
  for (std::uint64_t id = 0; id < 500; ++id) {
    EXPECT_TRUE(first(id, id + 1));
  }
  flush(500);
  reopen();
  EXPECT_EQ(index_->through(), 500U);
  for (std::uint64_t id = 0; id < 500; ++id) {
    EXPECT_FALSE(first(id, id + 1000));
  }
  EXPECT_TRUE(first(500, 2000));
}

TEST_F(IndexTest, IdIsNewAgainBehindTheWindow) {
  EXPECT_TRUE(first(1, 10, kStart));
  EXPECT_FALSE(first(1, 11, kStart + 30 * kDay));
  EXPECT_TRUE(first(1, 12, kStart + 30 * kDay + 1));
  // Now the second stored occurrence counts.
  EXPECT_FALSE(first(1, 13, kStart + 50 * kDay));
  flush(13);
  reopen();
  EXPECT_TRUE(first(1, 10, kStart));
  EXPECT_FALSE(first(1, 11, kStart + 30 * kDay));
  EXPECT_TRUE(first(1, 12, kStart + 30 * kDay + 1));
  EXPECT_FALSE(first(1, 13, kStart + 50 * kDay));
}

TEST_F(IndexTest, RunsOlderThanTheWindowAreRemoved) {
  first(1, 1, kStart);
  flush(1);
  first(2, 2, kStart + 40 * kDay);
  flush(2);
  EXPECT_EQ(index_->stats().runs, 1U);
  auto names = files_.list("state/dedup");
  ASSERT_TRUE(names);
  EXPECT_EQ(names->size(), 2U) << "the manifest and one run";
}

TEST_F(IndexTest, HundredThousandIdsThroughRunsAndMerges) {
  constexpr std::uint64_t kIds = 100'000;
  Position position = 0;
  for (std::uint64_t id = 0; id < kIds; ++id) {
    ++position;
    // Five days pass while they come in.
    ASSERT_TRUE(first(id, position, kStart + static_cast<std::uint32_t>(id * 4)));
    if (index_->wants_flush()) {
      flush(position);
      ASSERT_TRUE(index_->tidy(5000));
    }
  }
  tidy_fully();
  EXPECT_LT(index_->stats().runs, 16U);
  EXPECT_EQ(index_->stats().ids_in_runs + index_->stats().ids_in_memory, kIds);
  flush(position);
  reopen();
  for (std::uint64_t id = 0; id < kIds; id += 7) {
    ASSERT_FALSE(first(id, position + 1, kStart + 5 * kDay)) << id;
    ASSERT_TRUE(first(id, id + 1, kStart + static_cast<std::uint32_t>(id * 4))) << id;
  }
  for (std::uint64_t id = kIds; id < kIds + 5000; ++id) {
    ASSERT_TRUE(first(id, ++position, kStart + 5 * kDay));
  }
}

TEST_F(IndexTest, ForgottenRecordsMayBeStoredLaterAndTheOthersStayKnown) {
  constexpr std::uint64_t kIds = 3000;  // many lie beside others in the table
  for (std::uint64_t id = 0; id < kIds; ++id) {
    first(id, id % 2 == 0 ? 10 : 11);
    first(id % 100, 11);
  }
  index_->forget_after(10);
  EXPECT_EQ(index_->stats().ids_in_memory, kIds / 2);
  for (std::uint64_t id = 0; id < kIds; ++id) {
    ASSERT_EQ(first(id, 12), id % 2 != 0) << id;
  }
}

TEST_F(IndexTest, DamagedManifestStartsEmptySoThatItIsDerivedAgain) {
  first(1, 10);
  flush(10);
  files_.set_content("state/dedup/manifest", "catchment dedup 1\nthrough 10\nnext 2\ncrc 5\n");
  reopen();
  EXPECT_EQ(index_->through(), 0U);
  EXPECT_TRUE(first(1, 11));
}

TEST_F(IndexTest, DamagedFilterIsFoundWhenOpening) {
  first(1, 10);
  flush(10);
  const std::string path = "state/dedup/" + run_name(1);
  std::string bytes = files_.content(path);
  ASSERT_GT(bytes.size(), kBlockBytes);
  bytes[kBlockBytes + 3] = static_cast<char>(bytes[kBlockBytes + 3] ^ 1);
  files_.set_content(path, bytes);
  reopen();
  EXPECT_EQ(index_->through(), 0U);
}

TEST_F(IndexTest, DamagedBlockIsReportedAndResetHeals) {
  first(1, 10);
  flush(10);
  const std::string path = "state/dedup/" + run_name(1);
  std::string bytes = files_.content(path);
  bytes[20] = static_cast<char>(bytes[20] ^ 1);
  files_.set_content(path, bytes);
  reopen();
  auto answer = index_->first(id_of(1), Place{11, 0, kStart});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, base::Code::kCorrupt);
  ASSERT_TRUE(index_->reset());
  EXPECT_EQ(index_->through(), 0U);
  EXPECT_TRUE(first(1, 10));
}

TEST_F(IndexTest, MissingRunStartsEmpty) {
  first(1, 10);
  flush(10);
  ASSERT_TRUE(files_.remove("state/dedup/" + run_name(1)));
  reopen();
  EXPECT_EQ(index_->through(), 0U);
}

// Power cuts at every change of the disk while ids come in, are flushed and merged: what is
// reported as reached must be answered as before.
TEST_F(IndexTest, PowerCutAtEveryChangeLosesNothingThatWasReported) {
  for (std::uint64_t cut = 1; cut < 120; ++cut) {
    io::MemoryFileSystem disk;
    const Options options{"d", window_, 1000};
    disk.power_off_at(cut);
    Position reached = 0;
    {
      auto index = Index::open(disk, base::null_log(), options);
      for (Position position = 1; index && position <= 60; ++position) {
        if (!(*index)->first(id_of(position), Place{position, 0, kStart})) {
          break;
        }
        if (position % 5 == 0) {
          reached = (*index)->flush(position) ? position : reached;
          static_cast<void>((*index)->tidy(7).has_value());
        }
      }
    }
    disk.restart(io::MemoryFileSystem::Loss::kRandom, cut);
    auto index = Index::open(disk, base::null_log(), options);
    ASSERT_TRUE(index) << index.error().message;
    ASSERT_GE((*index)->through(), reached) << "cut at change " << cut;
    for (Position position = 1; position <= (*index)->through(); ++position) {
      auto again = (*index)->first(id_of(position), Place{position, 0, kStart});
      auto later = (*index)->first(id_of(position), Place{position + 100, 0, kStart});
      ASSERT_TRUE(again && later);
      ASSERT_TRUE(*again && !*later) << "cut at change " << cut << ", id " << position;
    }
  }
}

TEST(Filter, NeverDeniesWhatWasAddedAndSeldomClaimsOthers) {
  Filter filter(10'000);
  for (std::uint64_t id = 0; id < 10'000; ++id) {
    filter.add(id_of(id));
  }
  int claimed = 0;
  for (std::uint64_t id = 0; id < 10'000; ++id) {
    ASSERT_TRUE(filter.may_hold(id_of(id)));
    claimed += filter.may_hold(id_of(id + 1'000'000)) ? 1 : 0;
  }
  EXPECT_LT(claimed, 200);
}

TEST(PickMerge, OnlyRunsOfOneSpanAreMerged) {
  std::vector<Footer> runs(4);
  for (std::size_t at = 0; at < runs.size(); ++at) {
    runs[at].entries = 100;
    runs[at].received_max_s = 1000 + static_cast<std::uint32_t>(at) * 100;
  }
  EXPECT_TRUE(pick_merge(runs, 100).empty());
  runs[1].received_max_s = 1000;
  EXPECT_EQ(pick_merge(runs, 100), (std::vector<std::size_t>{0, 1})) << "the span is past";
  for (Footer& run : runs) {
    run.received_max_s = 1000;
  }
  EXPECT_EQ(pick_merge(runs, 100).size(), 4U);
}

}  // namespace
}  // namespace loader::dedup
