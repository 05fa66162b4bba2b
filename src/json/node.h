#pragma once
// How a parsed document lies in memory: 40-byte nodes linked in the order sent, all in one arena.
// Private to this room. Strings without an escape point into the document's copy of the text.

#include "json/value.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace json {

/// The members of a large object sorted by key, for lookups in O(log n). Sorting, unlike hashing,
/// leaves a sender no way to make a lookup slow.
struct SortedMembers {
  const Node* first = nullptr;
  const Node* const* by_key = nullptr;
};

struct Node {
  Node* next = nullptr;       ///< The element or member behind this one.
  const char* key = nullptr;  ///< Of a member.
  union {
    bool boolean;
    std::int64_t integer = 0;
    double number;
    const char* text;
    Node* first;                  ///< Of an array or a small object.
    const SortedMembers* sorted;  ///< Of a large object.
  };
  std::uint32_t key_size = 0;
  std::uint32_t size = 0;  ///< Bytes of a string, elements, members.
  Type type = Type::kNull;
  std::uint8_t repairs = 0;
  bool large : 1 = false;      ///< An object whose members are in `sorted`.
  bool plain : 1 = false;      ///< A string that stands between quotes, as write() writes it.
  bool plain_key : 1 = false;  ///< The same of the key.
  /// Bytes of a value that was sent as write() writes it, 0 of any other.
  std::uint32_t sent_size = 0;

  [[nodiscard]] std::string_view key_view() const { return {key, key_size}; }
  /// Of an object.
  [[nodiscard]] const Node* first_member() const { return large ? sorted->first : first; }
};

/// Objects with more members than this are sorted. Up to there most lookups compare little more
/// than sizes, and an event of an SDK has some thirty members.
inline constexpr std::uint32_t kSmallObjectMax = 48;

/// Memory that is freed all at once. Grows in chunks that double up to a ceiling.
class Chunks {
 public:
  /// About so many bytes are going to be taken in all.
  void expect(std::size_t bytes);
  /// Uninitialised; aligned for a Node.
  void* take(std::size_t bytes) {
    constexpr std::size_t kAlign = alignof(Node);
    const std::size_t wanted = (bytes + kAlign - 1) / kAlign * kAlign;
    if (wanted > left_) {
      grow(wanted);
    }
    void* const taken = free_;
    free_ += wanted;
    left_ -= wanted;
    return taken;
  }
  Node* make_node() { return std::construct_at(static_cast<Node*>(take(sizeof(Node)))); }

 private:
  void grow(std::size_t wanted);

  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::byte* free_ = nullptr;
  std::size_t left_ = 0;
  std::size_t next_bytes_ = 4096;
};

}  // namespace json
