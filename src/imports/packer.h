#pragma once
// Puts the units of one part together again as requests.

#include "base/result.h"
#include "imports/format.h"
#include "imports/same.h"
#include "imports/unit.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace imports {

/// Threads: one at a time.
class Packer {
 public:
  /// Lifetime: all outlive it. `file` is the name that records are labelled with.
  Packer(const Reading& reading, std::string_view file, SameUnits& same)
      : reading_(reading), file_(file), same_(same) {}

  void add(Unit unit, std::uint64_t line);
  /// Keeps `text`, for `reason`.
  void refuse(std::string_view text, const std::string& reason, std::uint64_t line);
  /// The records of all that was added, in its order; `part` is the part's id.
  std::vector<std::string> records(std::string_view part) const;

 private:
  /// A request in the making.
  struct Request {
    Unit common;
    std::string body;
    std::string ordinals;
    std::size_t units = 0;
    std::uint64_t line = 0;
    std::string reason;  ///< Of one that is put aside.
  };
  [[nodiscard]] bool takes_many() const;
  [[nodiscard]] std::string encode(const Request& request, const std::string& id) const;

  const Reading& reading_;
  const std::string_view file_;
  SameUnits& same_;
  std::vector<Request> requests_;
  std::map<std::string, std::size_t> open_;  ///< By what their units have in common.
};

/// Records as one text, for the command that stores them; split() takes them apart again and gives
/// kInvalid for what join() did not make.
std::string join(const std::vector<std::string>& records);
base::Result<std::vector<std::string_view>> split(std::string_view text);

}  // namespace imports
