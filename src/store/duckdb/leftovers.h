#pragma once
// Files of a seal or a merge that failed: nobody will ever list them, so they are removed, as soon
// as that is safe. Owner: the store; threads: the one that seals.

#include "io/file_system.h"
#include "store/duckdb/manifest.h"

#include <string>
#include <utility>
#include <vector>

namespace store::duckdb {

class Leftovers {
 public:
  /// Lifetime: `files` outlives it.
  Leftovers(std::string folder, io::FileSystem& files)
      : folder_(std::move(folder)), files_(files) {}

  /// Removes what `failed` would have added to `current`; it was never saved.
  void remove(const Manifest& current, const Manifest& failed);
  /// Saving `failed` in place of `current` gave an error. Where it may be on the disk all the same,
  /// its files stay until another manifest is saved: a start in between would miss them.
  void save_failed(const Manifest& current, const Manifest& failed);
  /// A manifest that lists none of them is durable.
  void saved();

 private:
  const std::string folder_;
  io::FileSystem& files_;
  std::vector<std::string> kept_;  // paths
};

}  // namespace store::duckdb
