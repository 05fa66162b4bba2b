#pragma once
// What the PersonStore remembers between two steps: rows of persons, and who owns which identity.
// Two generations: what was not asked for since the last change of generation goes. Rows lie one
// behind the other in a few large pieces of memory.

#include "codec/hash.h"
#include "loader/person/flat_table.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace loader::person {

/// Threads: one.
class Cache {
 public:
  /// `bytes_max` bounds what outlives age().
  explicit Cache(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  /// The row of a person. Lifetime: until the next call of put() or age().
  [[nodiscard]] std::optional<std::string_view> row_of(std::int64_t id);
  void put(std::int64_t id, std::string_view row);
  /// There is no such person: row_of() gives what nobody can read.
  void forget(std::int64_t id) { put(id, "?"); }

  /// The person an identity belongs to; 0: to nobody, as far as was asked.
  [[nodiscard]] std::optional<std::int64_t> owner_of(codec::Hash128 identity);
  void put(codec::Hash128 identity, std::int64_t owner);

  /// Lets old entries go when there are too many.
  void age();
  void clear();

 private:
  struct Row {
    char* bytes = nullptr;
    std::uint32_t size = 0;
    std::uint32_t room = 0;
    friend bool operator==(const Row&, const Row&) = default;
  };
  struct Owner {
    std::int64_t id = -1;  // 0: of nobody
    friend bool operator==(const Owner&, const Owner&) = default;
  };
  struct MixHash {
    std::uint64_t operator()(const codec::Hash128& hash) const { return hash.low; }
  };

  /// Memory for rows; all of it is given back at once.
  class Arena {
   public:
    char* take(std::size_t bytes);
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    void clear();

   private:
    static constexpr std::size_t kPieceBytes = std::size_t{256} << 10U;
    std::vector<std::unique_ptr<char[]>> pieces_;  // of kPieceBytes
    std::vector<std::unique_ptr<char[]>> large_;   // each for one row
    std::size_t pieces_used_ = 0;
    std::size_t used_ = kPieceBytes;  // of the last piece in use
    std::uint64_t bytes_ = 0;
  };

  struct Generation {
    FlatTable<std::int64_t, Row, MixNumber> rows;
    FlatTable<codec::Hash128, Owner, MixHash> owners;
    Arena arena;
    [[nodiscard]] std::uint64_t bytes() const;
    void clear();
  };

  std::uint64_t bytes_max_;
  Generation young_;
  Generation old_;
};

}  // namespace loader::person
