#pragma once
// One connection: reads a request within its limits and deadlines, has it answered, writes the
// reply, and begins again with the bytes already there. Lives on its worker's thread; Responders
// keep it alive, so that the views of a Request stay valid although the client has gone.

#include "http/address.h"
#include "http/body.h"
#include "http/head.h"
#include "http/message.h"
#include "http/transport.h"
#include "http/worker.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace http {

class Connection final : public TransportEvents,
                         public Receiver,
                         public std::enable_shared_from_this<Connection> {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  Connection(std::shared_ptr<Worker> worker, std::unique_ptr<Transport> transport,
             const Address& peer);
  ~Connection() override;

  void start();
  /// A reply from another thread; dropped unless this connection still waits for it.
  void answer(Reply reply);
  /// Ends what has taken longer than it may.
  void check_deadline(Steady now);
  /// Closes when nothing has arrived, else after the replies to what has.
  void begin_stop();
  void close();

  std::size_t worker_index = 0;  ///< The Worker's own: where it keeps this connection.

 private:
  enum class State : std::uint8_t {
    kHandshake,
    kHead,
    kContinue,  ///< Writing "100 Continue".
    kLengthBody,
    kChunkedBody,
    kHandling,
    kWriting,
    kFinishing,
    kClosed,
  };

  void on_handshake(bool ok) override;
  void on_read(bool ok, std::size_t bytes) override;
  void on_write(bool ok, std::size_t bytes) override;
  void on_finished() override;
  void receive(std::shared_ptr<Receiver> self, Reply reply) override;

  void advance();
  bool step();
  bool step_head();
  bool step_length_body();
  bool step_chunked_body();
  void begin_request();
  void begin_body();
  void find_peer();
  bool take_input_into_body();
  void dispatch(Trouble trouble);
  void refuse(const Refusal& refusal);
  void send(Reply reply);
  void write_rest();
  void end_of_reply();
  void finish();

  void read_more();
  [[nodiscard]] std::string_view input() const;
  void consume(std::size_t bytes);
  void begin_head(std::chrono::milliseconds until_first_byte);
  void set_deadline(std::chrono::milliseconds from_now);
  void clear_deadline() { deadline_ = Steady::max(); }
  [[nodiscard]] const Options& options() const { return worker_->shared().options; }

  const std::shared_ptr<Worker> worker_;  // first: owns the loop the transport belongs to
  const std::unique_ptr<Transport> transport_;
  State state_ = State::kHandshake;
  Steady deadline_ = Steady::max();
  bool advancing_ = false;
  bool reading_ = false;
  bool in_handler_ = false;

  std::string in_;  ///< What was read and not used yet is [in_begin_, in_end_).
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;
  std::size_t scanned_ = 0;  ///< Of the input, looked through for the end of the head.

  Head head_;
  std::string head_bytes_;
  Body body_;
  Chunks chunks_;
  std::string chunk_bytes_;  ///< What was just taken out of the chunks.
  const Route* route_ = nullptr;
  const Address socket_address_;
  const std::string socket_ip_;
  std::string peer_ip_;
  std::string request_id_;
  Request request_;

  std::optional<Reply> early_reply_;  ///< Given while handle() was still running.
  std::string out_head_;
  std::string out_body_;
  std::size_t written_ = 0;
  bool head_started_ = false;  ///< The first byte of a head has come; its deadline runs.
  bool close_after_reply_ = false;
  bool unread_body_ = false;  ///< Refused before the body was read: the client may still send it.
  std::size_t drained_ = 0;
};

}  // namespace http
