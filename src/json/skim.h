#pragma once
// A JSON text read once from front to end, with nothing kept of it: for those who only have to know
// that it can be read, and a few of its texts and numbers. It knows plain JSON alone. Where it
// gives up, nothing is said about the text: Document::parse() decides then.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace json {

/// Every step skips white space first, and is false when the text goes on differently; the steps
/// before it hold, the rest is not to be skimmed. A text whose steps were all true up to at_end()
/// is one that Document::parse() reads, too, unless it has more values than its limit.
class Skimmer {
 public:
  /// Containers within containers, as far as skip() goes.
  static constexpr unsigned kDepthMax = 32;

  /// Lifetime: views `text`. One that is not UTF-8 is an end at once.
  explicit Skimmer(std::string_view text);

  /// What is there behind white space, without a step; 0 at the end.
  char next() {
    // Nearly all bytes met here are no white space.
    return at_ != end_ && static_cast<unsigned char>(*at_) > ' ' ? *at_ : next_behind_space();
  }
  /// Behind `c`, a bracket, comma or colon.
  bool take(char c) {
    if (next() != c || at_ == end_) {
      return false;
    }
    ++at_;
    return true;
  }
  /// Behind a string without escapes, which `text` then shows.
  bool take_string(std::string_view& text);
  /// Behind a key without escapes, which `key` then shows, and its colon.
  bool take_key(std::string_view& key) { return take_string(key) && take(':'); }
  /// Behind an object, which may be empty: `take_value(key)` goes behind the value of each key, or
  /// is false.
  template <class TakeValue>
  bool take_members(TakeValue take_value) {
    if (!take('{')) {
      return false;
    }
    if (take('}')) {
      return true;
    }
    do {
      std::string_view key;
      if (!take_key(key) || !take_value(key)) {
        return false;
      }
    } while (take(','));
    return take('}');
  }
  /// Behind a number of up to 18 digits and nothing else.
  bool take_digits(std::int64_t& number);
  /// Behind a number, which `text` then shows.
  bool take_number(std::string_view& text);
  /// Behind a value of any kind.
  bool skip();
  bool at_end();

  /// Values passed by skip(), those inside others included.
  [[nodiscard]] std::size_t skipped() const { return skipped_; }

 private:
  char next_behind_space();
  bool skip_value(unsigned depth);
  bool skip_object(unsigned depth);
  bool skip_array(unsigned depth);
  bool skip_string();
  bool skip_escape();
  bool skip_number();
  bool skip_digits();
  bool skip_word(std::string_view word);

  const char* at_;
  const char* end_;
  std::size_t skipped_ = 0;
};

}  // namespace json
