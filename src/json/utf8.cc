#include "json/utf8.h"

#include <simdjson.h>

#include <cstdint>

namespace json {
namespace {

/// What may follow a lead byte (Unicode, table 3-7): how many bytes, and the range of the first.
struct Lead {
  std::size_t following = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
};

Lead lead_of(std::uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) {
    return {1, 0x80, 0xBF};
  }
  if (byte >= 0xE0 && byte <= 0xEF) {
    const std::uint8_t low = byte == 0xE0 ? 0xA0 : 0x80;
    const std::uint8_t high = byte == 0xED ? 0x9F : 0xBF;
    return {2, low, high};
  }
  if (byte >= 0xF0 && byte <= 0xF4) {
    const std::uint8_t low = byte == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = byte == 0xF4 ? 0x8F : 0xBF;
    return {3, low, high};
  }
  return {};
}

struct Sequence {
  std::size_t size = 1;
  bool good = false;
};

/// The sequence at the start of `text`, which is not empty: a character, or the longest part of
/// one that there is.
Sequence first_sequence(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (byte(0) < 0x80) {
    return {1, true};
  }
  Lead lead = lead_of(byte(0));
  std::size_t size = 1;
  while (size <= lead.following && size < text.size() && byte(size) >= lead.low &&
         byte(size) <= lead.high) {
    ++size;
    lead.low = 0x80;
    lead.high = 0xBF;
  }
  return {size, lead.following > 0 && size == lead.following + 1};
}

}  // namespace

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

void repair_utf8(std::string_view text, std::string& out, std::vector<Replacement>* replaced) {
  std::size_t at = 0;
  std::size_t good_from = 0;
  while (at < text.size()) {
    const Sequence sequence = first_sequence(text.substr(at));
    if (!sequence.good) {
      out += text.substr(good_from, at - good_from);
      if (replaced != nullptr) {
        replaced->push_back({out.size(), at, sequence.size});
      }
      out += kReplacement;
      good_from = at + sequence.size;
    }
    at += sequence.size;
  }
  out += text.substr(good_from);
}

void append_utf8(char32_t code_point, char*& out) {
  const auto put = [&out](char32_t byte) { *out++ = static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | (code_point >> 6U));
    put(0x80U | (code_point & 0x3FU));
  } else if (code_point < 0x10000) {
    put(0xE0U | (code_point >> 12U));
    put(0x80U | ((code_point >> 6U) & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  } else {
    put(0xF0U | (code_point >> 18U));
    put(0x80U | ((code_point >> 12U) & 0x3FU));
    put(0x80U | ((code_point >> 6U) & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  }
}

}  // namespace json
