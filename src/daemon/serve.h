#pragma once
// `catchment serve`: opens the data directory, then the control socket, then the port; runs until
// SIGTERM or SIGINT, and stops in the opposite order.

#include "base/clock.h"
#include "base/random.h"
#include "commands/command_line.h"
#include "io/file_system.h"
#include "settings/settings.h"

namespace catchment {

/// Returns the exit code.
int serve(const commands::Invocation& invocation, const settings::Environment& environment,
          io::FileSystem& files, const base::Clock& clock, base::Random& random);

}  // namespace catchment
