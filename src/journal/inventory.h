#pragma once
// How many segments there are and how many bytes they take, without opening every file at every
// question: a full segment never changes its size. Owner: the Writer; threads: any.

#include "io/file_system.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace journal {

class Inventory {
 public:
  struct Totals {
    std::uint64_t segments = 0;      ///< With the active one.
    std::uint64_t sealed_bytes = 0;  ///< Without the active one.
  };

  /// Lifetime: `files` outlives the Inventory.
  Inventory(io::FileSystem& files, std::string folder);

  /// Reads the folder; opens only files it has not seen before. Zeros when it cannot be read.
  Totals totals();

 private:
  io::FileSystem& files_;
  const std::string folder_;
  std::mutex mutex_;  // guards the next
  std::map<std::string, std::uint64_t> bytes_by_name_;
};

}  // namespace journal
