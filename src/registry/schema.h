#pragma once
// The tables of registry.db, and how a file of an earlier release becomes one of this release.

#include "base/result.h"
#include "registry/database.h"

namespace registry {

/// Makes or completes the tables. kCorrupt for a file of a newer release.
base::Status migrate(Database& database);

}  // namespace registry
