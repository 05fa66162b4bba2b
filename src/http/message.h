#pragma once
// What a request is to a handler, and what it answers. Knows nothing of events.

#include "base/clock.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

/// Why a request is handed over although it cannot be read whole, so that each API refuses in its
/// own language. The body is then empty; the connection closes after the reply.
enum class Trouble : std::uint8_t {
  kNone,
  kBodyTooLarge,  ///< Over the route's limit, by Content-Length or while reading.
  kOverloaded,    ///< The server's memory for bodies is used up.
  kBodyTimeout,   ///< The body did not arrive in time.
};

/// Lifetime: views point into the connection's buffers and stay valid until the Responder is used
/// or destroyed.
struct Request {
  std::string_view method;
  std::string_view target;  ///< As sent: path and query.
  std::string_view path;    ///< Up to "?", still percent-encoded.
  std::string_view query;   ///< Behind "?", still encoded.
  std::vector<std::pair<std::string_view, std::string_view>> headers;  ///< Names as sent.
  std::string_view body;                                               ///< Transfer coding undone.
  std::string_view peer_ip;    ///< Who connected; behind a trusted proxy the client it names.
  std::string_view socket_ip;  ///< Who connected, in any case.
  std::string_view request_id;
  base::Time received_at{};
  bool secure = false;  ///< TLS, or a trusted proxy says X-Forwarded-Proto: https.
  Trouble trouble = Trouble::kNone;

  /// Value of the first header of that name (any case), or "".
  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// All values of that name joined by ", ".
  [[nodiscard]] std::string joined_header(std::string_view name) const;
};

/// Content-Length, Date, Connection and the request id header are added by the server.
struct Reply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool close = false;  ///< Close the connection behind this reply.

  Reply& add(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

/// Who waits for an answer: a connection.
class Receiver {
 public:
  Receiver() = default;
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  virtual ~Receiver() = default;
  /// From any thread. `self` is what kept the receiver.
  virtual void receive(std::shared_ptr<Receiver> self, Reply reply) = 0;
};

/// Sends the one answer to a request. May be moved to, and used from, any thread. Destroying it
/// unused answers 500 and closes.
class Responder {
 public:
  explicit Responder(std::shared_ptr<Receiver> receiver) : receiver_(std::move(receiver)) {}
  /// For whoever is no connection.
  explicit Responder(std::function<void(Reply)> send)
      : receiver_(std::make_shared<Function>(std::move(send))) {}
  Responder(Responder&& other) noexcept = default;
  Responder& operator=(Responder&& other) noexcept {
    std::swap(receiver_, other.receiver_);
    return *this;
  }
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  ~Responder() {
    if (receiver_) {
      Reply reply;
      reply.status = 500;
      reply.close = true;
      (*this)(std::move(reply));
    }
  }

  void operator()(Reply reply) {
    Receiver& receiver = *receiver_;
    receiver.receive(std::move(receiver_), std::move(reply));
  }

 private:
  class Function final : public Receiver {
   public:
    explicit Function(std::function<void(Reply)> send) : send_(std::move(send)) {}
    void receive(std::shared_ptr<Receiver> /*self*/, Reply reply) override {
      send_(std::move(reply));
    }

   private:
    const std::function<void(Reply)> send_;
  };

  std::shared_ptr<Receiver> receiver_;
};

/// A part of the program that answers requests. Threads: called from every server thread at once.
class Handler {
 public:
  Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  virtual ~Handler() = default;

  /// Answers through `respond`, now or later, from any thread. `request` lives until then. Must
  /// not block.
  virtual void handle(const Request& request, Responder respond) = 0;
};

/// ASCII letters compared without their case.
bool equal_ignoring_case(std::string_view left, std::string_view right);
/// The canonical reason of a status: "OK", "Accepted", ...
std::string_view reason_phrase(int status);

}  // namespace http
