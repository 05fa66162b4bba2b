#pragma once
// The two memories in files that the loader asks while it goes through the journal: which event ids
// were stored, and on which days users were active. They follow the journal in the same way, each
// up to a position of its own, and each can be lost and derived again alone. Owner: the Stepper.

#include "base/result.h"
#include "loader/dedup/index.h"
#include "loader/parts.h"
#include "loader/rollup/activity.h"
#include "loader/step.h"

#include <algorithm>
#include <memory>

namespace loader {

/// Threads: one.
class Memories {
 public:
  /// Lifetime: `parts` must outlive it.
  static base::Result<std::unique_ptr<Memories>> open(const Parts& parts, const Options& options);
  /// For open().
  explicit Memories(const Parts& parts) : parts_(parts) {}

  [[nodiscard]] dedup::Index& ids() { return *ids_; }
  [[nodiscard]] rollup::Activity& activity() { return *activity_; }

  /// Records up to here are in both, on disk or in memory.
  [[nodiscard]] Position known() const { return std::min(ids_known_, activity_known_); }
  [[nodiscard]] Position ids_known() const { return ids_known_; }
  [[nodiscard]] Position activity_known() const { return activity_known_; }
  [[nodiscard]] Position known_most() const { return std::max(ids_known_, activity_known_); }
  /// Everything up to `through` was told.
  void advance(Position through);
  /// Writes what is too much for memory. After an error `at` is whose it is.
  base::Status make_room(Part& at);
  /// Durable: both as far as known, after it returns.
  base::Status flush();
  /// Merges a little; false when there is nothing to do, or when one had to be forgotten.
  base::Result<bool> tidy();
  /// A step failed whose records were stored up to `stored` only: takes back what was told of those
  /// that are not known or not stored. They may be put aside, or be counted by other rules.
  void forget_failed(Position stored);
  /// Empties the one that `part` names, which is damaged.
  base::Status forget_all(Part part, const base::Error& error);
  /// Empties the memory of active days.
  base::Status forget_activity();
  /// Empties both.
  base::Status reset();

 private:
  [[nodiscard]] base::Status settle() const;

  const Parts& parts_;
  std::unique_ptr<dedup::Index> ids_;
  std::unique_ptr<rollup::Activity> activity_;
  Position ids_known_ = 0;
  Position activity_known_ = 0;
};

}  // namespace loader
