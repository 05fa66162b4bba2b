#pragma once
// A hash table in one piece of memory, for keys that are hashes or counted numbers, whose entries
// stay until all go at once: an answer costs one or two cache lines and no allocation. Used by the
// PersonStore for what it keeps in memory.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace loader::person {

/// Mixes numbers that are counted: neighbours lie apart.
struct MixNumber {
  std::uint64_t operator()(std::int64_t number) const {
    const std::uint64_t mixed = static_cast<std::uint64_t>(number) * 0x9E3779B97F4A7C15U;
    return mixed ^ (mixed >> 32U);
  }
};

/// `Key` has ==; `Hash` makes 64 well mixed bits of one. `Value{}` means none and is never put.
/// Threads: one.
template <class Key, class Value, class Hash>
class FlatTable {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Memory an entry takes, with its share of the free slots.
  static constexpr std::size_t entry_bytes() { return sizeof(Slot) * 2; }

  /// nullptr when there is none. Lifetime: until the next put().
  [[nodiscard]] const Value* find(const Key& key) const {
    if (slots_.empty()) {
      return nullptr;
    }
    const Slot& slot = slots_[place_of(key)];
    return used(slot) ? &slot.value : nullptr;
  }

  /// The value of `key` is `value` from now on.
  void put(const Key& key, Value value) {
    if ((size_ + 1) * 3 > slots_.size() * 2) {
      grow();
    }
    Slot& slot = slots_[place_of(key)];
    size_ += used(slot) ? 0 : 1;
    slot = {key, std::move(value)};
  }

  /// Keeps the memory for as many again.
  void clear() {
    if (size_ > 0) {
      slots_.assign(slots_.size(), Slot{});
      size_ = 0;
    }
  }

 private:
  static constexpr std::size_t kSlotsMin = 64;

  struct Slot {
    Key key{};
    Value value{};
  };
  static bool used(const Slot& slot) { return !(slot.value == Value{}); }

  /// Where `key` is, or would be.
  [[nodiscard]] std::size_t place_of(const Key& key) const {
    const std::size_t mask = slots_.size() - 1;  // a power of two
    std::size_t at = Hash{}(key)&mask;
    while (used(slots_[at]) && !(slots_[at].key == key)) {
      at = (at + 1) & mask;
    }
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? kSlotsMin : slots_.size() * 2);
    std::swap(old, slots_);
    for (Slot& slot : old) {
      if (used(slot)) {
        slots_[place_of(slot.key)] = std::move(slot);
      }
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace loader::person
