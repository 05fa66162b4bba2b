#pragma once
// The bytes of one request's body while they arrive. Grows with what was received, never with what
// was announced, and takes what it needs from the server's memory for bodies. One per connection,
// on its thread.

#include "http/shared.h"

#include <cstddef>
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

}  // namespace http
