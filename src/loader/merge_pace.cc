#include "loader/merge_pace.h"

namespace loader {
namespace {

/// Seals that follow each other faster mean that events come fast, for so long after the last.
constexpr std::chrono::seconds kSealsApart{4};
constexpr std::chrono::seconds kSealRests{2};
/// From so many seals on files are merged all the same: each question opens every file.
constexpr int kSealsMax = 100;

}  // namespace

void MergePace::seal_asked(Time now) {
  before_ = asked_;
  asked_ = now;
}

bool MergePace::allows(Merging wish, Time now) const {
  if (wish == Merging::kNever) {
    return false;
  }
  const bool fast = asked_ - before_ < kSealsApart && now - asked_ < kSealRests;
  return seals_ >= kSealsMax || (wish == Merging::kFreely && !fast);
}

}  // namespace loader
