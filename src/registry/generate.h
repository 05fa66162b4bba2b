#pragma once
// Makes the credentials an operator did not give, in the shape each vendor's own have, and says
// whether given ones can belong to the application.

#include "base/random.h"
#include "base/result.h"
#include "registry/registry.h"

#include <vector>

namespace registry {

/// Credentials for `input`: of every kind when `all_kinds`, else of those kinds it names a field
/// of. Account, project and Mobile Analytics app ids the application has already are taken over.
std::vector<Credential> make_credentials(const CredentialInput& input, bool all_kinds,
                                         const std::vector<Credential>& existing,
                                         base::Random& random);

/// kInvalid when another application of `snapshot` holds the same id or secret, kExists when this
/// one holds the same credential already.
base::Status check_free(const Snapshot& snapshot, std::string_view app_id,
                        const Credential& credential);

}  // namespace registry
