#pragma once
// The bytes of one connection, plain or through TLS. The Connection decides what is read and
// written; this is the only place, beside the Worker, that knows Asio. On the worker's thread only.

#include "base/result.h"
#include "http/server.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace boost::asio {
class io_context;
namespace ssl {
class context;
}
}  // namespace boost::asio

namespace http {

/// Who is told when an operation is done. Kept alive by the operations that are under way.
class TransportEvents {
 public:
  TransportEvents() = default;
  TransportEvents(const TransportEvents&) = delete;
  TransportEvents& operator=(const TransportEvents&) = delete;
  virtual ~TransportEvents() = default;

  virtual void on_handshake(bool ok) = 0;
  virtual void on_read(bool ok, std::size_t bytes) = 0;   ///< Not ok: the end, or an error.
  virtual void on_write(bool ok, std::size_t bytes) = 0;  ///< May be fewer than were given.
  virtual void on_finished() = 0;
};
using EventsPtr = std::shared_ptr<TransportEvents>;

/// At most one read and one write at a time. Buffers stay valid until the operation is done.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  virtual void handshake(EventsPtr events) = 0;
  virtual void read(std::span<char> into, EventsPtr events) = 0;
  virtual void write(std::string_view first, std::string_view second, EventsPtr events) = 0;
  /// Says that nothing more will be written; afterwards read() gives bytes only good for dropping.
  virtual void finish(bool read_pending, EventsPtr events) = 0;
  /// Bytes the kernel holds that were not read yet.
  [[nodiscard]] virtual std::size_t available() = 0;
  /// Ends everything under way; its events come as failures.
  virtual void close() = 0;
  [[nodiscard]] virtual bool needs_handshake() const = 0;
};

/// Takes over `socket`, a connected, non-blocking TCP socket of IPv4 or IPv6.
std::unique_ptr<Transport> make_plain_transport(boost::asio::io_context& loop, int socket,
                                                bool ipv6);
std::unique_ptr<Transport> make_tls_transport(boost::asio::io_context& loop, int socket, bool ipv6,
                                              boost::asio::ssl::context& tls);

/// Certificate and key as a TLS context: TLS 1.2 or newer, HTTP/1.1 by ALPN. kInvalid names the
/// file that cannot be used and why.
base::Result<std::shared_ptr<boost::asio::ssl::context>> load_tls(const TlsOptions& options);

}  // namespace http
