#pragma once
// One remembered event id: its hash and where it was first stored. The nouns of this room, which
// answers whether an id was stored before. An id's hash is 128 bits wide and stands for the id:
// two different ids share a hash once in about 10^18 pairs of a month's ids, not in practice.

#include "codec/hash.h"
#include "event/record.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <tuple>

namespace loader::dedup {

using codec::Hash128;
using event::Position;

/// One place in the journal an event came from. Seconds are enough for a window of days, and both
/// memory and files hold the same, so that they answer the same.
struct Place {
  Position position = 0;
  std::uint32_t index = 0;       ///< Which event of its record, from 0.
  std::uint32_t received_s = 0;  ///< Epoch seconds of the record's receipt.

  [[nodiscard]] bool same(const Place& other) const {
    return position == other.position && index == other.index;
  }
  [[nodiscard]] bool before(const Place& other) const {
    return std::tie(position, index) < std::tie(other.position, other.index);
  }
};

struct Entry {
  Hash128 id;
  Place place;
};
static_assert(sizeof(Entry) == 32 && std::endian::native == std::endian::little,
              "entries are written to disk as they lie in memory");

/// The order entries have in a file.
inline bool before(const Entry& left, const Entry& right) {
  if (left.id != right.id) {
    return left.id < right.id;
  }
  return left.place.before(right.place);
}

}  // namespace loader::dedup
