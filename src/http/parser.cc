#include "http/parser.h"

#include "base/text.h"
#include "http/message.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

namespace http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using BeastView = beast::string_view;

constexpr std::size_t kHeadersMax = 256;
/// A chunk's size line, or all trailer fields together.
constexpr std::size_t kChunkLineBytesMax = 8192;

/// Less than the last chunk, "0" and two line ends, but perhaps its beginning. Beast 1.81 asserts
/// that it sees all of it when it looks at it for the second time; no body ends with less.
bool may_begin_last_chunk(std::string_view bytes) {
  constexpr std::size_t kLastChunkBytes = 5;
  return bytes.size() < kLastChunkBytes && bytes.starts_with('0') &&
         bytes.find('\r') != std::string_view::npos;
}

std::string_view view(BeastView text) { return {text.data(), text.size()}; }

/// Beast's grammar with our callbacks.
class Grammar final : public beast::http::basic_parser<true> {
 public:
  explicit Grammar(Head& head) : head_(head) {
    header_limit(UINT32_MAX);  // the connection bounds the head before it comes here
    body_limit(boost::none);
  }
  void set_body(std::string* body, std::size_t body_bytes_max) {
    body_ = body;
    body_bytes_max_ = body_bytes_max;
  }
  [[nodiscard]] bool too_large() const { return too_large_; }
  [[nodiscard]] std::string_view reason() const { return reason_; }

 private:
  void on_request_impl(beast::http::verb /*verb*/, BeastView method, BeastView target, int version,
                       error_code& ec) override {
    head_.version_1_1 = version == 11;
    head_.method = view(method);
    head_.target = view(target);
    ec = {};
  }
  void on_response_impl(int /*status*/, BeastView /*reason*/, int /*version*/,
                        error_code& ec) override {
    ec = {};
  }
  void on_field_impl(beast::http::field /*field*/, BeastView name, BeastView value,
                     error_code& ec) override {
    ec = {};
    if (!head_done_) {
      head_.headers.emplace_back(view(name), view(value));
    }
  }
  void on_header_impl(error_code& ec) override {
    head_done_ = true;
    ec = {};
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>& /*content_length*/,
                         error_code& ec) override {
    ec = {};
  }
  std::size_t on_body_impl(BeastView body, error_code& ec) override {
    ec = {};
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t size, BeastView extensions, error_code& ec) override {
    ec = {};
    if (!extensions.empty()) {
      reason_ = "chunk extensions are not accepted";
      ec = beast::http::error::bad_chunk_extension;
    } else if (size > body_bytes_max_ || announced_ > body_bytes_max_ - size) {
      too_large_ = true;
      ec = beast::http::error::body_limit;
    } else {
      announced_ += size;
    }
  }
  std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, BeastView body,
                                 error_code& ec) override {
    ec = {};
    body_->append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(error_code& ec) override { ec = {}; }

  Head& head_;
  std::string* body_ = nullptr;
  std::uint64_t body_bytes_max_ = 0;
  std::uint64_t announced_ = 0;  // by the chunks so far
  std::string_view reason_;
  bool head_done_ = false;
  bool too_large_ = false;
};

/// In an unfinished size line or trailer, where the grammar waits for CR LF however long.
bool has_bare_line_feed(std::string_view line) {
  const std::size_t at = line.find('\n');
  return at != std::string_view::npos && (at == 0 || line[at - 1] != '\r');
}

Refusal refusal_of(error_code ec) {
  using beast::http::error;
  if (ec == error::bad_version) {
    return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  }
  if (ec == error::bad_method) {
    return {400, "the method is not a token"};
  }
  if (ec == error::bad_target) {
    return {400, "the request target holds characters that are not allowed"};
  }
  if (ec == error::bad_content_length || ec == error::multiple_content_length) {
    return {400, "Content-Length is not one decimal number, or stands beside Transfer-Encoding"};
  }
  if (ec == error::bad_transfer_encoding) {
    return {400, "Transfer-Encoding is repeated, or stands beside Content-Length"};
  }
  return {400, "the request head is not HTTP/1.1"};
}

/// Counts of the fields that decide who is asked and where the body ends.
struct Framing {
  int hosts = 0;
  int lengths = 0;
  int encodings = 0;
  bool encoding_is_chunked = false;
  bool length_is_number = true;
  bool host_is_valid = true;
  std::string_view expectation;
};

Framing framing_of(const Head& head) {
  Framing framing;
  for (const auto& [name, value] : head.headers) {
    if (equal_ignoring_case(name, "Host")) {
      ++framing.hosts;
      framing.host_is_valid = value.find_first_of(" \t,/\\@?#") == std::string_view::npos;
    } else if (equal_ignoring_case(name, "Content-Length")) {
      ++framing.lengths;
      framing.length_is_number =
          !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
    } else if (equal_ignoring_case(name, "Transfer-Encoding")) {
      ++framing.encodings;
      framing.encoding_is_chunked = equal_ignoring_case(base::trim(value), "chunked");
    } else if (equal_ignoring_case(name, "Expect")) {
      framing.expectation = value;
    }
  }
  return framing;
}

std::optional<Refusal> check_framing(const Framing& framing, Head& head) {
  if (framing.hosts > 1 || !framing.host_is_valid) {
    return Refusal{400, "Host is repeated or is not a host"};
  }
  if (framing.hosts == 0 && head.version_1_1) {
    return Refusal{400, "Host is missing"};
  }
  if (framing.lengths > 1 || !framing.length_is_number) {
    return Refusal{400, "Content-Length is not one decimal number"};
  }
  if (framing.encodings > 1 || (framing.encodings == 1 && framing.lengths > 0)) {
    return Refusal{400, "Transfer-Encoding is repeated, or stands beside Content-Length"};
  }
  if (framing.encodings == 1 && !head.version_1_1) {
    return Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
  }
  // Beast takes an unknown transfer coding for "no body": the body would be the next request.
  if (framing.encodings == 1 && !(framing.encoding_is_chunked && head.chunked)) {
    return Refusal{501, "the only Transfer-Encoding known here is chunked"};
  }
  if (head.version_1_1 && !framing.expectation.empty()) {
    if (!equal_ignoring_case(framing.expectation, "100-continue")) {
      return Refusal{417, "the only expectation known here is 100-continue"};
    }
    head.expects_continue = true;
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

struct Parser::Impl {
  Head unused;
  std::optional<Grammar> grammar;
};

Parser::Parser() : impl_(std::make_unique<Impl>()) {}
Parser::~Parser() = default;

std::optional<Refusal> Parser::parse_head(std::string_view bytes, Head& head) {
  auto headers = std::move(head.headers);  // keeps its capacity
  headers.clear();
  head = Head{};
  head.headers = std::move(headers);
  Grammar& grammar = impl_->grammar.emplace(head);
  error_code ec;
  const std::size_t consumed = grammar.put(boost::asio::buffer(bytes.data(), bytes.size()), ec);
  if (ec || consumed != bytes.size() || !grammar.is_header_done()) {
    return refusal_of(ec);
  }
  if (head.headers.size() > kHeadersMax) {
    return Refusal{431, "more than 256 header fields"};
  }
  head.keep_alive = grammar.keep_alive();
  head.chunked = grammar.chunked();
  head.content_length = head.chunked ? 0 : grammar.content_length().value_or(0);
  return check_framing(framing_of(head), head);
}

Parser::ChunkStep Parser::parse_chunks(std::string_view bytes, std::size_t body_bytes_max,
                                       std::string& body) {
  Grammar& grammar = *impl_->grammar;
  grammar.set_body(&body, body_bytes_max);
  std::size_t consumed = 0;
  while (!grammar.is_done()) {
    error_code ec;
    const auto rest = bytes.substr(consumed);
    if (may_begin_last_chunk(rest)) {
      return {ChunkState::kMore, consumed, {}};
    }
    const std::size_t taken = grammar.put(boost::asio::buffer(rest.data(), rest.size()), ec);
    consumed += taken;
    if (ec == beast::http::error::need_more || (!ec && !grammar.is_done() && taken == 0)) {
      if (bytes.size() - consumed > kChunkLineBytesMax) {
        return {ChunkState::kRefused, consumed, "a chunk's size line or trailer is too long"};
      }
      if (has_bare_line_feed(bytes.substr(consumed))) {
        return {ChunkState::kRefused, consumed, "a line of the chunked body does not end in CR LF"};
      }
      return {ChunkState::kMore, consumed, {}};
    }
    if (grammar.too_large()) {
      return {ChunkState::kTooLarge, consumed, {}};
    }
    if (ec) {
      return {ChunkState::kRefused, consumed,
              grammar.reason().empty() ? "the chunked body is malformed" : grammar.reason()};
    }
    if (consumed == bytes.size() && !grammar.is_done()) {
      return {ChunkState::kMore, consumed, {}};
    }
  }
  return {ChunkState::kDone, consumed, {}};
}

}  // namespace http
