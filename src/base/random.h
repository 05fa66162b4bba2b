#pragma once
// Randomness as an argument: request ids, credentials and salts come from here, so that tests and
// the simulation can replay them.

#include <cstdint>
#include <mutex>
#include <span>
#include <string>

namespace base {

/// Threads: every method may be called from any thread.
class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;

  /// Fills `out` with random bytes.
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

/// The kernel's generator; good enough for secrets.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

/// A repeatable sequence from a seed; never for secrets.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::mutex mutex_;
  std::uint64_t state_;
};

/// `bytes` random bytes in lower-case hex.
std::string random_hex(Random& random, std::size_t bytes);
/// A random (version 4) UUID, lower case with dashes.
std::string random_uuid(Random& random);

}  // namespace base
