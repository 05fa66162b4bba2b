// The second half of a connection's cycle: asking the handler, writing what it answers, closing.

#include "http/connection.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace http {
namespace {

/// A buffer that is kept for the next request; larger ones are given back.
constexpr std::size_t kKeptBytes = 4096;
/// How long a refused client may go on sending before the connection is closed.
constexpr std::chrono::milliseconds kDrainTime{5000};
/// How long a client may take to close its side behind the last reply.
constexpr std::chrono::milliseconds kLingerTime{1000};

}  // namespace

void Connection::dispatch(Trouble trouble) {
  state_ = State::kHandling;
  clear_deadline();
  unread_body_ = trouble != Trouble::kNone;
  close_after_reply_ = unread_body_;
  request_.trouble = trouble;
  request_.body = unread_body_ ? std::string_view{} : body_.view();
  in_handler_ = true;
  try {
    route_->handler->handle(request_, Responder(std::shared_ptr<Receiver>(shared_from_this())));
  } catch (const std::exception& error) {
    worker_->shared().log.error("a request handler threw",
                                {{"path", request_.path}, {"what", error.what()}});
  }
  in_handler_ = false;
  if (early_reply_) {
    Reply reply = std::move(*early_reply_);
    early_reply_.reset();
    send(std::move(reply));
  }
}

void Connection::receive(std::shared_ptr<Receiver> self, Reply reply) {
  if (worker_->on_own_thread() && in_handler_) {
    early_reply_ = std::move(reply);
    return;
  }
  // Kept here: dropping the connection inside deliver() may drop its last hold on the worker.
  const std::shared_ptr<Worker> worker = worker_;
  worker->deliver(std::static_pointer_cast<Connection>(std::move(self)), std::move(reply));
}

void Connection::answer(Reply reply) {
  if (state_ == State::kHandling) {
    send(std::move(reply));
  }
}

void Connection::refuse(const Refusal& refusal) {
  worker_->shared().counters.bad_requests_total.fetch_add(1, std::memory_order_relaxed);
  worker_->stamp().fresh_id(request_id_);
  request_.method = {};
  unread_body_ = true;
  Reply reply;
  reply.status = refusal.status;
  reply.close = true;
  reply.add("Content-Type", "text/plain; charset=utf-8");
  reply.body = std::string(refusal.reason) + "\n";
  send(std::move(reply));
}

void Connection::send(Reply reply) {
  const bool last = worker_->shared().stopping.load(std::memory_order_relaxed) && input().empty();
  close_after_reply_ = close_after_reply_ || reply.close || !head_.keep_alive || last;
  write_head(reply,
             {.date = worker_->stamp().date(),
              .request_id = request_id_,
              .version_1_1 = head_.version_1_1,
              .close = close_after_reply_},
             out_head_);
  out_body_.clear();
  if (request_.method != "HEAD" && reply.status != 204 && reply.status != 304) {
    out_body_ = std::move(reply.body);
  }
  written_ = 0;
  state_ = State::kWriting;
  write_rest();
}

void Connection::write_rest() {
  const std::string_view head(out_head_);
  const std::string_view body(out_body_);
  const std::size_t of_head = std::min(written_, head.size());
  set_deadline(options().write_timeout);  // anew with every piece the client takes
  transport_->write(head.substr(of_head), body.substr(written_ - of_head), shared_from_this());
}

void Connection::on_write(bool ok, std::size_t bytes) {
  if (state_ == State::kClosed) {
    return;
  }
  if (!ok) {
    close();
    return;
  }
  written_ += bytes;
  if (written_ < out_head_.size() + out_body_.size()) {
    write_rest();
  } else if (state_ == State::kContinue) {
    state_ = head_.chunked ? State::kChunkedBody : State::kLengthBody;
    set_deadline(options().body_timeout);
    advance();
  } else {
    end_of_reply();
  }
}

void Connection::end_of_reply() {
  if (out_body_.capacity() > kKeptBytes) {
    std::string().swap(out_body_);
  }
  if (close_after_reply_) {
    finish();
    return;
  }
  body_.clear();
  if (in_begin_ == in_end_ && in_.size() > kKeptBytes) {
    std::string().swap(in_);
    in_begin_ = 0;
    in_end_ = 0;
  }
  begin_head(options().idle_timeout);
  advance();
}

void Connection::finish() {
  state_ = State::kFinishing;
  set_deadline(unread_body_ ? kDrainTime : kLingerTime);
  transport_->finish(reading_, shared_from_this());
}

void Connection::on_finished() {
  if (state_ == State::kFinishing && !reading_) {
    in_begin_ = 0;
    in_end_ = 0;
    read_more();
  }
}

}  // namespace http
