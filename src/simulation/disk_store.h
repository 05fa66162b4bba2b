#pragma once
// The store of the simulation: what store/duckdb promises about crashes, on the simulated disk.
// Hot rows are in memory; a seal writes them into a file and records it in the manifest, which is
// the real one of store/duckdb with its rules. In place of Parquet a file holds a line per row.

#include "io/file_system.h"
#include "store/duckdb/manifest.h"
#include "store/store.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace simulation {

using event::Position;

/// Threads: one.
class DiskStore final : public store::Store {
 public:
  /// `settle` makes the journal durable. Lifetime: `files` outlives it.
  static base::Result<std::unique_ptr<DiskStore>> open(io::FileSystem& files, std::string folder,
                                                       std::function<base::Status()> settle);
  /// For open().
  DiskStore(io::FileSystem& files, std::string folder, std::function<base::Status()> settle)
      : files_(files), folder_(std::move(folder)), settle_(std::move(settle)) {}

  base::Status append(store::Batch batch) override;
  base::Status seal() override;
  base::Result<bool> compact() override;
  base::Status clear() override;
  [[nodiscard]] Position visible_position() const override { return visible_; }
  [[nodiscard]] Position sealed_position() const override { return manifest_.sealed; }
  [[nodiscard]] store::Stats stats() const override;
  base::Result<store::QueryResult> query(std::string_view sql, store::ResultFormat format,
                                         const store::QueryLimits& limits) override;

  /// Every row, hot or in a file: "E " and event_row(), or "R " and the position.
  base::Result<std::vector<std::string>> rows();
  /// What the loader did that it must not; empty while all is well.
  [[nodiscard]] const std::string& misuse() const { return misuse_; }

 private:
  base::Result<store::duckdb::FileEntry> write(const std::vector<std::string>& rows,
                                               std::uint64_t generation);
  base::Status write_file(const std::string& path, const std::string& text);
  base::Result<std::vector<std::string>> read(const store::duckdb::FileEntry& entry);

  io::FileSystem& files_;
  const std::string folder_;
  const std::function<base::Status()> settle_;
  store::duckdb::Manifest manifest_;
  std::uint64_t last_generation_ = 0;
  std::vector<std::string> hot_;
  Position visible_ = 0;
  std::string misuse_;
};

}  // namespace simulation
