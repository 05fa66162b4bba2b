#pragma once
// The newest ids, in memory until they are written as a run. A hash table of 32-byte entries with
// linear probing; one id may stand in it several times (stored again after the window had passed).

#include "loader/dedup/entry.h"

#include <cstddef>
#include <vector>

namespace loader::dedup {

/// Threads: one.
class Table {
 public:
  Table();

  void insert(const Entry& entry);
  /// Calls `visit(const Place&)` for every entry of `id`.
  template <class Visit>
  void each(Hash128 id, Visit&& visit) const {
    for (std::size_t at = slot_of(id); slots_[at].place.position != 0; at = (at + 1) & mask()) {
      if (slots_[at].id == id) {
        visit(slots_[at].place);
      }
    }
  }
  /// Starts fetching what each() looks at first.
  void prefetch(Hash128 id) const { __builtin_prefetch(&slots_[slot_of(id)]); }
  /// Takes out every entry of a record after `position`. Cost: a look at the whole table; no
  /// memory.
  void forget_after(Position position);
  void clear();

  [[nodiscard]] std::size_t count() const { return count_; }
  /// All entries in file order.
  [[nodiscard]] std::vector<Entry> sorted() const;

 private:
  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }
  [[nodiscard]] std::size_t slot_of(Hash128 id) const {
    return static_cast<std::size_t>(id.low) & mask();
  }
  void place(const Entry& entry);
  void erase(std::size_t at);
  [[nodiscard]] std::vector<Entry> all() const;
  void refill(std::size_t slots, const std::vector<Entry>& entries);

  std::vector<Entry> slots_;  // position 0 marks a free one; the size is a power of two
  std::size_t count_ = 0;
};

}  // namespace loader::dedup
