#include "http/reply_head.h"

#include "base/time_text.h"
#include "http/message.h"

#include <algorithm>
#include <charconv>
#include <span>

namespace http {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::size_t kIdDigits = 32;
constexpr std::size_t kRandomDigits = 28;
constexpr std::uint32_t kIdsAlike = 1U << (4 * (kIdDigits - kRandomDigits));

void append_number(std::uint64_t number, std::string& out) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_clean(std::string_view text, std::string& out) {
  constexpr std::string_view kBreaks("\r\n\0", 3);
  const std::size_t start = out.size();
  out += text;
  if (text.find_first_of(kBreaks) != std::string_view::npos) {
    std::replace_if(
        out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
        [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  }
}

bool is_ours(std::string_view name) {
  return equal_ignoring_case(name, "Content-Length") || equal_ignoring_case(name, "Connection") ||
         equal_ignoring_case(name, "Date") || equal_ignoring_case(name, "X-Request-Id") ||
         equal_ignoring_case(name, "Transfer-Encoding");
}

}  // namespace

std::string_view Stamp::date() {
  const base::Time now = clock_.now();
  const std::int64_t second =
      std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (second != second_) {
    second_ = second;
    date_ = base::format_http_date(now);
  }
  return date_;
}

void Stamp::fresh_id(std::string& id) {
  if (id_.empty() || id_number_ == kIdsAlike) {
    draw_id();
  }
  std::uint32_t number = id_number_++;
  for (std::size_t at = id_.size(); at > kRandomDigits; number >>= 4U) {
    id_[--at] = kHex[number & 15U];
  }
  id = id_;
}

void Stamp::draw_id() {
  std::array<std::uint8_t, kRandomDigits / 2> bytes{};
  random_.fill(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x40U);  // version 4
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);  // RFC 4122's variant
  id_.clear();
  for (const std::uint8_t byte : bytes) {
    id_ += kHex[byte >> 4U];
    id_ += kHex[byte & 15U];
  }
  id_.resize(kIdDigits, '0');
  id_number_ = 0;
}

void write_head(const Reply& reply, const ReplyFrame& frame, std::string& out) {
  out.assign("HTTP/1.1 ");
  append_number(static_cast<std::uint64_t>(reply.status), out);
  out += ' ';
  out += reason_phrase(reply.status);
  out += "\r\nDate: ";
  out += frame.date;
  out += "\r\nX-Request-Id: ";
  out += frame.request_id;
  for (const auto& [name, value] : reply.headers) {
    if (is_ours(name)) {
      continue;
    }
    out += "\r\n";
    append_clean(name, out);
    out += ": ";
    append_clean(value, out);
  }
  // RFC 9110 8.6 forbids the length in a 204; a 304 would have to give that of another answer.
  if (reply.status != 204 && reply.status != 304) {
    out += "\r\nContent-Length: ";
    append_number(reply.body.size(), out);
  }
  if (frame.close) {
    out += "\r\nConnection: close";
  } else if (!frame.version_1_1) {
    out += "\r\nConnection: keep-alive";
  }
  out += "\r\n\r\n";
}

}  // namespace http
