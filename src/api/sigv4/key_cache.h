#pragma once
// Signing keys of the day. Deriving one costs four HMACs, and a busy server sees the same few
// credentials all day. Bounded; entries of another day go first.

#include "api/sigv4/canonical.h"

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace api::sigv4 {

/// Threads: every method from any thread.
class KeyCache {
 public:
  explicit KeyCache(std::size_t entries_max = 1024) : entries_max_(entries_max) {}

  /// The key kept for this access key and scope, if it was derived from this very secret.
  std::optional<codec::Digest> find(std::string_view access_key_id, std::string_view secret,
                                    const Scope& scope);
  /// Keeps a key. Only call it for a signature that was right: then nobody without the secret can
  /// push others out.
  void put(std::string_view access_key_id, std::string_view secret, const Scope& scope,
           const codec::Digest& key);
  [[nodiscard]] std::size_t size();

 private:
  struct Entry {
    std::string secret;
    std::string date;
    codec::Digest key{};
  };
  void make_room_locked(std::string_view date);

  const std::size_t entries_max_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace api::sigv4
