#pragma once
// Turns tokens into nodes, checking the grammar as it goes. Private to this room.

#include "base/result.h"
#include "json/node.h"
#include "json/utf8.h"
#include "json/value.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace json {

/// What a Builder works on. Lifetime: all outlive it.
struct Source {
  std::string_view text;                     ///< Valid UTF-8.
  std::span<const std::uint32_t> tokens;     ///< Offsets, see Tokens.
  const std::vector<Replacement>& replaced;  ///< Where `text` was repaired.
};

/// Holds its own stack, so that depth is limited by a number and not by the thread's stack.
class Builder {
 public:
  Builder(const Source& source, const Limits& limits, Chunks& chunks);

  base::Result<const Node*> build();

 private:
  enum class Expect : std::uint8_t { kValue, kValueOrEnd, kKey, kKeyOrEnd, kColon, kCommaOrEnd };

  /// A container whose end is still to come.
  struct Open {
    Node* container = nullptr;
    Node* last = nullptr;  // of its elements or members
    std::uint32_t count = 0;
    bool as_sent = true;  // every value so far was sent as write() writes it
    bool keys_repeat = false;
    std::size_t at = 0;                    // offset of the bracket
    std::size_t bytes = 0;                 // of what write() makes of those values
    std::array<std::uint64_t, 4> marks{};  // of keys
  };

  // False: `error_` says why.
  bool take(char c);
  bool take_separator(char c);
  bool take_key(char c);
  bool take_value(char c);
  void take_usual_members();
  bool take_string(std::string_view& text, std::uint8_t& repairs, bool& plain);
  bool take_plain_string(std::string_view& text);
  /// Whether a backslash stands between the text read so far and `end`. The usual text has none.
  [[nodiscard]] bool has_escape_before(std::size_t end) {
    return escape_at_ < end && find_escape() < end;
  }
  std::size_t find_escape();
  bool open(Node* node, bool object);
  void close();
  bool drop_duplicates(Node& object);
  void attach(Node* node);
  static void attach_member(Open& open, const Node& node);
  void add(const Node& node);
  void keep_sorted(Node& object);
  [[nodiscard]] std::string_view token() const;
  bool invalid(std::string_view what);
  bool unexpected(std::string_view wanted);
  bool too_large(std::string what);

  Source source_;
  std::string_view text_;
  Limits limits_;
  Chunks& chunks_;
  Expect expect_ = Expect::kValue;
  std::size_t at_ = 0;         // offset of the token
  std::size_t token_end_ = 0;  // offset of the next
  std::size_t next_ = 0;       // index of that one
  std::size_t escape_at_ = 0;  // no backslash stands between here and the text read before
  std::size_t values_ = 0;
  std::size_t next_replaced_ = 0;
  std::string_view key_;
  std::uint8_t key_repairs_ = 0;
  bool key_plain_ = false;
  std::vector<Open> open_;
  std::vector<Node*> members_;  // of an object in which to look for equal keys
  std::vector<Node*> by_key_;
  Node* spare_ = nullptr;  // made for a member that was of another shape
  const Node* root_ = nullptr;
  base::Error error_;
};

/// Where byte `at` of a repaired text stood in the text as sent.
std::size_t source_offset(const std::vector<Replacement>& replaced, std::size_t at);

}  // namespace json
