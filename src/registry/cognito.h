#pragma once
// Whose an AWS key is: the Amazon Cognito identity that exports show. Kept apart from the keys, so
// that the events of a key that was revoked still say whose they are.

#include "base/result.h"
#include "registry/app.h"
#include "registry/database.h"

#include <string>

namespace registry {

/// Fills `app.cognito_ids`, and the field of its credentials.
base::Status load_cognito_ids(Database& database, App& app);

/// Keeps the identity `credential` names; forgets the one there was where it names none.
base::Status save_cognito_id(Database& database, const std::string& app_id,
                             const Credential& credential);

}  // namespace registry
