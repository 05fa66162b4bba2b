#include "registry/secrets.h"

#include "base/check.h"
#include "codec/hash.h"
#include "codec/text.h"
#include "io/file_system.h"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <span>

namespace registry {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

CipherContext make_context() {
  CipherContext context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  CHECK(context != nullptr);
  return context;
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string random_bytes(base::Random& random, std::size_t count) {
  std::string out(count, '\0');
  random.fill(std::span(reinterpret_cast<std::uint8_t*>(out.data()), out.size()));
  return out;
}

}  // namespace

std::string token_hash(std::string_view text) { return codec::to_hex(codec::sha256(text)); }

base::Result<std::unique_ptr<SecretBox>> SecretBox::open(const std::string& path,
                                                         base::Random& random) {
  const std::unique_ptr<io::FileSystem> files = io::posix_file_system();
  std::string key;
  if (files->exists(path)) {
    base::Result<std::string> read = io::read_file(*files, path, 4096);
    if (!read) {
      return std::move(read).error();
    }
    key = *std::move(read);
  } else {
    key = random_bytes(random, kKeyBytes);
    const base::Status written = io::replace_file(*files, path, key);
    if (!written) {
      return written.error();
    }
  }
  if (key.size() != kKeyBytes) {
    return base::fail(base::Code::kCorrupt, "key file \"" + path + "\" holds " +
                                                std::to_string(key.size()) +
                                                " bytes, expected 32; restore it from a backup");
  }
  return std::unique_ptr<SecretBox>(new SecretBox(std::move(key), random));  // NOLINT
}

std::string SecretBox::seal(std::string_view plain) {
  const std::string nonce = random_bytes(random_, kNonceBytes);
  std::string cipher(plain.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int length = 0;
  const CipherContext context = make_context();
  CHECK(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key_), bytes(nonce)) ==
        1);
  CHECK(EVP_EncryptUpdate(context.get(), bytes(cipher), &length, bytes(plain),
                          static_cast<int>(plain.size())) == 1);
  CHECK(EVP_EncryptFinal_ex(context.get(), bytes(cipher) + length, &length) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1);
  return codec::encode_base64(nonce + cipher + tag);
}

base::Result<std::string> SecretBox::unseal(std::string_view sealed) const {
  const base::Error wrong =
      base::fail(base::Code::kCorrupt, "a stored credential does not fit the key file secret.key");
  const std::optional<std::string> raw = codec::decode_base64(sealed);
  if (!raw || raw->size() < kNonceBytes + kTagBytes) {
    return wrong;
  }
  const std::string_view view(*raw);
  const std::string_view nonce = view.substr(0, kNonceBytes);
  const std::string_view cipher = view.substr(kNonceBytes, view.size() - kNonceBytes - kTagBytes);
  std::string tag(view.substr(view.size() - kTagBytes));
  std::string plain(cipher.size(), '\0');
  int length = 0;
  const CipherContext context = make_context();
  const bool good =
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key_), bytes(nonce)) ==
          1 &&
      EVP_DecryptUpdate(context.get(), bytes(plain), &length, bytes(cipher),
                        static_cast<int>(cipher.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes(plain) + length, &length) == 1;
  if (!good) {
    return wrong;
  }
  return plain;
}

}  // namespace registry
