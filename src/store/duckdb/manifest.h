#pragma once
// The list of files that make up the store, and the journal position up to which they stand for it.
// Replacing it is the commit point of seal() and compact(): a file that is not listed does not
// exist. The text is JSON, described in docs/formats/store.md.

#include "base/result.h"
#include "io/file_system.h"
#include "store/duckdb/snapshot.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace store::duckdb {

/// Below the store's folder: what merging cannot keep in memory.
inline constexpr std::string_view kSpillFolder = "tmp";

struct Manifest {
  std::uint64_t generation = 0;
  event::Position sealed = 0;
  /// Every list of column names some file has; FileEntry::column_set counts into it.
  std::vector<std::vector<std::string>> column_sets;
  std::vector<FileEntry> files;
};

std::string manifest_text(const Manifest& manifest);
/// kCorrupt when `text` is not what manifest_text() writes.
base::Result<Manifest> parse_manifest(std::string_view text);

/// Where the list of today's columns of `table` stands in `manifest`; added when it is missing.
std::uint32_t current_column_set(Table table, Manifest& manifest);

/// Reads FOLDER/manifest.json. A folder without one and without files gets an empty one. kCorrupt
/// when it is missing beside files, damaged, or lists a file that is missing or cut.
base::Result<Manifest> load_manifest(const std::string& folder, io::FileSystem& files);
/// The generation of FOLDER/manifest.json, whatever its files; an error where it cannot be read.
base::Result<std::uint64_t> saved_generation(const std::string& folder, io::FileSystem& files);
/// Durable: after it returns.
base::Status save_manifest(const Manifest& manifest, const std::string& folder,
                           io::FileSystem& files);
/// Of the first `bytes` bytes of a file.
base::Result<std::uint32_t> checksum_of(io::File& file, std::uint64_t bytes);
/// The manifest's files; those among `before` keep their pin.
std::shared_ptr<const FileList> pin_files(const Manifest& manifest, const FileList& before,
                                          const std::string& folder, io::FileSystem& files);
/// Reads the whole file. kCorrupt when it is not what was written, or cannot be read.
base::Status check_content(const FileEntry& entry, const std::string& folder,
                           io::FileSystem& files);
/// Removes what lies in the tables' folders without being listed, and what a merge spilled. Gives
/// how many files were not listed.
base::Result<std::size_t> remove_unlisted(const Manifest& manifest, const std::string& folder,
                                          io::FileSystem& files);

/// Files of a seal or a merge that failed: nobody will ever list them, so they are removed, as soon
/// as that is safe. Threads: one at a time.
class Leftovers {
 public:
  /// Lifetime: `files` outlives it.
  Leftovers(std::string folder, io::FileSystem& files)
      : folder_(std::move(folder)), files_(files) {}

  /// Saving `failed` in place of `current` gave an error. Where it may be on the disk all the same,
  /// its files stay until another manifest is saved: a start in between would miss them.
  void save_failed(const Manifest& current, const Manifest& failed) {
    const auto there = saved_generation(folder_, files_);
    const bool safe = paths_.empty() && there && *there == current.generation;
    note(current, failed);
    if (safe) {
      saved();
    }
  }
  /// A manifest that lists none of them is durable. What cannot be removed goes at the next open().
  void saved() {
    for (const std::string& path : std::exchange(paths_, {})) {
      static_cast<void>(files_.remove(io::join(folder_, path)));
    }
  }

 private:
  void note(const Manifest& current, const Manifest& failed) {
    for (const FileEntry& entry : failed.files) {
      if (std::ranges::find(current.files, entry.path, &FileEntry::path) == current.files.end()) {
        paths_.push_back(entry.path);
      }
    }
  }

  const std::string folder_;
  io::FileSystem& files_;
  std::vector<std::string> paths_;
};

}  // namespace store::duckdb
