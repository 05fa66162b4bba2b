#include "io/memory_content.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace io {
namespace {

constexpr std::size_t kSectorBytes = 512;

void put(std::string& target, std::uint64_t offset, std::string_view bytes) {
  if (target.size() < offset + bytes.size()) {
    target.resize(offset + bytes.size());
  }
  std::copy(bytes.begin(), bytes.end(), target.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

void MemoryContent::write(std::uint64_t offset, std::string_view bytes) {
  put(seen_, offset, bytes);
  unsynced_.push_back({offset, std::string(bytes), std::nullopt});
}

void MemoryContent::resize(std::uint64_t bytes) {
  seen_.resize(bytes);
  unsynced_.push_back({0, {}, bytes});
}

void MemoryContent::sync() {
  for (const Change& change : unsynced_) {
    apply(change);
  }
  unsynced_.clear();
}

void MemoryContent::set(std::string bytes) {
  seen_ = bytes;
  disk_ = std::move(bytes);
  unsynced_.clear();
}

void MemoryContent::lose_unsynced() {
  unsynced_.clear();
  seen_ = disk_;
}

void MemoryContent::lose_some(base::Random& random) {
  for (const Change& change : unsynced_) {
    apply_part(change, random);
  }
  lose_unsynced();
}

void MemoryContent::lose_nothing() {
  disk_ = seen_;
  unsynced_.clear();
}

std::uint64_t MemoryContent::draw(base::Random& random, std::uint64_t below) {
  std::array<std::uint8_t, 8> bytes{};
  random.fill(bytes);
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), bytes.size());
  return value % below;
}

void MemoryContent::apply(const Change& change) {
  if (change.size) {
    disk_.resize(*change.size);
  } else {
    put(disk_, change.offset, change.bytes);
  }
}

void MemoryContent::apply_part(const Change& change, base::Random& random) {
  if (change.size) {
    if (draw(random, 2) == 0) {
      apply(change);
    }
    return;
  }
  for (std::size_t at = 0; at < change.bytes.size();) {
    const std::uint64_t offset = change.offset + at;
    const std::size_t bytes =
        std::min(kSectorBytes - offset % kSectorBytes, change.bytes.size() - at);
    const std::string_view sector = std::string_view(change.bytes).substr(at, bytes);
    const std::uint64_t fate = draw(random, 8);
    if (fate < 4) {
      put(disk_, offset, sector);
    } else if (fate == 4) {
      put(disk_, offset, sector.substr(0, draw(random, bytes)));
    }
    at += bytes;
  }
}

}  // namespace io
