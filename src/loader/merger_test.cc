#include "loader/merger.h"

#include "loader/test_store.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

namespace loader {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr MergePace::Time kStart{std::chrono::hours(1)};

TEST(MergePace, MergesAfterSealsThatAreFarApart) {
  MergePace pace;
  EXPECT_TRUE(pace.allows(Merging::kFreely, kStart));
  pace.seal_asked(kStart);
  EXPECT_TRUE(pace.allows(Merging::kFreely, kStart + milliseconds(1)));
  pace.seal_asked(kStart + seconds(5));
  EXPECT_TRUE(pace.allows(Merging::kFreely, kStart + milliseconds(5'001)));
  EXPECT_FALSE(pace.allows(Merging::kNever, kStart + milliseconds(5'001)));
}

TEST(MergePace, WaitsWhileSealsFollowEachOtherFastAndNoLonger) {
  MergePace pace;
  pace.seal_asked(kStart);
  pace.seal_asked(kStart + seconds(3));
  EXPECT_FALSE(pace.allows(Merging::kFreely, kStart + seconds(4)));
  EXPECT_FALSE(pace.allows(Merging::kFreely, kStart + seconds(6))) << "the next may come now";
  EXPECT_TRUE(pace.allows(Merging::kFreely, kStart + seconds(9)));
}

TEST(MergePace, WaitsWhileLoadingIsBehindUntilAThousandFilesPress) {
  MergePace pace;
  pace.note_files(50);
  pace.merged_all();
  pace.seal_asked(kStart + seconds(98));
  pace.seal_asked(kStart + seconds(99));
  pace.note_files(1049);
  const MergePace::Time now = kStart + seconds(99);
  EXPECT_FALSE(pace.allows(Merging::kWhenNeeded, now + seconds(9)));
  EXPECT_FALSE(pace.allows(Merging::kFreely, now));
  pace.note_files(1050);
  EXPECT_TRUE(pace.allows(Merging::kWhenNeeded, now + seconds(9)));
  EXPECT_TRUE(pace.allows(Merging::kFreely, now));
  EXPECT_FALSE(pace.allows(Merging::kNever, now));
  pace.merged_all();
  EXPECT_FALSE(pace.allows(Merging::kWhenNeeded, now));
}

/// Merges until it is interrupted.
class StuckStore : public MemoryStore {
 public:
  base::Result<bool> compact() override {
    std::unique_lock lock(mutex_);
    merging_ = true;
    interrupted_ = false;
    changed_.notify_all();
    changed_.wait(lock, [this] { return interrupted_; });
    merging_ = false;
    return base::fail(base::Code::kUnavailable, "interrupted");
  }
  void interrupt() override {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
    changed_.notify_all();
  }
  void wait_merging() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return merging_; });
  }
  bool merging() {
    const std::lock_guard lock(mutex_);
    return merging_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool merging_ = false;
  bool interrupted_ = false;
};

TEST(Merger, LetsGoOfAMergeToRestAndTakesItUpAgain) {
  StuckStore store;
  Merger merger(store, base::null_log(), [] {});
  merger.allow(Merging::kFreely);
  store.wait_merging();
  merger.rest();
  EXPECT_FALSE(store.merging());
  merger.resume(false);
  store.wait_merging();
}

}  // namespace
}  // namespace loader
