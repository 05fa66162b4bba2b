#pragma once
// Secrets at rest: a key file of mode 0600 in the data directory, AES-256-GCM for credentials the
// operator must be able to read again, SHA-256 for query tokens (random enough to need no salt).

#include "base/random.h"
#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace registry {

/// Lower-case hex SHA-256 of a token's text: what is stored and looked up.
std::string token_hash(std::string_view text);

/// Threads: any, after open().
class SecretBox {
 public:
  /// Reads the 32-byte key in `path`, or makes one there (mode 0600, synced) when the file does not
  /// exist. kCorrupt for a file of another size.
  static base::Result<std::unique_ptr<SecretBox>> open(const std::string& path,
                                                       base::Random& random);

  /// Nonce, ciphertext and tag, base64.
  std::string seal(std::string_view plain);
  /// kCorrupt when the text was not sealed with this key.
  [[nodiscard]] base::Result<std::string> unseal(std::string_view sealed) const;

 private:
  SecretBox(std::string key, base::Random& random) : key_(std::move(key)), random_(random) {}
  std::string key_;
  base::Random& random_;
};

}  // namespace registry
