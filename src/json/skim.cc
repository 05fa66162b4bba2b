#include "json/skim.h"

#include "json/utf8.h"

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace json {
namespace {

static_assert(std::endian::native == std::endian::little, "the lowest byte of a word is the first");

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighs = 0x8080808080808080;

/// The high bit of each byte below `limit`; bits above the lowest one may be wrong.
constexpr std::uint64_t bytes_below(std::uint64_t word, std::uint64_t limit) {
  return (word - kOnes * limit) & ~word & kHighs;
}
constexpr std::uint64_t bytes_equal(std::uint64_t word, char c) {
  return bytes_below(word ^ (kOnes * static_cast<unsigned char>(c)), 1);
}

bool is_special(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// Sixteen bytes at a time, as far as there are so many: the first quote, backslash or control
/// character, or where to look on.
const char* find_in_sixteens(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1f);
  while (end - at >= 16) {
    __m128i bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i sign =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
    const auto special = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(control, sign)));
    if (special != 0) {
      return at + std::countr_zero(special);
    }
    at += 16;
  }
#else
  static_cast<void>(end);
#endif
  return at;
}

/// The first quote, backslash or control character, or `end`.
const char* find_special(const char* at, const char* end) {
  at = find_in_sixteens(at, end);
  while (end - at >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t special =
        bytes_equal(word, '"') | bytes_equal(word, '\\') | bytes_below(word, 0x20);
    if (special != 0) {
      return at + std::countr_zero(special) / 8;
    }
    at += 8;
  }
  while (at != end && !is_special(*at)) {
    ++at;
  }
  return at;
}

}  // namespace

Skimmer::Skimmer(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {
  if (!is_utf8(text)) {
    end_ = at_;
    skipped_ = 1;  // at_end() is false
  }
}

char Skimmer::next_behind_space() {
  while (at_ != end_ && is_space(*at_)) {
    ++at_;
  }
  return at_ == end_ ? '\0' : *at_;
}

bool Skimmer::take_string(std::string_view& text) {
  if (next() != '"') {
    return false;
  }
  const char* const begin = at_ + 1;
  const char* const quote = find_special(begin, end_);
  if (quote == end_ || *quote != '"') {
    return false;
  }
  text = {begin, static_cast<std::size_t>(quote - begin)};
  at_ = quote + 1;
  return true;
}

bool Skimmer::take_digits(std::int64_t& number) {
  constexpr std::ptrdiff_t kDigitsMax = 18;
  const char first = next();
  const char* const begin = at_;
  number = 0;
  while (at_ != end_ && is_digit(*at_) && at_ - begin < kDigitsMax) {
    number = number * 10 + (*at_ - '0');
    ++at_;
  }
  const bool leads_with_zero = first == '0' && at_ - begin > 1;
  // Digits, a fraction or an exponent may follow: then what comes next is no comma or bracket.
  return at_ != begin && !leads_with_zero;
}

bool Skimmer::take_number(std::string_view& text) {
  next();
  const char* const begin = at_;
  const bool good = skip_number();
  text = {begin, static_cast<std::size_t>(at_ - begin)};
  return good;
}

bool Skimmer::skip() { return skip_value(0); }

bool Skimmer::at_end() { return next() == '\0' && at_ == end_; }

bool Skimmer::skip_value(unsigned depth) {
  ++skipped_;
  switch (next()) {
    case '"': return skip_string();
    case '{': return depth < kDepthMax && skip_object(depth + 1);
    case '[': return depth < kDepthMax && skip_array(depth + 1);
    case 't': return skip_word("true");
    case 'f': return skip_word("false");
    case 'n': return skip_word("null");
    default: return skip_number();
  }
}

bool Skimmer::skip_object(unsigned depth) {
  ++at_;
  if (take('}')) {
    return true;
  }
  do {
    if (next() != '"' || !skip_string() || !take(':') || !skip_value(depth)) {
      return false;
    }
  } while (take(','));
  return take('}');
}

bool Skimmer::skip_array(unsigned depth) {
  ++at_;
  if (take(']')) {
    return true;
  }
  do {
    if (!skip_value(depth)) {
      return false;
    }
  } while (take(','));
  return take(']');
}

bool Skimmer::skip_string() {
  ++at_;
  while (true) {
    at_ = find_special(at_, end_);
    if (at_ == end_) {
      return false;
    }
    if (*at_ == '"') {
      ++at_;
      return true;
    }
    if (!skip_escape()) {
      return false;
    }
  }
}

/// Of a backslash and what it begins. False for a control character, too.
bool Skimmer::skip_escape() {
  constexpr std::string_view kShort = "\"\\/bfnrt";
  if (*at_ != '\\' || end_ - at_ < 2) {
    return false;
  }
  if (at_[1] != 'u') {
    at_ += 2;
    return kShort.find(at_[-1]) != std::string_view::npos;
  }
  if (end_ - at_ < 6) {
    return false;
  }
  const char* const hex = at_ + 2;
  at_ += 6;
  return is_hex(hex[0]) && is_hex(hex[1]) && is_hex(hex[2]) && is_hex(hex[3]);
}

bool Skimmer::skip_digits() {
  const char* const begin = at_;
  while (at_ != end_ && is_digit(*at_)) {
    ++at_;
  }
  return at_ != begin;
}

/// RFC 8259, section 6.
bool Skimmer::skip_number() {
  if (at_ != end_ && *at_ == '-') {
    ++at_;
  }
  const char* const whole = at_;
  if (!skip_digits() || (*whole == '0' && at_ - whole > 1)) {
    return false;
  }
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    if (!skip_digits()) {
      return false;
    }
  }
  if (at_ == end_ || (*at_ != 'e' && *at_ != 'E')) {
    return true;
  }
  ++at_;
  if (at_ != end_ && (*at_ == '+' || *at_ == '-')) {
    ++at_;
  }
  return skip_digits();
}

bool Skimmer::skip_word(std::string_view word) {
  if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) {
    return false;
  }
  at_ += word.size();
  return true;
}

}  // namespace json
