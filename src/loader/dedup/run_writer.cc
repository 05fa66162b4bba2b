#include "loader/dedup/run_writer.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace loader::dedup {
namespace {

constexpr std::size_t kBufferBytes = 64 * kBlockBytes;

}  // namespace

base::Result<std::unique_ptr<RunWriter>> RunWriter::create(io::FileSystem& files,
                                                           const std::string& folder,
                                                           std::string name,
                                                           std::uint64_t entries_max) {
  const std::string path = io::join(folder, name);
  if (files.exists(path)) {
    if (auto removed = files.remove(path); !removed) {
      return removed.error();
    }
  }
  auto file = files.open(path, io::OpenMode::kCreate);
  if (!file) {
    return file.error();
  }
  return std::make_unique<RunWriter>(files, folder, std::move(name), std::move(*file), entries_max);
}

base::Status RunWriter::add(const Entry& entry) {
  if (footer_.entries == 0) {
    footer_.received_min_s = entry.place.received_s;
  }
  footer_.received_min_s = std::min(footer_.received_min_s, entry.place.received_s);
  footer_.received_max_s = std::max(footer_.received_max_s, entry.place.received_s);
  ++footer_.entries;
  filter_.add(entry.id);
  block_.push_back(entry);
  if (block_.size() == kBlockEntries) {
    close_block();
    if (buffer_.size() >= kBufferBytes) {
      return write_out();
    }
  }
  return base::ok();
}

void RunWriter::close_block() {
  if (block_.empty()) {
    return;
  }
  firsts_.push_back(block_.front().id.high);
  const std::size_t begin = buffer_.size();
  buffer_.resize(begin + kBlockBytes, '\0');
  char* out = buffer_.data() + begin;
  std::memcpy(out, block_.data(), block_.size() * sizeof(Entry));
  BlockTail tail{static_cast<std::uint32_t>(block_.size()), 0};
  std::memcpy(out + kBlockTailOffset, &tail, sizeof(tail));
  tail.crc = codec::crc32c({out, kBlockTailOffset + offsetof(BlockTail, crc)});
  std::memcpy(out + kBlockTailOffset, &tail, sizeof(tail));
  block_.clear();
  ++footer_.blocks;
}

base::Status RunWriter::write_out() {
  auto written = file_->write_at(offset_, buffer_);
  offset_ += buffer_.size();
  buffer_.clear();
  return written;
}

base::Status RunWriter::finish() {
  close_block();
  std::string index(reinterpret_cast<const char*>(firsts_.data()),
                    firsts_.size() * sizeof(std::uint64_t));
  index += filter_.bytes();
  footer_.magic = kRunMagic;
  footer_.filter_bytes = filter_.bytes().size();
  footer_.index_crc = codec::crc32c(index);
  std::string footer(reinterpret_cast<const char*>(&footer_), sizeof(footer_));
  footer_.footer_crc =
      codec::crc32c(std::string_view(footer).substr(0, offsetof(Footer, footer_crc)));
  footer.assign(reinterpret_cast<const char*>(&footer_), sizeof(footer_));
  buffer_ += index;
  buffer_ += footer;
  if (auto written = write_out(); !written) {
    return written;
  }
  if (auto synced = file_->sync_data(); !synced) {
    return synced;
  }
  file_.reset();
  return files_.sync_directory(folder_);
}

}  // namespace loader::dedup
