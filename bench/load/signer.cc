#include "load/signer.h"

#include "base/check.h"
#include "load/template.h"

#include <openssl/evp.h>

namespace load {
namespace {

constexpr std::size_t kBlockBytes = 64;
constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::array<char, kBlockBytes> block_of(std::string_view key, char mask) {
  std::array<char, kBlockBytes> block{};
  block.fill(mask);
  for (std::size_t at = 0; at < key.size(); ++at) {
    block[at] = static_cast<char>(key[at] ^ mask);
  }
  return block;
}

}  // namespace

Sha256::Sha256()
    : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
  CHECK(algorithm_ != nullptr && context_ != nullptr);
}

Sha256::~Sha256() {
  EVP_MD_CTX_free(context_);
  EVP_MD_free(algorithm_);
}

Digest Sha256::two(std::string_view first, std::string_view second) {
  Digest out{};
  const bool good = EVP_DigestInit_ex2(context_, algorithm_, nullptr) == 1 &&
                    EVP_DigestUpdate(context_, first.data(), first.size()) == 1 &&
                    EVP_DigestUpdate(context_, second.data(), second.size()) == 1 &&
                    EVP_DigestFinal_ex(context_, out.data(), nullptr) == 1;
  CHECK(good);
  return out;
}

Digest Sha256::digest(std::string_view bytes) { return two(bytes, ""); }

Digest Sha256::hmac(std::string_view key, std::string_view bytes) {
  Digest short_key{};
  if (key.size() > kBlockBytes) {
    short_key = digest(key);
    key = bytes_of(short_key);
  }
  const auto inner_block = block_of(key, 0x36);
  const auto outer_block = block_of(key, 0x5C);
  const Digest inner = two({inner_block.data(), inner_block.size()}, bytes);
  return two({outer_block.data(), outer_block.size()}, bytes_of(inner));
}

void put_digest(const Digest& digest, Output& out) {
  for (std::size_t at = 0; at < digest.size(); at += 8) {
    std::uint64_t word = 0;
    for (std::size_t byte = at; byte < at + 8; ++byte) {
      word = word << 8U | digest[byte];
    }
    out.put_hex(word, 16);
  }
}

void Signer::begin_day(std::string_view date) {
  if (date == date_) {
    return;
  }
  date_ = date;
  Digest key = sha_.hmac("AWS4" + keys_.secret_access_key, date);
  for (const std::string_view part :
       {std::string_view(keys_.region), std::string_view(keys_.service),
        std::string_view("aws4_request")}) {
    key = sha_.hmac(bytes_of(key), part);
  }
  key_ = key;
  scope_ = date_ + "/" + keys_.region + "/" + keys_.service + "/aws4_request";
}

Digest Signer::canonical(const ToSign& request, std::string_view time) {
  const Digest body = sha_.digest(request.body);
  scratch_.clear();
  scratch_.reserve(request.path.size() + request.host.size() + request.content_type.size() +
                   request.client_context.size() + keys_.session_token.size() + 512);
  const auto put = [this](std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) {
      scratch_.put(part);
    }
  };
  put({"POST\n", request.path, "\n\n", "content-type:", request.content_type, "\n",
       "host:", request.host, "\n", "x-amz-client-context:", request.client_context, "\n",
       "x-amz-date:", time, "\n"});
  if (keys_.session_token.empty()) {
    put({"\ncontent-type;host;x-amz-client-context;x-amz-date\n"});
  } else {
    put({"x-amz-security-token:", keys_.session_token,
         "\n\ncontent-type;host;x-amz-client-context;x-amz-date;x-amz-security-token\n"});
  }
  put_digest(body, scratch_);
  return sha_.digest(scratch_.view());
}

void Signer::put_headers(const ToSign& request, std::int64_t now_ms, Output& out) {
  out.reserve(1024 + keys_.session_token.size() + keys_.access_key_id.size());
  out.put("X-Amz-Date: ");
  const std::size_t at = out.size();
  put_basic(now_ms, out);
  std::array<char, 16> time_text{};
  out.view().copy(time_text.data(), time_text.size(), at);
  const std::string_view time(time_text.data(), time_text.size());
  begin_day(time.substr(0, 8));
  const Digest canonical_digest = canonical(request, time);
  scratch_.clear();
  scratch_.reserve(256 + scope_.size());
  for (const std::string_view part :
       {kAlgorithm, std::string_view("\n"), time, std::string_view("\n"), std::string_view(scope_),
        std::string_view("\n")}) {
    scratch_.put(part);
  }
  put_digest(canonical_digest, scratch_);
  const Digest signature = sha_.hmac(bytes_of(key_), scratch_.view());
  const bool token = !keys_.session_token.empty();
  for (const std::string_view part :
       {std::string_view("\r\n"), std::string_view(token ? "X-Amz-Security-Token: " : ""),
        std::string_view(keys_.session_token), std::string_view(token ? "\r\n" : ""),
        std::string_view("Authorization: "), kAlgorithm, std::string_view(" Credential="),
        std::string_view(keys_.access_key_id), std::string_view("/"), std::string_view(scope_),
        std::string_view(", SignedHeaders=content-type;host;x-amz-client-context;x-amz-date"),
        std::string_view(token ? ";x-amz-security-token" : ""), std::string_view(", Signature=")}) {
    out.put(part);
  }
  put_digest(signature, out);
  out.put("\r\n");
}

}  // namespace load
