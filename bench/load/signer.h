#pragma once
// Signs requests with AWS Signature Version 4 in the Authorization header, cheaply enough to do it
// for every request of a load: the key of the day is kept, nothing is allocated once warm. Written
// apart from the server's verifier, which it is tested against.

#include "load/output.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// OpenSSL's own names for its types.
struct evp_md_ctx_st;
struct evp_md_st;

namespace load {

using Digest = std::array<unsigned char, 32>;

/// SHA-256 and the HMAC made of it.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  Digest digest(std::string_view bytes);
  Digest hmac(std::string_view key, std::string_view bytes);

 private:
  Digest two(std::string_view first, std::string_view second);
  evp_md_st* algorithm_;
  evp_md_ctx_st* context_;
};

struct SignerKeys {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  ///< "" for none.
  std::string region = "us-east-1";
  std::string service = "mobileanalytics";
};

/// What is signed of a POST without a query.
struct ToSign {
  std::string_view path;
  std::string_view host;
  std::string_view content_type;
  std::string_view client_context;
  std::string_view body;
};

/// Threads: one signer each.
class Signer {
 public:
  explicit Signer(SignerKeys keys) : keys_(std::move(keys)) {}

  /// Appends the header lines X-Amz-Date, X-Amz-Security-Token (where there is one) and
  /// Authorization.
  void put_headers(const ToSign& request, std::int64_t now_ms, Output& out);

 private:
  void begin_day(std::string_view date);
  Digest canonical(const ToSign& request, std::string_view time);

  SignerKeys keys_;
  Sha256 sha_;
  std::string date_;  ///< Of `key_` and `scope_`.
  std::string scope_;
  Digest key_{};
  Output scratch_;
};

/// Lower-case hex.
void put_digest(const Digest& digest, Output& out);

}  // namespace load
