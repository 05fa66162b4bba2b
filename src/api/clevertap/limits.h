#pragma once
// The documented sizes of names and values, and what was repaired while reading: either a reason
// to refuse a record, or, with `limits = "lenient"`, marks on the stored event.

#include "api/clevertap/problem.h"
#include "json/value.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace api::clevertap {

inline constexpr std::size_t kRecordsMax = 1000;
/// Records and their items, also of a lenient application: packed, a request could ask for
/// millions.
inline constexpr std::size_t kRowsMax = 20'000;
inline constexpr std::size_t kKeyCharactersMax = 120;
inline constexpr std::size_t kValueBytesMax = 512;
inline constexpr std::size_t kPropertiesMax = 256;
inline constexpr std::size_t kEventTypesMax = 512;

struct Excess {
  Code code = kBadStructure;
  std::string detail;  ///< "property key \"...\" has 130 characters, at most 120 are allowed"
};

/// What of a record exceeds a limit, in the order it was found.
class LimitCheck {
 public:
  /// `what` names the text: "evtName", "property key".
  void check_key(std::string_view what, std::string_view key);
  /// The members of `object`, their keys and texts, and all that is nested in them.
  void check_members(json::Value object);
  void check_count(std::size_t properties);
  void add(Code code, std::string detail);

  [[nodiscard]] const std::vector<Excess>& found() const { return found_; }

 private:
  void check_value(std::string_view key, json::Value value);
  std::vector<Excess> found_;
};

/// The column limit_errors: a JSON array of texts, or "" when there is nothing to tell.
std::string limit_errors(const std::vector<Excess>& found, std::uint8_t repairs);

}  // namespace api::clevertap
