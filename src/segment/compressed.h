#pragma once
// The compressed form of a full segment: the same bytes in zstd frames of one block each, and an
// index, so that one block at a time is unpacked. Written by the keeper, read through a Source.
// `zstd -dc` gives the plain segment back.

#include "base/result.h"
#include "io/file_system.h"
#include "segment/format.h"
#include "segment/source.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace segment {

inline constexpr std::uint32_t kBlockBytes = std::uint32_t{1} << 20U;

struct Block {
  static constexpr std::uint32_t kNoRecord = 0xffffffffU;
  std::uint32_t packed_bytes = 0;
  std::uint32_t record_offset = kNoRecord;  ///< In the block: where the first record starts.
  Position position = 0;                    ///< Of that record.
};

struct BlockIndex {
  std::uint32_t block_bytes = kBlockBytes;  ///< Of every block but the last.
  std::uint64_t plain_bytes = 0;
  Position last = 0;  ///< Highest position in the segment.
  std::vector<Block> blocks;
};

/// The index as a skippable frame, the end of the file.
std::string encode_index(const BlockIndex& index);
/// `tail` is the end of the file, as much of it as index_bytes() says.
base::Result<BlockIndex> decode_index(std::string_view tail, std::uint64_t file_bytes);
/// How long the index is, by the last kIndexEndBytes of the file; kCorrupt when they cannot be so.
base::Result<std::uint64_t> index_bytes(std::string_view end, std::uint64_t file_bytes);
inline constexpr std::size_t kIndexEndBytes = 8;

/// Without a readable index the file is unpacked whole, which costs its plain size in memory; where
/// that fails too, what the Source gives is damage from the first byte on.
base::Result<std::unique_ptr<Source>> compressed_source(std::unique_ptr<io::File> file,
                                                        Position first);

}  // namespace segment
