#include "http/body.h"

#include "http/head.h"
#include "http/message.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace http {
namespace {

/// What every connection may keep without being charged for it: most events fit.
constexpr std::size_t kFreeBytes = 4096;
/// First room of a larger body.
constexpr std::size_t kStepBytes = std::size_t{16} << 10U;

/// A chunk's size line, or all trailer fields together.
constexpr std::size_t kLineBytesMax = 8192;
constexpr std::string_view kLineEnd = "\r\n";

Chunks::Step refused(std::string_view reason) { return {Chunks::State::kRefused, 0, reason}; }

}  // namespace

bool Body::make_room(std::size_t bytes, std::size_t total) {
  const std::size_t needed = size_ + bytes;
  if (needed <= bytes_.size()) {
    return true;
  }
  const std::size_t step = std::max(kStepBytes, 2 * bytes_.size());
  const std::size_t room = std::max(needed, std::min(total, step));
  const std::size_t charge = room > kFreeBytes ? room : 0;
  if (charge > charged_) {
    if (!memory_.acquire(charge - charged_)) {
      return false;
    }
    charged_ = charge;
  }
  bytes_.resize(room);
  return true;
}

std::span<char> Body::free_space(std::size_t total) {
  const std::size_t end = std::min(bytes_.size(), total);
  return {bytes_.data() + size_, end > size_ ? end - size_ : 0};
}

void Body::append(std::string_view bytes) {
  std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += bytes.size();
}

void Body::clear() {
  size_ = 0;
  if (charged_ > 0) {
    std::string().swap(bytes_);
    memory_.release(charged_);
    charged_ = 0;
  }
}

Chunks::Step Chunks::take(std::string_view bytes, std::uint64_t body_bytes_max, std::string& body) {
  Step all;
  while (true) {
    const std::string_view rest = bytes.substr(all.consumed);
    const bool data = expected_ == Expected::kData && left_ > 0;
    const Step step = data ? take_data(rest, body) : take_line(rest, body_bytes_max);
    all.consumed += step.consumed;
    if (step.state != State::kMore || step.consumed == 0) {
      all.state = step.state;
      all.reason = step.reason;
      return all;
    }
  }
}

Chunks::Step Chunks::take_data(std::string_view bytes, std::string& body) {
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_));
  body.append(bytes.substr(0, taken));
  left_ -= taken;
  return {State::kMore, taken, {}};
}

Chunks::Step Chunks::take_line(std::string_view bytes, std::uint64_t body_bytes_max) {
  if (expected_ == Expected::kData && !kLineEnd.starts_with(bytes.substr(0, kLineEnd.size()))) {
    return refused("a chunk is longer than its size");
  }
  const std::size_t line_feed = bytes.find('\n');
  if (trailer_bytes_ + std::min(line_feed, bytes.size()) > kLineBytesMax) {
    return refused("a chunk's size line or trailer is too long");
  }
  if (line_feed == std::string_view::npos) {
    return {};
  }
  if (line_feed == 0 || bytes[line_feed - 1] != '\r') {
    return refused("a line of the chunked body does not end in CR LF");
  }
  const std::string_view line = bytes.substr(0, line_feed + 1);
  Step step;
  switch (expected_) {
    case Expected::kSize: step = begin_chunk(line, body_bytes_max); break;
    case Expected::kData: expected_ = Expected::kSize; break;
    case Expected::kTrailer: step = take_trailer(line); break;
  }
  step.consumed = line.size();
  return step;
}

Chunks::Step Chunks::begin_chunk(std::string_view line, std::uint64_t body_bytes_max) {
  const char* const end = line.data() + line.size() - kLineEnd.size();
  const auto [stop, error] = std::from_chars(line.data(), end, left_, 16);
  if (error == std::errc() && stop != end && (*stop == ';' || *stop == ' ' || *stop == '\t')) {
    return refused("chunk extensions are not accepted");
  }
  if (error != std::errc() || stop != end) {
    return refused("a chunk's size is not a hexadecimal number");
  }
  if (left_ > body_bytes_max || announced_ > body_bytes_max - left_) {
    return {State::kTooLarge, 0, {}};
  }
  announced_ += left_;
  expected_ = left_ == 0 ? Expected::kTrailer : Expected::kData;
  return {};
}

Chunks::Step Chunks::take_trailer(std::string_view line) {
  if (line == kLineEnd) {
    return {State::kDone, 0, {}};
  }
  trailer_bytes_ += line.size();
  std::string_view name;
  std::string_view value;
  if (!take_field(line, name, value)) {
    return refused("a trailer field is malformed");
  }
  // RFC 9110 6.5.1: what frames a message cannot come behind it.
  if (equal_ignoring_case(name, "Content-Length") ||
      equal_ignoring_case(name, "Transfer-Encoding") || equal_ignoring_case(name, "Host")) {
    return refused("a trailer field frames the message");
  }
  return {};
}

}  // namespace http
