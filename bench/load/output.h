#pragma once
// The bytes of one request while they are made: a body that grows, with room in front of it for a
// head whose length is known only afterwards. Each connection keeps one and uses it again, so that
// nothing is allocated once the largest request was made.

#include "base/check.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace load {

class Output {
 public:
  static constexpr std::size_t kRoomInFront = 8192;

  /// Forgets what was there.
  void clear() {
    begin_ = kRoomInFront;
    end_ = kRoomInFront;
  }
  /// Makes room for `bytes` more. The methods below look at no limit.
  void reserve(std::size_t bytes) {
    if (end_ + bytes > bytes_.size()) {
      bytes_.resize((end_ + bytes) * 2);
    }
  }

  void put(std::string_view text) {
    std::memcpy(bytes_.data() + end_, text.data(), text.size());
    end_ += text.size();
  }
  void put_number(std::uint64_t number) {
    end_ = static_cast<std::size_t>(
        std::to_chars(bytes_.data() + end_, bytes_.data() + bytes_.size(), number).ptr -
        bytes_.data());
  }
  /// The last `digits` decimal digits of `number`, with zeros in front.
  void put_digits(std::uint64_t number, std::size_t digits) {
    char* const to = bytes_.data() + end_;
    for (std::size_t at = digits; at-- > 0; number /= 10) {
      to[at] = static_cast<char>('0' + number % 10);
    }
    end_ += digits;
  }
  /// The first `digits` hex digits of `number`, from its most significant one on.
  void put_hex(std::uint64_t number, std::size_t digits) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    char* const to = bytes_.data() + end_;
    for (std::size_t at = 0; at < digits; ++at) {
      to[at] = kDigits[number >> (60U - 4 * at) & 15U];
    }
    end_ += digits;
  }
  /// What stands at `begin` already.
  void put_again(std::size_t begin, std::size_t size) {
    put({bytes_.data() + begin_ + begin, size});
  }

  void put_in_front(std::string_view head) {
    CHECK(head.size() <= begin_);
    begin_ -= head.size();
    std::memcpy(bytes_.data() + begin_, head.data(), head.size());
  }

  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  /// Lifetime: until the next call of a method that changes something.
  [[nodiscard]] std::string_view view() const { return {bytes_.data() + begin_, size()}; }

 private:
  std::vector<char> bytes_ = std::vector<char>(kRoomInFront);
  std::size_t begin_ = kRoomInFront;
  std::size_t end_ = kRoomInFront;
};

}  // namespace load
