#include "loader/merge_pace.h"

#include <gtest/gtest.h>

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
  EXPECT_TRUE(pace.allows(Merging::kFreely, kStart + seconds(5)));
}

TEST(MergePace, WaitsWhileLoadingIsBehindUntilAHundredSealsPress) {
  MergePace pace;
  for (int i = 0; i < 99; ++i) {
    pace.seal_asked(kStart + seconds(i));
    pace.sealed();
  }
  const MergePace::Time now = kStart + seconds(99);
  EXPECT_FALSE(pace.allows(Merging::kWhenNeeded, now + seconds(9)));
  EXPECT_FALSE(pace.allows(Merging::kFreely, now));
  pace.sealed();
  EXPECT_TRUE(pace.allows(Merging::kWhenNeeded, now + seconds(9)));
  EXPECT_TRUE(pace.allows(Merging::kFreely, now));
  EXPECT_FALSE(pace.allows(Merging::kNever, now));
  pace.merged_all();
  EXPECT_FALSE(pace.allows(Merging::kWhenNeeded, now));
}

}  // namespace
}  // namespace loader
