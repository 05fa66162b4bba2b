#pragma once
// Where the tokens of a JSON text stand. Private to this room.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace simdjson::internal {
class dom_parser_implementation;
}

namespace json {

/// simdjson's first stage: the offset of every bracket, comma and colon, and of the start of every
/// string and of everything else. It skips what is inside strings; it checks no grammar. Its own
/// second stages refuse whole documents for what is to be repaired here, so they are not used.
class Tokens {
 public:
  Tokens();
  Tokens(const Tokens&) = delete;
  Tokens& operator=(const Tokens&) = delete;
  ~Tokens();

  /// Bytes that must be readable behind a text.
  static const std::size_t kPadding;

  /// `text` is valid UTF-8 and has kPadding bytes behind it. False when the stage refused it.
  bool find(std::string_view text);
  /// Of the last find(). Lifetime: as long as this object.
  [[nodiscard]] std::span<const std::uint32_t> offsets() const { return offsets_; }

 private:
  std::unique_ptr<simdjson::internal::dom_parser_implementation> implementation_;
  std::span<const std::uint32_t> offsets_;
};

}  // namespace json
