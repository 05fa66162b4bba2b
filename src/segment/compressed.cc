#include "segment/compressed.h"

#include "codec/compression.h"
#include "codec/hash.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

namespace segment {
namespace {

constexpr std::uint32_t kSkippableFrame = 0x184d2a5c;  // RFC 8878, 3.1.2
constexpr std::string_view kMagic = "catchidx";
constexpr std::size_t kFrameHeaderBytes = 8;
constexpr std::size_t kFixedBytes = 36;  // magic, version, block size, plain size, last, count
constexpr std::size_t kBlockEntryBytes = 16;
constexpr std::uint32_t kBlockBytesMax = std::uint32_t{64} << 20U;
constexpr std::uint64_t kUnpackWholeBytesMax = std::uint64_t{1} << 32U;
constexpr char kUnreadable = '\xff';

base::Error damaged(const std::string& what) {
  return base::fail(base::Code::kCorrupt, "index of the compressed segment " + what);
}

base::Result<std::string> read_exactly(io::File& file, std::uint64_t offset, std::size_t bytes) {
  std::string out(bytes, '\0');
  const base::Result<std::size_t> got = file.read_at(offset, out);
  if (!got) {
    return got.error();
  }
  if (*got < bytes) {
    return base::fail(base::Code::kCorrupt, "compressed segment ends too early");
  }
  return out;
}

/// A frame of ours unpacks to a size we know, so the ratio says nothing.
base::Result<std::string> unpack(std::string_view packed, std::uint64_t bytes_max) {
  return codec::unzstd(
      packed, {.bytes_max = bytes_max, .ratio_max = std::numeric_limits<std::uint32_t>::max()});
}

/// Plain bytes in memory, for a file whose index is damaged.
class MemorySource final : public Source {
 public:
  MemorySource(std::string bytes, Position first) : bytes_(std::move(bytes)), first_(first) {}

  base::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) override {
    if (offset >= bytes_.size()) {
      return std::size_t{0};
    }
    return bytes_.copy(out.data(), out.size(), offset);
  }
  base::Result<std::uint64_t> size() override { return std::uint64_t{bytes_.size()}; }
  [[nodiscard]] Place place_of(Position) const override { return {kHeaderBytes, first_}; }

 private:
  const std::string bytes_;
  const Position first_;
};

class CompressedSource final : public Source {
 public:
  CompressedSource(std::unique_ptr<io::File> file, BlockIndex index, Position first)
      : file_(std::move(file)), index_(std::move(index)), first_(first) {
    std::uint64_t offset = 0;
    for (const Block& block : index_.blocks) {
      offsets_.push_back(offset);
      offset += block.packed_bytes;
    }
  }

  base::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) override {
    std::size_t done = 0;
    while (done < out.size() && offset < index_.plain_bytes) {
      if (const base::Status loaded = load(offset / index_.block_bytes); !loaded) {
        return loaded.error();
      }
      const std::size_t copied =
          plain_.copy(out.data() + done, out.size() - done, offset % index_.block_bytes);
      done += copied;
      offset += copied;
    }
    return done;
  }

  base::Result<std::uint64_t> size() override { return index_.plain_bytes; }

  [[nodiscard]] Place place_of(Position position) const override {
    Place best{kHeaderBytes, first_};
    for (std::size_t i = 0; i < index_.blocks.size(); ++i) {
      const Block& block = index_.blocks[i];
      if (block.record_offset != Block::kNoRecord && block.position <= position) {
        best = {i * index_.block_bytes + block.record_offset, block.position};
      }
    }
    return best;
  }

 private:
  /// Afterwards `plain_` holds the whole block.
  base::Status load(std::uint64_t number) {
    if (loaded_ == number) {
      return base::ok();
    }
    const std::uint64_t bytes = std::min<std::uint64_t>(
        index_.block_bytes, index_.plain_bytes - number * index_.block_bytes);
    const base::Result<std::string> packed =
        read_exactly(*file_, offsets_[number], index_.blocks[number].packed_bytes);
    if (!packed && packed.error().code != base::Code::kCorrupt && packed.error().os_error != EIO) {
      return packed.error();
    }
    plain_.clear();
    if (packed) {
      if (base::Result<std::string> unpacked = unpack(*packed, bytes); unpacked) {
        plain_ = std::move(*unpacked);
      }
    }
    plain_.resize(bytes, kUnreadable);
    loaded_ = number;
    return base::ok();
  }

  const std::unique_ptr<io::File> file_;
  const BlockIndex index_;
  const Position first_;
  std::vector<std::uint64_t> offsets_;
  std::string plain_;
  std::uint64_t loaded_ = std::numeric_limits<std::uint64_t>::max();
};

base::Result<BlockIndex> read_index(io::File& file, std::uint64_t file_bytes) {
  if (file_bytes < kIndexEndBytes) {
    return damaged("is missing");
  }
  const base::Result<std::string> end =
      read_exactly(file, file_bytes - kIndexEndBytes, kIndexEndBytes);
  if (!end) {
    return end.error();
  }
  const base::Result<std::uint64_t> bytes = index_bytes(*end, file_bytes);
  if (!bytes) {
    return bytes.error();
  }
  const base::Result<std::string> tail = read_exactly(file, file_bytes - *bytes, *bytes);
  return tail ? decode_index(*tail, file_bytes) : base::Result<BlockIndex>(tail.error());
}

base::Status check_blocks(const BlockIndex& index, std::uint64_t packed_bytes) {
  if (index.block_bytes == 0 || index.block_bytes > kBlockBytesMax) {
    return damaged("has an impossible block size");
  }
  const std::uint64_t blocks =
      index.plain_bytes / index.block_bytes + (index.plain_bytes % index.block_bytes != 0 ? 1 : 0);
  std::uint64_t sum = 0;
  for (const Block& block : index.blocks) {
    sum += block.packed_bytes;
    if (block.record_offset != Block::kNoRecord && block.record_offset >= index.block_bytes) {
      return damaged("names a record outside its block");
    }
  }
  if (blocks != index.blocks.size() || sum != packed_bytes) {
    return damaged("contradicts the file's size");
  }
  return base::ok();
}

}  // namespace

std::string encode_index(const BlockIndex& index) {
  std::string content(kMagic);
  put_u32(content, kFormatVersion);
  put_u32(content, index.block_bytes);
  put_u64(content, index.plain_bytes);
  put_u64(content, index.last);
  put_u32(content, static_cast<std::uint32_t>(index.blocks.size()));
  for (const Block& block : index.blocks) {
    put_u32(content, block.packed_bytes);
    put_u32(content, block.record_offset);
    put_u64(content, block.position);
  }
  put_u32(content, codec::crc32c(content));
  put_u32(content, static_cast<std::uint32_t>(content.size() + 4 + kFrameHeaderBytes));
  std::string out;
  put_u32(out, kSkippableFrame);
  put_u32(out, static_cast<std::uint32_t>(content.size()));
  return out + content;
}

base::Result<std::uint64_t> index_bytes(std::string_view end, std::uint64_t file_bytes) {
  const std::uint64_t bytes = get_u32(end, 4);
  if (bytes < kFrameHeaderBytes + kFixedBytes + kIndexEndBytes || bytes > file_bytes) {
    return damaged("has an impossible length");
  }
  return bytes;
}

base::Result<BlockIndex> decode_index(std::string_view tail, std::uint64_t file_bytes) {
  if (tail.size() < kFrameHeaderBytes + kFixedBytes + kIndexEndBytes) {
    return damaged("is too short");
  }
  const std::string_view content =
      tail.substr(kFrameHeaderBytes, tail.size() - kFrameHeaderBytes - kIndexEndBytes);
  if (!content.starts_with(kMagic) ||
      get_u32(tail, tail.size() - kIndexEndBytes) != codec::crc32c(content)) {
    return damaged("fails its checksum");
  }
  if (get_u32(content, 8) != kFormatVersion) {
    return base::fail(base::Code::kInvalid, "compressed segment has format version " +
                                                std::to_string(get_u32(content, 8)) +
                                                ", this program reads version " +
                                                std::to_string(kFormatVersion));
  }
  BlockIndex index;
  index.block_bytes = get_u32(content, 12);
  index.plain_bytes = get_u64(content, 16);
  index.last = get_u64(content, 24);
  const std::uint64_t count = get_u32(content, 32);
  if (content.size() != kFixedBytes + count * kBlockEntryBytes) {
    return damaged("has an impossible length");
  }
  for (std::size_t at = kFixedBytes; at < content.size(); at += kBlockEntryBytes) {
    index.blocks.push_back(
        {get_u32(content, at), get_u32(content, at + 4), get_u64(content, at + 8)});
  }
  if (const base::Status checked = check_blocks(index, file_bytes - tail.size()); !checked) {
    return checked.error();
  }
  return index;
}

base::Result<std::unique_ptr<Source>> compressed_source(std::unique_ptr<io::File> file,
                                                        Position first) {
  const base::Result<std::uint64_t> bytes = file->size();
  if (!bytes) {
    return bytes.error();
  }
  base::Result<BlockIndex> index = read_index(*file, *bytes);
  if (index) {
    return std::unique_ptr<Source>(
        std::make_unique<CompressedSource>(std::move(file), std::move(*index), first));
  }
  if (index.error().code != base::Code::kCorrupt) {
    return index.error();
  }
  const base::Result<std::string> packed = read_exactly(*file, 0, *bytes);
  if (!packed) {
    return packed.error();
  }
  base::Result<std::string> plain = unpack(*packed, kUnpackWholeBytesMax);
  std::string content =
      plain ? std::move(*plain) : std::string(kHeaderBytes + kRecordHeaderBytes, kUnreadable);
  return std::unique_ptr<Source>(std::make_unique<MemorySource>(std::move(content), first));
}

}  // namespace segment
