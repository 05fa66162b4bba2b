#include "codec/text.h"

#include <array>
#include <cstdint>

namespace codec {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHexLower = "0123456789abcdef";
constexpr std::string_view kHexUpper = "0123456789ABCDEF";

constexpr std::uint8_t kBad = 0xFF;
constexpr std::uint8_t kSkip = 0xFE;
constexpr std::uint8_t kPad = 0xFD;

constexpr std::array<std::uint8_t, 256> make_base64_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kBad);
  for (std::size_t i = 0; i < kBase64.size(); ++i) {
    values.at(static_cast<unsigned char>(kBase64[i])) = static_cast<std::uint8_t>(i);
  }
  values['-'] = 62;
  values['_'] = 63;
  values['='] = kPad;
  values[' '] = kSkip;
  values['\t'] = kSkip;
  values['\r'] = kSkip;
  values['\n'] = kSkip;
  return values;
}

constexpr std::array<std::uint8_t, 256> kBase64Values = make_base64_values();

std::uint8_t base64_value(char c) { return kBase64Values.at(static_cast<unsigned char>(c)); }

/// 0 to 15, or -1.
int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The byte two hex digits at `at` stand for, or -1.
int hex_byte(std::string_view text, std::size_t at) {
  if (at + 2 > text.size()) {
    return -1;
  }
  const int high = hex_value(text[at]);
  const int low = hex_value(text[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

/// May read differently when decoded.
bool is_encoded(std::string_view text) { return text.find_first_of("%+") != text.npos; }

/// A pair of a query as it stands there.
struct QueryPair {
  std::string_view key;
  std::string_view value;
  bool empty = false;  ///< Nothing stood between two ampersands.
};

/// Takes the first one away, and the ampersand behind it.
QueryPair take_pair(std::string_view& query) {
  const std::size_t end = query.find('&');
  const std::string_view pair = query.substr(0, end);
  query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos) {
    return {pair, {}, pair.empty()};
  }
  return {pair.substr(0, equals), pair.substr(equals + 1), false};
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  std::size_t digits = 0;
  std::size_t pads = 0;
  for (const char c : text) {
    const std::uint8_t value = base64_value(c);
    if (value == kSkip) {
      continue;
    }
    if (value == kPad) {
      ++pads;
      continue;
    }
    if (value == kBad || pads > 0) {
      return std::nullopt;
    }
    bits = (bits << 6U) | value;
    if (++digits % 4 == 0) {
      out += static_cast<char>(bits >> 16U);
      out += static_cast<char>(bits >> 8U);
      out += static_cast<char>(bits);
    }
  }
  const std::size_t rest = digits % 4;
  if (rest == 1 || (pads > 0 && (rest == 0 || rest + pads != 4))) {
    return std::nullopt;
  }
  if (rest == 2) {
    out += static_cast<char>(bits >> 4U);
  } else if (rest == 3) {
    out += static_cast<char>(bits >> 10U);
    out += static_cast<char>(bits >> 2U);
  }
  return out;
}

std::string encode_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = (bits << 8U) | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= count ? kBase64[(bits >> (18U - 6U * i)) & 63U] : '=';
    }
  }
  return out;
}

std::string encode_hex(std::string_view bytes) {
  std::string out(bytes.size() * 2, '\0');
  std::size_t at = 0;
  for (const char c : bytes) {
    out[at++] = kHexLower[static_cast<unsigned char>(c) >> 4U];
    out[at++] = kHexLower[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

std::optional<std::string> decode_hex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return std::nullopt;
  }
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const int byte = hex_byte(text, at);
    if (byte < 0) {
      return std::nullopt;
    }
    out += static_cast<char>(byte);
  }
  return out;
}

std::string decode_percent(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int byte = text[at] == '%' ? hex_byte(text, at + 1) : -1;
    if (byte >= 0) {
      out += static_cast<char>(byte);
      at += 2;
    } else {
      out += text[at] == '+' && plus_is_space ? ' ' : text[at];
    }
  }
  return out;
}

std::string encode_percent(std::string_view text, bool keep_slash) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c) || (c == '/' && keep_slash)) {
      out += c;
    } else {
      out += '%';
      out += kHexUpper[static_cast<unsigned char>(c) >> 4U];
      out += kHexUpper[static_cast<unsigned char>(c) & 15U];
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    const QueryPair pair = take_pair(query);
    if (!pair.empty) {
      pairs.emplace_back(decode_percent(pair.key, true), decode_percent(pair.value, true));
    }
  }
  return pairs;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  std::optional<std::string_view> found;
  while (!query.empty()) {
    const QueryPair pair = take_pair(query);
    const std::string_view key = pair.key;
    if (!pair.empty && (is_encoded(key) ? decode_percent(key, true) == name : key == name)) {
      found = pair.value;
    }
  }
  return found ? std::optional(decode_percent(*found, true)) : std::nullopt;
}

}  // namespace codec
