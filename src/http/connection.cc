#include "http/connection.h"

#include "base/text.h"
#include "http/message.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace http {
namespace {

constexpr std::size_t kReadBytes = 4096;
constexpr std::size_t kChunkedReadBytes = std::size_t{16} << 10U;
/// A client that is still sending when it was refused reads the answer only after it has sent all;
/// closing at once would reset the connection and lose the answer.
constexpr std::size_t kDrainBytesMax = std::size_t{16} << 20U;
constexpr std::string_view kContinueReply = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Connection::Connection(std::shared_ptr<Worker> worker, std::unique_ptr<Transport> transport,
                       const Address& peer)
    : worker_(std::move(worker)),
      transport_(std::move(transport)),
      body_(worker_->shared().body_memory),
      socket_address_(peer),
      socket_ip_(format_address(peer)) {}

Connection::~Connection() = default;

void Connection::start() {
  set_deadline(options().header_timeout);
  transport_->handshake(shared_from_this());
}

void Connection::on_handshake(bool ok) {
  if (state_ == State::kClosed) {
    return;
  }
  if (!ok) {
    close();
    return;
  }
  begin_head(options().header_timeout);
  head_started_ = true;  // a new connection has no idle time of its own
  advance();
}

void Connection::on_read(bool ok, std::size_t bytes) {
  reading_ = false;
  switch (state_) {
    case State::kHead:
    case State::kChunkedBody: in_end_ += bytes; break;
    case State::kLengthBody: body_.added(bytes); break;
    case State::kFinishing:
      drained_ += bytes;
      if (!ok || drained_ > kDrainBytesMax) {
        close();
      } else {
        read_more();
      }
      return;
    default: return;  // came in after its deadline; the connection is closing
  }
  if (!ok) {
    close();
    return;
  }
  if (state_ == State::kHead && !head_started_) {
    head_started_ = true;
    set_deadline(options().header_timeout);
  }
  advance();
}

void Connection::advance() {
  if (advancing_) {
    return;
  }
  advancing_ = true;
  while (step()) {
  }
  advancing_ = false;
}

/// One step of reading; false when there is something to wait for.
bool Connection::step() {
  switch (state_) {
    case State::kHead: return step_head();
    case State::kLengthBody: return step_length_body();
    case State::kChunkedBody: return step_chunked_body();
    default: return false;
  }
}

bool Connection::step_head() {
  while (scanned_ == 0 && input().starts_with("\r\n")) {
    consume(2);  // RFC 9112 2.2: an empty line before a request is ignored
  }
  if (input() == "\r") {
    read_more();
    return false;
  }
  const auto bytes = input();
  const HeadScan scan = find_head_end(bytes, scanned_);
  const std::size_t head_bytes_max = options().header_bytes_max;
  if (scan.refusal) {
    refuse(*scan.refusal);
    return false;
  }
  if (scan.end > head_bytes_max || (scan.end == 0 && bytes.size() >= head_bytes_max)) {
    refuse({431, "the request head is too large"});
    return false;
  }
  if (scan.end == 0) {
    scanned_ = bytes.size();
    read_more();
    return false;
  }
  head_bytes_.assign(bytes.substr(0, scan.end));
  consume(scan.end);
  begin_request();
  return state_ != State::kHead;
}

void Connection::begin_request() {
  request_.received_at = worker_->stamp().now();
  if (const auto refusal = parse_head(head_bytes_, head_)) {
    refuse(*refusal);
    return;
  }
  const auto target = split_target(head_.method, head_.target);
  if (!target) {
    refuse({400, "the request target is not a path"});
    return;
  }
  worker_->stamp().fresh_id(request_id_);
  request_.method = head_.method;
  request_.target = target->target;
  request_.path = target->path;
  request_.query = target->query;
  request_.headers.swap(head_.headers);  // both keep their capacity
  request_.request_id = request_id_;
  find_peer();
  worker_->shared().counters.requests_total.fetch_add(1, std::memory_order_relaxed);
  begin_body();
}

void Connection::find_peer() {
  const TrustedProxies& proxies = worker_->shared().proxies;
  request_.socket_ip = socket_ip_;
  request_.peer_ip = socket_ip_;
  request_.secure = transport_->needs_handshake();
  if (proxies.empty() || !proxies.contains(socket_address_)) {
    return;
  }
  const Address client = proxies.client(socket_address_, request_.joined_header("X-Forwarded-For"));
  peer_ip_ = format_address(client);
  request_.peer_ip = peer_ip_;
  const std::string protocols = request_.joined_header("X-Forwarded-Proto");
  const auto comma = protocols.rfind(',');
  const auto nearest =
      std::string_view(protocols).substr(comma == std::string::npos ? 0 : comma + 1);
  request_.secure = request_.secure || equal_ignoring_case(base::trim(nearest), "https");
}

void Connection::begin_body() {
  route_ = &worker_->shared().router.find(request_.path);
  if (head_.content_length > route_->body_bytes_max) {
    dispatch(Trouble::kBodyTooLarge);
    return;
  }
  if (!head_.chunked && head_.content_length == 0) {
    dispatch(Trouble::kNone);
    return;
  }
  chunks_.reset();
  state_ = head_.chunked ? State::kChunkedBody : State::kLengthBody;
  set_deadline(options().body_timeout);
  if (head_.expects_continue && input().empty()) {
    state_ = State::kContinue;
    out_head_ = kContinueReply;
    out_body_.clear();
    written_ = 0;
    transport_->write(out_head_, {}, shared_from_this());
  }
}

/// Moves what was read behind the head; false when the request was dispatched for lack of memory.
bool Connection::take_input_into_body() {
  const auto bytes = input().substr(0, head_.content_length - body_.size());
  if (!bytes.empty()) {
    if (!body_.make_room(bytes.size(), head_.content_length)) {
      return false;
    }
    body_.append(bytes);
    consume(bytes.size());
  }
  return body_.size() == head_.content_length || body_.make_room(1, head_.content_length);
}

bool Connection::step_length_body() {
  if (!take_input_into_body()) {
    dispatch(Trouble::kOverloaded);
    return false;
  }
  if (body_.size() == head_.content_length) {
    dispatch(Trouble::kNone);
    return false;
  }
  reading_ = true;
  transport_->read(body_.free_space(head_.content_length), shared_from_this());
  return false;
}

bool Connection::step_chunked_body() {
  chunk_bytes_.clear();
  const auto step = chunks_.take(input(), route_->body_bytes_max, chunk_bytes_);
  consume(step.consumed);
  if (step.state == Chunks::State::kRefused) {
    refuse({400, step.reason});
    return false;
  }
  if (step.state == Chunks::State::kTooLarge) {
    dispatch(Trouble::kBodyTooLarge);
    return false;
  }
  if (!chunk_bytes_.empty()) {
    if (!body_.make_room(chunk_bytes_.size(), route_->body_bytes_max)) {
      dispatch(Trouble::kOverloaded);
      return false;
    }
    body_.append(chunk_bytes_);
  }
  if (step.state == Chunks::State::kDone) {
    dispatch(Trouble::kNone);
    return false;
  }
  read_more();
  return false;
}

void Connection::begin_head(std::chrono::milliseconds until_first_byte) {
  state_ = State::kHead;
  scanned_ = 0;
  head_started_ = !input().empty();
  set_deadline(head_started_ ? options().header_timeout : until_first_byte);
}

void Connection::read_more() {
  const std::size_t wanted = state_ == State::kHead ? kReadBytes : kChunkedReadBytes;
  if (state_ == State::kFinishing || in_begin_ == in_end_) {
    in_begin_ = 0;
    in_end_ = 0;
  }
  if (in_.size() - in_end_ < wanted / 4 && in_begin_ > 0) {
    std::copy(in_.begin() + static_cast<std::ptrdiff_t>(in_begin_),
              in_.begin() + static_cast<std::ptrdiff_t>(in_end_), in_.begin());
    in_end_ -= in_begin_;
    in_begin_ = 0;
  }
  if (in_.size() - in_end_ < wanted / 4) {
    in_.resize(std::max(wanted, 2 * in_.size()));
  }
  reading_ = true;
  transport_->read({in_.data() + in_end_, in_.size() - in_end_}, shared_from_this());
}

std::string_view Connection::input() const {
  return std::string_view(in_).substr(in_begin_, in_end_ - in_begin_);
}

void Connection::consume(std::size_t bytes) { in_begin_ += bytes; }

void Connection::set_deadline(std::chrono::milliseconds from_now) {
  deadline_ = worker_->shared().clock.steady_now() + from_now;
}

void Connection::check_deadline(Steady now) {
  if (now < deadline_) {
    return;
  }
  const bool reading_body = state_ == State::kLengthBody || state_ == State::kChunkedBody;
  if (reading_body) {
    dispatch(Trouble::kBodyTimeout);
  } else if (state_ == State::kHead && !input().empty()) {
    refuse({408, "the request head did not arrive in time"});
  } else {
    close();
  }
}

void Connection::begin_stop() {
  const bool nothing_arrived =
      state_ == State::kHead && input().empty() && transport_->available() == 0;
  if (nothing_arrived || state_ == State::kHandshake) {
    close();
  }
}

void Connection::close() {
  if (state_ == State::kClosed) {
    return;
  }
  state_ = State::kClosed;
  transport_->close();
  worker_->remove(*this);
}

}  // namespace http
