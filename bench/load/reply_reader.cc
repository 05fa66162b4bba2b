#include "load/reply_reader.h"

#include <algorithm>
#include <charconv>

namespace load {
namespace {

constexpr std::size_t kHeadBytesMax = 16384;
constexpr std::size_t kKeptBytesMax = 256;
constexpr std::string_view kVersion = "HTTP/1.1 ";
constexpr int kNoContent = 204;
constexpr int kNotModified = 304;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// The value of `line` if it is the field `name` (in lower case), else nothing.
bool is_field(std::string_view line, std::string_view name, std::string_view& value) {
  if (line.size() <= name.size() || line[name.size()] != ':' || lower(line[0]) != name[0] ||
      !std::equal(name.begin(), name.end(), line.begin(),
                  [](char wanted, char seen) { return wanted == lower(seen); })) {
    return false;
  }
  value = line.substr(name.size() + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  return true;
}

}  // namespace

ReplyReader::State ReplyReader::feed(std::string_view bytes) {
  begun_ = begun_ || !bytes.empty();
  if (in_body_) {
    return take_body(bytes);
  }
  if (!pending_.empty()) {
    pending_.append(bytes);
    const std::string whole = std::move(pending_);
    pending_.clear();
    return protocol_ == Protocol::kHttp ? feed_http(whole) : feed_redis(whole);
  }
  return protocol_ == Protocol::kHttp ? feed_http(bytes) : feed_redis(bytes);
}

ReplyReader::State ReplyReader::feed_http(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    pending_ = bytes;
    return bytes.size() > kHeadBytesMax ? broken("a head longer than 16 KiB") : State::kMore;
  }
  const State head = read_head(bytes.substr(0, end + 2));
  return head == State::kMore ? take_body(bytes.substr(end + 4)) : head;
}

ReplyReader::State ReplyReader::read_head(std::string_view head) {
  if (!head.starts_with(kVersion) || head.size() < kVersion.size() + 3) {
    return broken(head.substr(0, std::min<std::size_t>(head.find('\r'), 60)));
  }
  const char* const digits = head.data() + kVersion.size();
  std::from_chars(digits, digits + 3, status_);
  for (std::size_t at = head.find('\n') + 1; at < head.size();) {
    const std::size_t end = head.find('\r', at);
    read_field(head.substr(at, end - at));
    at = end + 2;
  }
  if (status_ == kNoContent || status_ == kNotModified) {
    body_left_ = 0;
  } else if (!has_length_) {
    return broken("an answer without Content-Length");
  }
  in_body_ = true;
  return State::kMore;
}

void ReplyReader::read_field(std::string_view line) {
  std::string_view value;
  if (is_field(line, "content-length", value)) {
    has_length_ =
        std::from_chars(value.data(), value.data() + value.size(), body_left_).ec == std::errc();
  } else if (is_field(line, "connection", value)) {
    closes_ = lower(value.empty() ? ' ' : value[0]) == 'c';
  } else if (is_field(line, "x-catchment-error", value)) {
    complaint_ = value;
  }
}

ReplyReader::State ReplyReader::take_body(std::string_view bytes) {
  const std::string_view mine = bytes.substr(0, body_left_);
  body_.append(mine.substr(0, kKeptBytesMax - std::min(body_.size(), kKeptBytesMax)));
  body_left_ -= mine.size();
  if (mine.size() < bytes.size()) {
    return broken("more than was announced");
  }
  return body_left_ == 0 ? State::kDone : State::kMore;
}

ReplyReader::State ReplyReader::feed_redis(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n");
  if (end == std::string_view::npos) {
    pending_ = bytes;
    return bytes.size() > kHeadBytesMax ? broken("a line longer than 16 KiB") : State::kMore;
  }
  body_ = bytes.substr(0, std::min(end, kKeptBytesMax));
  if (bytes[0] != ':' && bytes[0] != '-') {
    return broken(body_);
  }
  status_ = bytes[0] == ':' ? 200 : 500;
  return State::kDone;
}

ReplyReader::State ReplyReader::broken(std::string_view why) {
  complaint_ = "not understood: ";
  complaint_.append(why);
  return State::kBroken;
}

std::string_view ReplyReader::text() const { return complaint_.empty() ? body_ : complaint_; }

void ReplyReader::reset() {
  begun_ = false;
  in_body_ = false;
  closes_ = false;
  has_length_ = false;
  status_ = 0;
  body_left_ = 0;
  pending_.clear();
  body_.clear();
  complaint_.clear();
}

}  // namespace load
