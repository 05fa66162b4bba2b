#pragma once
// Sends a command line to the server that owns a data directory.

#include "base/result.h"
#include "control/frames.h"
#include "control/output.h"

#include <optional>
#include <string>
#include <vector>

namespace control {

/// A connection to a running server, or nothing when none listens at `path` (also when a killed
/// server left its socket behind).
std::optional<Descriptor> connect_to(const std::string& path);

/// Runs `words` there, writes what comes back to `output`, returns the exit code; kIo when the
/// server goes away before it ends.
base::Result<int> run_remote(const Descriptor& socket, const std::vector<std::string>& words,
                             Output& output);

}  // namespace control
