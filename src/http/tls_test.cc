// HTTPS with certificates made here: handshake, exchange, reload, and clients that speak no TLS.

#include "http/loopback_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

namespace http {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kPost = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody";
constexpr std::string_view kLast = "GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Free<SSL_free>>;
using FilePtr = std::unique_ptr<std::FILE, Free<std::fclose>>;

/// A folder with a key and a self-signed certificate, which can be made anew.
class Credentials {
 public:
  Credentials() {
    folder_ = ::testing::TempDir() + "tls_test.XXXXXX";
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
  }
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;
  ~Credentials() {
    ::unlink(options().certificate_file.c_str());
    ::unlink(options().key_file.c_str());
    ::rmdir(folder_.c_str());
  }

  [[nodiscard]] TlsOptions options() const {
    return {folder_ + "/certificate.pem", folder_ + "/key.pem"};
  }
  void make(long serial) const {
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate(X509_new());
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    const FilePtr certificate_file(std::fopen(options().certificate_file.c_str(), "w"));
    PEM_write_X509(certificate_file.get(), certificate.get());
    const FilePtr key_file(std::fopen(options().key_file.c_str(), "w"));
    PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }

 private:
  std::string folder_;
};

/// A TLS client over a RawClient's socket.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port)
      : raw_(port), context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_.get())) {
    static constexpr unsigned char kProtocols[] = {2,   'h', '2', 8,   'h', 't',
                                                   't', 'p', '/', '1', '.', '1'};
    SSL_set_alpn_protos(ssl_.get(), kProtocols, sizeof kProtocols);
    SSL_set_fd(ssl_.get(), raw_.socket());
    connected_ = SSL_connect(ssl_.get()) == 1;
  }
  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] long serial() const {
    const Certificate certificate(SSL_get1_peer_certificate(ssl_.get()));
    return certificate ? ASN1_INTEGER_get(X509_get0_serialNumber(certificate.get())) : -1;
  }
  [[nodiscard]] std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned bytes = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &bytes);
    return {reinterpret_cast<const char*>(name), bytes};
  }
  void send(std::string_view bytes) {
    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  std::string read_all() {
    std::string all;
    std::array<char, 16384> buffer{};
    int bytes = 0;
    while ((bytes = SSL_read(ssl_.get(), buffer.data(), buffer.size())) > 0) {
      all.append(buffer.data(), static_cast<std::size_t>(bytes));
    }
    closed_cleanly_ = SSL_get_error(ssl_.get(), bytes) == SSL_ERROR_ZERO_RETURN;
    return all;
  }
  [[nodiscard]] bool closed_cleanly() const { return closed_cleanly_; }

 private:
  RawClient raw_;
  Context context_;
  Session ssl_;
  bool connected_ = false;
  bool closed_cleanly_ = false;
};

TEST(Tls, AnswersAndClosesProperly) {
  const Credentials credentials;
  credentials.make(1);
  FunctionHandler secure([](const Request& request, Responder respond) {
    Reply reply;
    reply.body = request.secure ? "secure" : "plain";
    reply.body.append(100'000, '.');
    respond(std::move(reply));
  });
  Options options;
  options.tls = credentials.options();
  Loopback loopback(options, {Route{"/b", &secure}});
  ASSERT_TRUE(loopback.running()) << loopback.error();
  TlsClient client(loopback.port());
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.protocol(), "http/1.1");
  client.send(kPost);
  client.send(kLast);
  const std::string replies = client.read_all();
  EXPECT_THAT(replies, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(replies, HasSubstr("POST /a body"));
  EXPECT_THAT(replies, HasSubstr("secure" + std::string(100'000, '.')));
  EXPECT_TRUE(client.closed_cleanly());
}

TEST(Tls, ReloadTakesTheNewPairAndKeepsTheOldOneWhenItIsBad) {
  const Credentials credentials;
  credentials.make(1);
  Options options;
  options.tls = credentials.options();
  Loopback loopback(options);
  ASSERT_TRUE(loopback.running()) << loopback.error();
  TlsClient kept(loopback.port());
  EXPECT_EQ(kept.serial(), 1);
  credentials.make(2);
  EXPECT_TRUE(loopback.server().reload_tls());
  EXPECT_EQ(TlsClient(loopback.port()).serial(), 2);
  std::ofstream(options.tls.key_file) << "no key";
  const base::Status reloaded = loopback.server().reload_tls();
  ASSERT_FALSE(reloaded);
  EXPECT_THAT(reloaded.error().message, HasSubstr(options.tls.key_file));
  EXPECT_EQ(TlsClient(loopback.port()).serial(), 2);
  kept.send(kLast);
  EXPECT_THAT(kept.read_all(), HasSubstr("GET /b "));
}

TEST(Tls, KeyOfAnotherCertificateIsRefusedAtStart) {
  const Credentials first;
  const Credentials second;
  first.make(1);
  second.make(2);
  Options options;
  options.tls = {first.options().certificate_file, second.options().key_file};
  const Loopback loopback(options);
  EXPECT_FALSE(loopback.running());
  EXPECT_THAT(loopback.error(), HasSubstr(second.options().key_file));
}

TEST(Tls, ClientThatSpeaksNoTlsIsClosed) {
  const Credentials credentials;
  credentials.make(1);
  Options options;
  options.tls = credentials.options();
  options.header_timeout = std::chrono::milliseconds(30);
  Loopback loopback(options);
  ASSERT_TRUE(loopback.running()) << loopback.error();
  RawClient plain(loopback.port());
  plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(plain.closed_by_server());
  RawClient silent(loopback.port());
  EXPECT_TRUE(silent.closed_by_server());
}

}  // namespace
}  // namespace http
