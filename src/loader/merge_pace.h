#pragma once
// When files of the store are merged: in time the disk and the processor have to spare. To merge a
// row costs more than to seal it, and no seal begins meanwhile, so while events come fast files
// pile up, and are merged afterwards, more at once. Owner: the Caretaker. Threads: one at a time.

#include <chrono>
#include <cstdint>

namespace loader {

/// What the loader has to say about merging.
enum class Merging : std::uint8_t {
  kNever,       ///< The next seal is near.
  kWhenNeeded,  ///< Loading is behind.
  kFreely,
};

class MergePace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void seal_asked(Time now);
  void sealed() { ++seals_; }
  void merged_all() { seals_ = 0; }
  [[nodiscard]] bool allows(Merging wish, Time now) const;

 private:
  Time asked_{};   ///< For the last seal.
  Time before_{};  ///< For the one before it.
  int seals_ = 0;  ///< Since there was nothing left to merge.
};

}  // namespace loader
