// Any bytes as a head and, behind it, as a chunked body. What is accepted must be framed in one way
// only, and taking the chunks in pieces must give the same body as taking them at once.

#include "base/check.h"
#include "http/body.h"
#include "http/head.h"
#include "http/router.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

constexpr std::size_t kBodyBytesMax = 4096;

struct Outcome {
  http::Chunks::State state = http::Chunks::State::kMore;
  std::size_t consumed = 0;
  std::string body;
};

/// Reads `bytes`, of which `step` more become known at a time.
Outcome read_chunks(std::string_view bytes, std::size_t step) {
  http::Chunks chunks;
  Outcome outcome;
  std::size_t known = 0;
  while (outcome.state == http::Chunks::State::kMore && known < bytes.size()) {
    known = std::min(bytes.size(), known + step);
    const auto taken = chunks.take(bytes.substr(outcome.consumed, known - outcome.consumed),
                                   kBodyBytesMax, outcome.body);
    outcome.state = taken.state;
    outcome.consumed += taken.consumed;
    CHECK(outcome.consumed <= known && outcome.body.size() <= kBodyBytesMax);
  }
  return outcome;
}

/// As find_head_end() for all bytes, with one more byte known at each call.
http::HeadScan scan_as_it_arrives(std::string_view bytes) {
  http::HeadScan scan;
  for (std::size_t known = 1; known <= bytes.size() && scan.end == 0 && !scan.refusal; ++known) {
    scan = http::find_head_end(bytes.substr(0, known), known - 1);
  }
  return scan;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const http::HeadScan scan = http::find_head_end(bytes, 0);
  const http::HeadScan grown = scan_as_it_arrives(bytes);
  CHECK(grown.end == scan.end && grown.refusal.has_value() == scan.refusal.has_value());
  if (scan.refusal || scan.end == 0) {
    return 0;
  }
  const auto head_bytes = bytes.substr(0, scan.end);
  http::Head head;
  if (http::parse_head(head_bytes, head)) {
    return 0;
  }
  CHECK(!(head.chunked && head.content_length != 0));
  for (const auto& [name, value] : head.headers) {
    CHECK(name.find_first_of("\r\n: ") == std::string_view::npos);
    CHECK(value.find_first_of("\r\n") == std::string_view::npos);
  }
  const auto target = http::split_target(head.method, head.target);
  CHECK(!target || !target->path.empty());
  if (head.chunked) {
    const auto rest = bytes.substr(scan.end);
    const Outcome whole = read_chunks(rest, rest.size());
    const Outcome pieces = read_chunks(rest, 1);
    CHECK(whole.state == pieces.state);
    CHECK(whole.state != http::Chunks::State::kDone ||
          (whole.body == pieces.body && whole.consumed == pieces.consumed));
  }
  return 0;
}
