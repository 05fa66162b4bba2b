#include "http/transport.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace http {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

std::array<asio::const_buffer, 2> buffers(std::string_view first, std::string_view second) {
  return {asio::const_buffer(first.data(), first.size()),
          asio::const_buffer(second.data(), second.size())};
}

tcp::socket adopt(asio::io_context& loop, int socket, bool ipv6) {
  error_code ignored;
  tcp::socket adopted(loop);
  adopted.assign(ipv6 ? tcp::v6() : tcp::v4(), socket, ignored);
  adopted.non_blocking(true, ignored);
  adopted.set_option(tcp::no_delay(true), ignored);
  return adopted;
}

std::size_t available_in(const tcp::socket& socket) {
  error_code ec;
  const std::size_t bytes = socket.available(ec);
  return ec ? 0 : bytes;
}

template <class Stream>
void read_some(Stream& stream, std::span<char> into, EventsPtr events) {
  stream.async_read_some(asio::mutable_buffer(into.data(), into.size()),
                         [events = std::move(events)](error_code ec, std::size_t bytes) {
                           events->on_read(!ec, bytes);
                         });
}

class PlainTransport final : public Transport {
 public:
  PlainTransport(asio::io_context& loop, int socket, bool ipv6)
      : socket_(adopt(loop, socket, ipv6)) {}

  void handshake(EventsPtr events) override { events->on_handshake(true); }
  void read(std::span<char> into, EventsPtr events) override {
    read_some(socket_, into, std::move(events));
  }
  void write(std::string_view first, std::string_view second, EventsPtr events) override {
    socket_.async_write_some(buffers(first, second),
                             [events = std::move(events)](error_code ec, std::size_t bytes) {
                               events->on_write(!ec, bytes);
                             });
  }
  void finish(bool /*read_pending*/, EventsPtr events) override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    events->on_finished();
  }
  std::size_t available() override { return available_in(socket_); }
  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }
  [[nodiscard]] bool needs_handshake() const override { return false; }

 private:
  tcp::socket socket_;
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(asio::io_context& loop, int socket, bool ipv6, asio::ssl::context& tls)
      : stream_(adopt(loop, socket, ipv6), tls) {}

  void handshake(EventsPtr events) override {
    stream_.async_handshake(
        asio::ssl::stream_base::server,
        [events = std::move(events)](error_code ec) { events->on_handshake(!ec); });
  }
  void read(std::span<char> into, EventsPtr events) override {
    if (finished_) {
      read_some(stream_.next_layer(), into, std::move(events));
    } else {
      read_some(stream_, into, std::move(events));
    }
  }
  void write(std::string_view first, std::string_view second, EventsPtr events) override {
    // One record a call: a small head goes out together with the start of the body.
    if (first.size() + second.size() <= joined_.size() && !first.empty() && !second.empty()) {
      const auto end = std::copy(first.begin(), first.end(), joined_.begin());
      std::copy(second.begin(), second.end(), end);
      first = std::string_view(joined_.data(), first.size() + second.size());
    }
    const std::string_view now = first.empty() ? second : first;
    stream_.async_write_some(asio::const_buffer(now.data(), now.size()),
                             [events = std::move(events)](error_code ec, std::size_t bytes) {
                               events->on_write(!ec, bytes);
                             });
  }
  void finish(bool read_pending, EventsPtr events) override {
    finished_ = true;
    if (read_pending) {  // the engine allows no shutdown beside a read
      end(*events);
      return;
    }
    stream_.async_shutdown([this, events = std::move(events)](error_code) { end(*events); });
  }
  std::size_t available() override { return available_in(stream_.next_layer()); }
  void close() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }
  [[nodiscard]] bool needs_handshake() const override { return true; }

 private:
  void end(TransportEvents& events) {
    error_code ignored;
    stream_.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
    events.on_finished();
  }

  asio::ssl::stream<tcp::socket> stream_;
  std::array<char, 4096> joined_{};
  bool finished_ = false;
};

/// Chooses HTTP/1.1 by ALPN where the client offers it.
void offer_http_1_1(SSL_CTX* context) {
  SSL_CTX_set_alpn_select_cb(
      context,
      [](SSL*, const unsigned char** out, unsigned char* out_bytes, const unsigned char* in,
         unsigned int in_bytes, void*) {
        static constexpr unsigned char kOurs[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
        unsigned char* chosen = nullptr;
        if (SSL_select_next_proto(&chosen, out_bytes, kOurs, sizeof kOurs, in, in_bytes) !=
            OPENSSL_NPN_NEGOTIATED) {
          return SSL_TLSEXT_ERR_NOACK;
        }
        *out = chosen;
        return SSL_TLSEXT_ERR_OK;
      },
      nullptr);
}

base::Error unusable(const char* what, const std::string& file,
                     const boost::system::error_code& ec) {
  return base::fail(base::Code::kInvalid,
                    std::string(what) + " \"" + file + "\" cannot be used: " + ec.message());
}

}  // namespace

std::unique_ptr<Transport> make_plain_transport(asio::io_context& loop, int socket, bool ipv6) {
  return std::make_unique<PlainTransport>(loop, socket, ipv6);
}

std::unique_ptr<Transport> make_tls_transport(asio::io_context& loop, int socket, bool ipv6,
                                              asio::ssl::context& tls) {
  return std::make_unique<TlsTransport>(loop, socket, ipv6, tls);
}

base::Result<std::shared_ptr<ssl::context>> load_tls(const TlsOptions& options) {
  try {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX* const handle = context->native_handle();
    SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
    SSL_CTX_set_options(handle, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    offer_http_1_1(handle);
    boost::system::error_code ec;
    context->use_certificate_chain_file(options.certificate_file, ec);
    if (ec) {
      return unusable("certificate", options.certificate_file, ec);
    }
    context->use_private_key_file(options.key_file, ssl::context::pem, ec);
    if (ec) {
      return unusable("key", options.key_file, ec);
    }
    if (SSL_CTX_check_private_key(handle) != 1) {
      return base::fail(base::Code::kInvalid, "key \"" + options.key_file +
                                                  "\" does not belong to certificate \"" +
                                                  options.certificate_file + "\"");
    }
    return context;
  } catch (const std::exception& error) {
    return base::fail(base::Code::kInternal, std::string("tls cannot be set up: ") + error.what());
  }
}

}  // namespace http
