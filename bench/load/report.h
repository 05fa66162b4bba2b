#pragma once
// The figures of a load as text: JSON for programs, a table for people.

#include "load/options.h"
#include "load/run.h"

#include <string>

namespace load {

/// One object; docs/catchment-load.md says what its members mean.
std::string to_json(const Options& options, const Outcome& outcome);
std::string to_table(const Options& options, const Outcome& outcome);

}  // namespace load
