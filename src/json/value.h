#pragma once
// JSON as the decoders see it: a document parsed once, kept in one arena, read through cheap
// handles. The only room that includes simdjson. Bad content never makes a document unreadable:
// what cannot be represented is repaired and marked, so that whatever is written out again is
// valid JSON that every reader of the store accepts.

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace json {

enum class Type : std::uint8_t {
  kNull,
  kBool,
  kInteger,  ///< Fits std::int64_t.
  kDouble,   ///< A finite double (also integers beyond int64).
  kString,
  kArray,
  kObject,
};

/// What had to be repaired while reading. Flags of Document::repairs().
enum Repair : std::uint8_t {
  kInvalidUtf8 = 1,    ///< Bytes that are no UTF-8 became U+FFFD.
  kLoneSurrogate = 2,  ///< A \ud800..\udfff without its partner became U+FFFD.
  kHugeNumber = 4,     ///< A number no finite double holds (1e400) became a string of its digits.
  kDuplicateKey = 8,   ///< Of members with equal keys the last won, in the place of the first.
};

struct Limits {
  std::size_t depth_max = 64;          ///< Nesting of arrays and objects; 1,024 at most.
  std::size_t values_max = 2'000'000;  ///< Values of every kind in the document.
};

struct Node;  // the arena's own form

class Elements;
class Members;

/// A handle on one value. Lifetime: valid as long as its Document. A default-made Value is
/// "absent": every is_*() is false.
class Value {
 public:
  Value() = default;
  explicit Value(const Node* node) : node_(node) {}

  explicit operator bool() const { return node_ != nullptr; }  ///< Present (null is present).
  [[nodiscard]] Type type() const;                             ///< kNull when absent.
  [[nodiscard]] bool is_null() const;
  [[nodiscard]] bool is_bool() const;
  [[nodiscard]] bool is_number() const;
  [[nodiscard]] bool is_integer() const;
  [[nodiscard]] bool is_string() const;
  [[nodiscard]] bool is_array() const;
  [[nodiscard]] bool is_object() const;

  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::optional<std::int64_t> integer()
      const;                                           ///< kInteger, or a whole kDouble in range.
  [[nodiscard]] std::optional<double> number() const;  ///< kInteger or kDouble.
  [[nodiscard]] std::optional<std::string_view> string() const;  ///< Unescaped; may hold NULs.

  /// The member called `key` of an object, else absent.
  [[nodiscard]] Value operator[](std::string_view key) const;
  [[nodiscard]] std::size_t size() const;   ///< Elements of an array, members of an object, else 0.
  [[nodiscard]] Elements elements() const;  ///< Of an array; nothing otherwise.
  [[nodiscard]] Members members() const;    ///< Of an object in the order sent; nothing otherwise.

  /// Repairs made inside this value (flags of Repair), so that one event can be marked.
  [[nodiscard]] std::uint8_t repairs() const;

  [[nodiscard]] const Node* node() const { return node_; }

 private:
  const Node* node_ = nullptr;
};

struct Member {
  std::string_view key;
  Value value;
};

class Elements {
 public:
  class Iterator {
   public:
    explicit Iterator(const Node* node) : node_(node) {}
    Value operator*() const { return Value(node_); }
    Iterator& operator++();
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Node* node_;
  };
  explicit Elements(const Node* first) : first_(first) {}
  [[nodiscard]] Iterator begin() const { return Iterator(first_); }
  [[nodiscard]] Iterator end() const { return Iterator(nullptr); }

 private:
  const Node* first_;
};

class Members {
 public:
  class Iterator {
   public:
    explicit Iterator(const Node* node) : node_(node) {}
    Member operator*() const;
    Iterator& operator++();
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Node* node_;
  };
  explicit Members(const Node* first) : first_(first) {}
  [[nodiscard]] Iterator begin() const { return Iterator(first_); }
  [[nodiscard]] Iterator end() const { return Iterator(nullptr); }

 private:
  const Node* first_;
};

/// A parsed text. Movable, not copyable; owns every byte its Values show.
class Document {
 public:
  /// Parses one JSON text (surrounding white space and a UTF-8 byte order mark allowed, comments
  /// and trailing commas not). kInvalid names what is wrong and at which byte; kTooLarge when a
  /// limit is reached. Raw control characters inside strings are invalid, as the grammar says.
  static base::Result<Document> parse(std::string_view text, const Limits& limits = {});

  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  [[nodiscard]] Value root() const;
  [[nodiscard]] std::uint8_t repairs() const;  ///< Flags of Repair for the whole text.

 private:
  struct Arena;
  explicit Document(std::unique_ptr<Arena> arena);
  std::unique_ptr<Arena> arena_;
};

/// Appends `value` as compact, valid JSON: members in the order sent, of duplicate keys only the
/// last, strings escaped as little as RFC 8259 allows (non-ASCII as is), integers exact, doubles in
/// the shortest form that reads back equal and as a double ("59.0"). Absent is written as null.
void write(Value value, std::string& out);
std::string write(Value value);

/// The value as a person would write it in a text column: a string as it is, everything else as
/// write() does. Absent and null are "".
std::string to_text(Value value);

}  // namespace json
