#pragma once
// Which run files make up the memory of ids, and how far it reaches. Replaced as a whole; a file
// it does not name is worth nothing.

#include "base/result.h"
#include "io/file_system.h"
#include "loader/dedup/entry.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace loader::dedup {

struct Manifest {
  Position through = 0;           ///< The runs hold every id of the records up to here.
  std::uint64_t next_number = 1;  ///< Of the next run file.
  std::vector<std::string> runs;
};

/// Nothing when there is no manifest; kCorrupt when there is one that is damaged.
base::Result<std::optional<Manifest>> read_manifest(io::FileSystem& files,
                                                    const std::string& folder);
/// Durable: after it returns. A crash leaves the old or the new one.
base::Status write_manifest(io::FileSystem& files, const std::string& folder,
                            const Manifest& manifest);

/// "ids-000000000012.run"
std::string run_name(std::uint64_t number);
bool is_run_name(std::string_view name);

}  // namespace loader::dedup
