#include "loader/person/cache.h"

#include <cstring>
#include <utility>

namespace loader::person {

char* Cache::Arena::take(std::size_t bytes) {
  bytes_ += bytes;
  if (bytes > kPieceBytes / 4) {
    large_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
    return large_.back().get();
  }
  if (used_ + bytes > kPieceBytes) {
    if (pieces_used_ == pieces_.size()) {
      pieces_.push_back(std::make_unique_for_overwrite<char[]>(kPieceBytes));
    }
    ++pieces_used_;
    used_ = 0;
  }
  char* const taken = pieces_[pieces_used_ - 1].get() + used_;
  used_ += bytes;
  return taken;
}

void Cache::Arena::clear() {
  large_.clear();
  pieces_used_ = 0;
  used_ = kPieceBytes;
  bytes_ = 0;
}

std::uint64_t Cache::Generation::bytes() const {
  return arena.bytes() + rows.size() * rows.entry_bytes() + owners.size() * owners.entry_bytes();
}

void Cache::Generation::clear() {
  rows.clear();
  owners.clear();
  arena.clear();
}

std::optional<std::string_view> Cache::row_of(std::int64_t id) {
  if (const Row* row = young_.rows.find(id)) {
    return std::string_view(row->bytes, row->size);
  }
  const Row* row = old_.rows.find(id);
  if (row == nullptr) {
    return std::nullopt;
  }
  const std::string_view bytes(row->bytes, row->size);
  put(id, bytes);
  return bytes;
}

void Cache::put(std::int64_t id, std::string_view row) {
  const Row* known = young_.rows.find(id);
  Row kept = known != nullptr ? *known : Row{};
  if (known == nullptr || kept.room < row.size()) {
    kept.room = static_cast<std::uint32_t>(row.size() + 3) & ~std::uint32_t{3};
    kept.bytes = young_.arena.take(kept.room);
  }
  std::memcpy(kept.bytes, row.data(), row.size());
  kept.size = static_cast<std::uint32_t>(row.size());
  young_.rows.put(id, kept);
}

std::optional<std::int64_t> Cache::owner_of(codec::Hash128 identity) {
  if (const Owner* owner = young_.owners.find(identity)) {
    return owner->id;
  }
  const Owner* owner = old_.owners.find(identity);
  if (owner == nullptr) {
    return std::nullopt;
  }
  put(identity, owner->id);
  return owner->id;
}

void Cache::put(codec::Hash128 identity, std::int64_t owner) {
  young_.owners.put(identity, {owner});
}

void Cache::age() {
  if (young_.bytes() < bytes_max_ / 2) {
    return;
  }
  std::swap(young_, old_);
  young_.clear();
  if (old_.bytes() > bytes_max_) {
    old_ = {};
  }
}

void Cache::clear() {
  young_ = {};
  old_ = {};
}

}  // namespace loader::person
