#pragma once
// The part of `catchment import` that runs in the process it was typed in, which alone knows its
// files: reads them, makes records, and hands them part by part to whoever has the data directory.

#include "commands/command_line.h"
#include "imports/format.h"

#include <string>
#include <vector>

namespace commands {

struct ImportFiles {
  imports::Reading reading;
  std::vector<std::string> paths;  ///< Files, and folders that hold them.
};

/// Returns the exit code: 1 when a file could not be read to its end or nothing can be stored.
int run_import(const ImportFiles& files, const Typist& typist, const Call& call);

}  // namespace commands
