#include "loader/dedup/run.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace loader::dedup {
namespace {

using base::Code;
using base::fail;

base::Error corrupt(const std::string& name, std::string_view what) {
  return fail(Code::kCorrupt, "dedup run \"" + name + "\": " + std::string(what));
}

base::Status read_exactly(io::File& file, std::uint64_t offset, std::span<char> out,
                          const std::string& name) {
  auto got = file.read_at(offset, out);
  if (!got) {
    return got.error();
  }
  if (*got != out.size()) {
    return corrupt(name, "shorter than its footer says");
  }
  return base::ok();
}

base::Result<Footer> read_footer(io::File& file, const std::string& name) {
  auto size = file.size();
  if (!size) {
    return size.error();
  }
  if (*size < sizeof(Footer)) {
    return corrupt(name, "too short for a footer");
  }
  std::array<char, sizeof(Footer)> bytes{};
  if (auto read = read_exactly(file, *size - sizeof(Footer), bytes, name); !read) {
    return read.error();
  }
  Footer footer;
  std::memcpy(&footer, bytes.data(), sizeof(footer));
  const std::string_view guarded(bytes.data(), offsetof(Footer, footer_crc));
  if (footer.magic != kRunMagic || codec::crc32c(guarded) != footer.footer_crc) {
    return corrupt(name, "its footer is damaged");
  }
  const std::uint64_t expected =
      footer.blocks * (kBlockBytes + sizeof(std::uint64_t)) + footer.filter_bytes + sizeof(Footer);
  if (expected != *size) {
    return corrupt(name, "its size is not what its footer says");
  }
  return footer;
}

}  // namespace

base::Result<std::unique_ptr<Run>> Run::open(io::FileSystem& files, const std::string& folder,
                                             std::string name) {
  auto file = files.open(io::join(folder, name), io::OpenMode::kRead);
  if (!file) {
    return file.error();
  }
  auto footer = read_footer(**file, name);
  if (!footer) {
    return footer.error();
  }
  const std::size_t firsts_bytes = footer->blocks * sizeof(std::uint64_t);
  std::string index(firsts_bytes + footer->filter_bytes, '\0');
  if (auto read = read_exactly(**file, footer->blocks * kBlockBytes, index, name); !read) {
    return read.error();
  }
  if (codec::crc32c(index) != footer->index_crc) {
    return corrupt(name, "its filter is damaged");
  }
  const std::string_view view(index);
  auto run = std::make_unique<Run>(std::move(name), std::move(*file), *footer,
                                   Filter(view.substr(firsts_bytes)));
  run->firsts_.resize(footer->blocks);
  std::memcpy(run->firsts_.data(), index.data(), firsts_bytes);
  return run;
}

base::Status Run::read_block(std::uint64_t number, std::vector<Entry>& entries) {
  std::array<char, kBlockBytes> bytes{};
  if (auto read = read_exactly(*file_, number * kBlockBytes, bytes, name_); !read) {
    return read;
  }
  BlockTail tail;
  std::memcpy(&tail, bytes.data() + kBlockTailOffset, sizeof(tail));
  const std::string_view guarded(bytes.data(), kBlockTailOffset + offsetof(BlockTail, crc));
  if (tail.entries == 0 || tail.entries > kBlockEntries || codec::crc32c(guarded) != tail.crc) {
    return corrupt(name_, "block " + std::to_string(number) + " is damaged");
  }
  entries.resize(tail.entries);
  std::memcpy(entries.data(), bytes.data(), tail.entries * sizeof(Entry));
  return base::ok();
}

base::Status Run::find(Hash128 id, std::vector<Place>& places) {
  if (!filter_.may_hold(id)) {
    return base::ok();
  }
  // An id's entries may begin in the block before the first one that starts with its high half.
  const auto from = std::lower_bound(firsts_.begin(), firsts_.end(), id.high);
  auto number = static_cast<std::uint64_t>(from - firsts_.begin());
  number = number == 0 ? 0 : number - 1;
  for (; number < firsts_.size() && firsts_[number] <= id.high; ++number) {
    if (auto read = read_block(number, block_); !read) {
      return read;
    }
    const auto first = std::lower_bound(
        block_.begin(), block_.end(), id,
        [](const Entry& entry, const Hash128& wanted) { return entry.id < wanted; });
    for (auto entry = first; entry != block_.end() && entry->id == id; ++entry) {
      places.push_back(entry->place);
    }
  }
  return base::ok();
}

}  // namespace loader::dedup
