#pragma once
// What Amazon Cognito answered the Mobile Analytics SDKs before their first event: GetId and
// GetCredentialsForIdentity, POST / with X-Amz-Target, unsigned. Whoever knows the id of an
// application's identity pool gets its newest AWS key that has a session token. Off unless the
// application says cognito_identities=true. Nothing of it reaches the journal.

#include "base/clock.h"
#include "base/random.h"
#include "http/message.h"
#include "registry/registry.h"

#include <memory>

namespace api::mobile_analytics {

/// A handler for all paths; what is no such call, or while no application wants them answered, is
/// left to `others`. Lifetime: all outlive it.
std::unique_ptr<http::Handler> make_identity_endpoint(const base::Clock& clock,
                                                      base::Random& random,
                                                      registry::Registry& registry,
                                                      http::Handler& others);

}  // namespace api::mobile_analytics
