#include "loader/dedup/table.h"

#include "base/check.h"

#include <algorithm>

namespace loader::dedup {
namespace {

constexpr std::size_t kSlotsMin = 1024;

}  // namespace

Table::Table() : slots_(kSlotsMin) {}

void Table::insert(const Entry& entry) {
  CHECK(entry.place.position != 0);
  if ((count_ + 1) * 5 > slots_.size() * 3) {
    refill(slots_.size() * 2, all());
  }
  place(entry);
  ++count_;
}

void Table::place(const Entry& entry) {
  std::size_t at = slot_of(entry.id);
  while (slots_[at].place.position != 0) {
    at = (at + 1) & mask();
  }
  slots_[at] = entry;
}

void Table::refill(std::size_t slots, const std::vector<Entry>& entries) {
  slots_.assign(slots, Entry{});
  for (const Entry& entry : entries) {
    place(entry);
  }
  count_ = entries.size();
}

void Table::forget_after(Position position) {
  for (std::size_t at = 0; at < slots_.size();) {
    if (slots_[at].place.position > position) {
      erase(at);  // which may move another one here
    } else {
      ++at;
    }
  }
}

/// Closes the gap with those behind it that no longer were found over it.
void Table::erase(std::size_t at) {
  std::size_t gap = at;
  for (at = (at + 1) & mask(); slots_[at].place.position != 0; at = (at + 1) & mask()) {
    const std::size_t from_home = (at - slot_of(slots_[at].id)) & mask();
    if (from_home >= ((at - gap) & mask())) {
      slots_[gap] = slots_[at];
      gap = at;
    }
  }
  slots_[gap] = Entry{};
  --count_;
}

void Table::clear() {
  slots_.assign(kSlotsMin, Entry{});
  slots_.shrink_to_fit();
  count_ = 0;
}

std::vector<Entry> Table::all() const {
  std::vector<Entry> entries;
  entries.reserve(count_);
  for (const Entry& entry : slots_) {
    if (entry.place.position != 0) {
      entries.push_back(entry);
    }
  }
  return entries;
}

std::vector<Entry> Table::sorted() const {
  std::vector<Entry> entries = all();
  std::sort(entries.begin(), entries.end(), before);
  return entries;
}

}  // namespace loader::dedup
