#include "base/text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace base {
namespace {

template <class Word>
std::uint64_t word_at(const char* bytes) {
  Word word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

}  // namespace

std::string_view trim(std::string_view text, std::string_view blanks) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The last bytes are read with some of those before them rather than one by one.
bool is_ascii(std::string_view text) {
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  const char* at = text.data();
  const char* const end = at + text.size();
  std::uint64_t seen = 0;
  for (; end - at >= 32; at += 32) {
    seen |= word_at<std::uint64_t>(at) | word_at<std::uint64_t>(at + 8) |
            word_at<std::uint64_t>(at + 16) | word_at<std::uint64_t>(at + 24);
  }
  for (; end - at >= 8; at += 8) {
    seen |= word_at<std::uint64_t>(at);
  }
  if (at < end && text.size() >= 8) {
    seen |= word_at<std::uint64_t>(end - 8);
  } else if (end - at >= 4) {
    seen |= word_at<std::uint32_t>(at) | word_at<std::uint32_t>(end - 4);
  } else {
    for (; at < end; ++at) {
      seen |= static_cast<unsigned char>(*at);
    }
  }
  return (seen & kHigh) == 0;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string printable(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      out += "\\x";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  return out;
}

void append_csv_field(std::string_view text, std::string& out) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    out.append(c == '"' ? 2U : 1U, c);
  }
  out += '"';
}

}  // namespace base
