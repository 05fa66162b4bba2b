#pragma once
// A run: an immutable file of entries in order, with the first id of every block and a filter at
// its end. A question costs one look at the filter and, when that says perhaps, one read of 4 KiB.
// The layout is in docs/formats/dedup.md. Owner: the Index.

#include "base/result.h"
#include "io/file_system.h"
#include "loader/dedup/entry.h"
#include "loader/dedup/filter.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace loader::dedup {

/// The end of a run file; written as it lies in memory.
struct Footer {
  std::uint64_t magic = 0;
  std::uint64_t entries = 0;
  std::uint64_t blocks = 0;
  std::uint64_t filter_bytes = 0;
  std::uint32_t received_min_s = 0;
  std::uint32_t received_max_s = 0;
  std::uint32_t index_crc = 0;   ///< Of the first ids and the filter.
  std::uint32_t footer_crc = 0;  ///< Of the members before it.
};
static_assert(sizeof(Footer) == 48);

inline constexpr std::uint64_t kRunMagic = 0x3152'5544'4544'4d43;  // "CMDEDUR1"
inline constexpr std::size_t kBlockBytes = 4096;
inline constexpr std::size_t kBlockEntries = 127;

/// What a block holds behind its entries.
struct BlockTail {
  std::uint32_t entries = 0;
  std::uint32_t crc = 0;  ///< Of everything in the block before it.
};
inline constexpr std::size_t kBlockTailOffset = kBlockEntries * sizeof(Entry);

/// Threads: one at a time.
class Run {
 public:
  /// For open(), which reads what they hold from the file.
  Run(std::string name, std::unique_ptr<io::File> file, const Footer& footer, Filter filter)
      : name_(std::move(name)),
        file_(std::move(file)),
        footer_(footer),
        filter_(std::move(filter)) {}

  /// kCorrupt when the file is not a whole run.
  static base::Result<std::unique_ptr<Run>> open(io::FileSystem& files, const std::string& folder,
                                                 std::string name);

  /// Appends the places of `id` to `places`. kCorrupt when the block it lies in is damaged.
  base::Status find(Hash128 id, std::vector<Place>& places);
  /// Starts fetching what find() looks at first.
  void prefetch(Hash128 id) const { filter_.prefetch(id); }
  /// The entries of block `number`.
  base::Status read_block(std::uint64_t number, std::vector<Entry>& entries);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Footer& footer() const { return footer_; }
  [[nodiscard]] std::uint64_t entries() const { return footer_.entries; }

 private:
  std::string name_;
  std::unique_ptr<io::File> file_;
  Footer footer_;
  Filter filter_;
  std::vector<std::uint64_t> firsts_;  // Hash128::high of each block's first entry
  std::vector<Entry> block_;           // reused by find()
};

}  // namespace loader::dedup
