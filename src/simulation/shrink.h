#pragma once
// Makes a history that fails as short as it gets while it still fails, to be kept as a fixture.

#include "simulation/history.h"

namespace simulation {

/// Lifetime of the process: a history that ends it (a crash of the program itself) cannot be
/// shrunk.
History shrink(History history);

}  // namespace simulation
