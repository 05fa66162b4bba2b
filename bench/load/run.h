#pragma once
// A whole load: opens all connections, runs the workers, measures the processor time of the middle
// part, and shows how far it is.

#include "base/result.h"
#include "load/options.h"
#include "load/tally.h"

#include <string>

namespace load {

struct Outcome {
  Tally tally;
  std::string run;             ///< What the ids of this run begin with.
  double seconds = 0;          ///< Of the measured part.
  double generator_cpu_s = 0;  ///< User and system time of this process in it.
  double signing_us = 0;       ///< What one signature costs; 0 where nothing is signed.
};

/// What requests will be made of; `run` is 8 hex digits.
Recipe make_recipe(const Options& options, const AppKeys& app, const std::string& run);

base::Result<Outcome> run_load(const Options& options, const Recipe& recipe);

}  // namespace load
