#pragma once
// HTTP Basic authentication with the API token as user name.

#include "registry/app.h"

#include <string_view>

namespace api::segmentstream {

/// The application whose token the Authorization header carries: as user name with any password, or
/// alone, as some encode it without the colon. nullptr when there is none.
const registry::App* find_app_by_basic(const registry::Snapshot& snapshot,
                                       std::string_view authorization);

}  // namespace api::segmentstream
