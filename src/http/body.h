#pragma once
// The bytes of one request's body while they arrive. Grows with what was received, never with what
// was announced, and takes what it needs from the server's memory for bodies. One per connection,
// on its thread. Chunks takes a body out of its chunks.

#include "http/shared.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace http {

class Body {
 public:
  explicit Body(BodyMemory& memory) : memory_(memory) {}
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  ~Body() { memory_.release(charged_); }

  /// Makes room for `bytes` more, but for no more than `total` in all; false when the server's
  /// memory is used up.
  [[nodiscard]] bool make_room(std::size_t bytes, std::size_t total);
  /// Where the next bytes of a body of `total` bytes may be read to. Needs make_room() before.
  [[nodiscard]] std::span<char> free_space(std::size_t total);
  /// `bytes` were read to free_space().
  void added(std::size_t bytes) { size_ += bytes; }
  void append(std::string_view bytes);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }
  /// Forgets the body; a large buffer is given back.
  void clear();

 private:
  BodyMemory& memory_;
  std::string bytes_;  ///< Its size is the room there is.
  std::size_t size_ = 0;
  std::size_t charged_ = 0;
};

/// Takes a body out of its chunks (RFC 9112 7.1) as it arrives. What is understood does not depend
/// on how the bytes are cut into pieces.
class Chunks {
 public:
  /// A body begins.
  void reset() { *this = Chunks{}; }

  enum class State : std::uint8_t { kMore, kDone, kTooLarge, kRefused };
  struct Step {
    State state = State::kMore;
    std::size_t consumed = 0;  ///< The rest must be given again, with more behind it.
    std::string_view reason;   ///< Of kRefused; static text.
  };
  /// Appends what `bytes` hold of the body to `body`; kTooLarge as soon as a chunk would take it
  /// over `body_bytes_max`. Trailer fields are read and dropped. Behind any other answer than
  /// kMore only reset() may follow.
  Step take(std::string_view bytes, std::uint64_t body_bytes_max, std::string& body);

 private:
  enum class Expected : std::uint8_t { kSize, kData, kTrailer };

  // Each takes what it can of the beginning of `bytes`; nothing, when that must be more.
  Step take_data(std::string_view bytes, std::string& body);
  Step take_line(std::string_view bytes, std::uint64_t body_bytes_max);
  // `line` with its CR LF.
  Step begin_chunk(std::string_view line, std::uint64_t body_bytes_max);
  Step take_trailer(std::string_view line);

  Expected expected_ = Expected::kSize;
  std::uint64_t left_ = 0;       ///< Bytes of this chunk that have not come.
  std::uint64_t announced_ = 0;  ///< Bytes of all chunks so far.
  std::size_t trailer_bytes_ = 0;
};

}  // namespace http
