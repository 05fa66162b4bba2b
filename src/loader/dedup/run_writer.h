#pragma once
// Writes one run, entry by entry, in order. The file is worth nothing until finish() has returned;
// the Index names it in its manifest only then.

#include "base/result.h"
#include "io/file_system.h"
#include "loader/dedup/entry.h"
#include "loader/dedup/run.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace loader::dedup {

class RunWriter {
 public:
  /// For create().
  RunWriter(io::FileSystem& files, std::string folder, std::string name,
            std::unique_ptr<io::File> file, std::uint64_t entries_max)
      : files_(files),
        folder_(std::move(folder)),
        name_(std::move(name)),
        file_(std::move(file)),
        filter_(entries_max) {}

  /// `entries_max` sizes the filter. Removes what an earlier attempt left under that name.
  static base::Result<std::unique_ptr<RunWriter>> create(io::FileSystem& files,
                                                         const std::string& folder,
                                                         std::string name,
                                                         std::uint64_t entries_max);

  base::Status add(const Entry& entry);
  /// Durable: the file's content and its name, after it returns.
  base::Status finish();

  [[nodiscard]] std::uint64_t entries() const { return footer_.entries; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  void close_block();
  base::Status write_out();

  io::FileSystem& files_;
  std::string folder_;
  std::string name_;
  std::unique_ptr<io::File> file_;
  Filter filter_;
  Footer footer_;
  std::vector<Entry> block_;
  std::vector<std::uint64_t> firsts_;
  std::string buffer_;        // whole blocks not written yet
  std::uint64_t offset_ = 0;  // where buffer_ goes
};

}  // namespace loader::dedup
