#include "http/head.h"

#include "base/text.h"
#include "http/message.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <system_error>

namespace http {
namespace {

constexpr std::size_t kHeadersMax = 256;

/// RFC 9110 5.6.2: what methods and names of fields are made of.
constexpr std::array<bool, 256> kTokenCharacters = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

bool is_token(std::string_view text) {
  bool all = !text.empty();
  for (const char c : text) {
    all &= kTokenCharacters[static_cast<unsigned char>(c)];
  }
  return all;
}

bool is_control_character(char c) {
  return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
}

/// Eight at a time, as this sees every byte of every head.
bool has_control_character(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHighBits = 0x80 * kOnes;
  while (text.size() >= sizeof(std::uint64_t)) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data(), sizeof(eight));
    const std::uint64_t delete_is_zero = eight ^ (0x7f * kOnes);
    const std::uint64_t suspects =
        ((eight - ' ' * kOnes) & ~eight) | ((delete_is_zero - kOnes) & ~delete_is_zero);
    if ((suspects & kHighBits) != 0 &&
        std::ranges::any_of(text.substr(0, sizeof(eight)), is_control_character)) {
      return true;
    }
    text.remove_prefix(sizeof(eight));
  }
  return std::ranges::any_of(text, is_control_character);
}

/// Takes the text up to `delimiter`, and the delimiter; nullopt when there is none.
std::optional<std::string_view> take_until(std::string_view& text, char delimiter) {
  const std::size_t at = text.find(delimiter);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return taken;
}

/// Takes a line and its CR LF; nullopt when there is none.
std::optional<std::string_view> take_line(std::string_view& text) {
  auto line = take_until(text, '\n');
  if (!line || !line->ends_with('\r')) {
    return std::nullopt;
  }
  line->remove_suffix(1);
  return line;
}

/// "POST /collect?a=b HTTP/1.1"
std::optional<Refusal> parse_request_line(std::string_view line, Head& head) {
  const auto method = take_until(line, ' ');
  if (!method || !is_token(*method)) {
    return Refusal{400, "the method is not a token"};
  }
  const auto target = take_until(line, ' ');
  if (!target || target->empty() || has_control_character(*target) ||
      target->find('\t') != std::string_view::npos) {
    return Refusal{400, "the request target holds characters that are not allowed"};
  }
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (line.size() != 8 || !line.starts_with("HTTP/") || !is_digit(line[5]) || line[6] != '.' ||
      !is_digit(line[7])) {
    return Refusal{400, "the request head is not HTTP/1.1"};
  }
  if (line[5] != '1' || line[7] > '1') {
    return Refusal{505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  }
  head.method = *method;
  head.target = *target;
  head.version_1_1 = line[7] == '1';
  return std::nullopt;
}

/// The fields that decide who is asked, where the body ends and whether the connection stays open.
struct Framing {
  int hosts = 0;
  int lengths = 0;
  int encodings = 0;
  bool encoding_is_chunked = false;
  bool length_is_number = true;
  bool host_is_valid = true;
  bool close = false;
  bool keep_alive = false;
  std::uint64_t length = 0;
  std::string_view expectation;
};

void read_length(std::string_view value, Framing& framing) {
  const char* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, framing.length);
  framing.length_is_number = error == std::errc() && stop == end;
}

/// RFC 9110 7.6.1: a list of options.
void read_connection(std::string_view value, Framing& framing) {
  while (!value.empty()) {
    const std::string_view option = base::trim(value.substr(0, value.find(',')));
    framing.close = framing.close || equal_ignoring_case(option, "close");
    framing.keep_alive = framing.keep_alive || equal_ignoring_case(option, "keep-alive");
    const std::size_t comma = value.find(',');
    value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
  }
}

Framing framing_of(const Head& head) {
  Framing framing;
  for (const auto& [name, value] : head.headers) {
    if (equal_ignoring_case(name, "Host")) {
      ++framing.hosts;
      framing.host_is_valid = value.find_first_of(" \t,/\\@?#") == std::string_view::npos;
    } else if (equal_ignoring_case(name, "Content-Length")) {
      ++framing.lengths;
      read_length(value, framing);
    } else if (equal_ignoring_case(name, "Transfer-Encoding")) {
      ++framing.encodings;
      framing.encoding_is_chunked = equal_ignoring_case(value, "chunked");
    } else if (equal_ignoring_case(name, "Connection")) {
      read_connection(value, framing);
    } else if (equal_ignoring_case(name, "Expect")) {
      framing.expectation = value;
    }
  }
  return framing;
}

std::optional<Refusal> check_framing(const Framing& framing, bool version_1_1) {
  if (framing.hosts > 1 || !framing.host_is_valid) {
    return Refusal{400, "Host is repeated or is not a host"};
  }
  if (framing.hosts == 0 && version_1_1) {
    return Refusal{400, "Host is missing"};
  }
  if (framing.lengths > 1 || !framing.length_is_number) {
    return Refusal{400, "Content-Length is not one decimal number"};
  }
  if (framing.encodings > 1 || (framing.encodings == 1 && framing.lengths > 0)) {
    return Refusal{400, "Transfer-Encoding is repeated, or stands beside Content-Length"};
  }
  if (framing.encodings == 1 && !version_1_1) {
    return Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
  }
  if (framing.encodings == 1 && !framing.encoding_is_chunked) {
    return Refusal{501, "the only Transfer-Encoding known here is chunked"};
  }
  if (version_1_1 && !framing.expectation.empty() &&
      !equal_ignoring_case(framing.expectation, "100-continue")) {
    return Refusal{417, "the only expectation known here is 100-continue"};
  }
  return std::nullopt;
}

}  // namespace

HeadScan find_head_end(std::string_view bytes, std::size_t scanned) {
  // Three bytes back: the end may straddle what was there before.
  std::size_t at = scanned > 3 ? scanned - 3 : 0;
  while (true) {
    at = bytes.find('\n', at);
    if (at == std::string_view::npos) {
      return {};
    }
    if (at == 0 || bytes[at - 1] != '\r') {
      return {0, Refusal{400, "a line of the head does not end in CR LF"}};
    }
    if (at >= 3 && bytes[at - 2] == '\n') {
      return {at + 1, std::nullopt};
    }
    if (at + 1 < bytes.size() && (bytes[at + 1] == ' ' || bytes[at + 1] == '\t')) {
      return {0, Refusal{400, "folded header lines are not accepted"}};
    }
    ++at;
  }
}

bool take_field(std::string_view& lines, std::string_view& name, std::string_view& value) {
  auto line = take_line(lines);
  if (!line) {
    return false;
  }
  const auto before_colon = take_until(*line, ':');
  if (!before_colon || !is_token(*before_colon) || has_control_character(*line)) {
    return false;
  }
  name = *before_colon;
  value = base::trim(*line);
  return true;
}

std::optional<Refusal> parse_head(std::string_view bytes, Head& head) {
  auto headers = std::move(head.headers);  // keeps its capacity
  headers.clear();
  head = Head{};
  head.headers = std::move(headers);
  const auto request_line = take_line(bytes);
  if (!request_line) {
    return Refusal{400, "the request head is not HTTP/1.1"};
  }
  if (const auto refusal = parse_request_line(*request_line, head)) {
    return refusal;
  }
  while (bytes != "\r\n") {
    auto& [name, value] = head.headers.emplace_back();
    if (!take_field(bytes, name, value)) {
      return Refusal{400, "a header field is malformed"};
    }
    if (head.headers.size() > kHeadersMax) {
      return Refusal{431, "more than 256 header fields"};
    }
  }
  const Framing framing = framing_of(head);
  if (const auto refusal = check_framing(framing, head.version_1_1)) {
    return refusal;
  }
  head.chunked = framing.encoding_is_chunked;
  head.content_length = framing.length;
  head.keep_alive = !framing.close && (head.version_1_1 || framing.keep_alive);
  head.expects_continue = head.version_1_1 && !framing.expectation.empty();
  return std::nullopt;
}

}  // namespace http
