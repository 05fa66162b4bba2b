#pragma once
// The rules of uap-core's regexes.yaml as values. The file uses a small part of YAML (three lists
// of flat maps of quoted strings), so that is all that is read. Used at start, by the thread that
// opens the Enricher.

#include "base/result.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace enrich {

/// One expression and what its groups stand for.
struct Rule {
  std::string expression;
  bool ignore_case = false;
  /// What to say instead of group 1, 2, ... ("$1" inside stands for group 1): of a browser family,
  /// major, minor; of a system its name, major, minor, patch; of a device its name.
  std::array<std::optional<std::string>, 4> replacements;
};

/// Each list is in order of precedence: the first that matches counts.
struct Rules {
  std::vector<Rule> browsers;
  std::vector<Rule> systems;
  std::vector<Rule> devices;
};

/// kInvalid names the line that is not understood. Keys that are not needed are skipped.
base::Result<Rules> parse_rules(std::string_view text);

/// The regexes.yaml that was there when the program was built.
std::string_view built_in_rules();

}  // namespace enrich
