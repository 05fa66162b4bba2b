#pragma once
// What the store's views take from the registry: names that Mobile Analytics' exports show beside
// an event. Each scan reads the registry's snapshot of that moment.

#include "registry/app.h"
#include "store/store.h"

#include <functional>
#include <memory>

namespace engine {

using RegistrySnapshot = std::function<std::shared_ptr<const registry::Snapshot>()>;

/// "identity_pool_rows": app_id, cognito_identity_pool_id. Applications that have one.
std::shared_ptr<store::VirtualTable> identity_pool_table(RegistrySnapshot snapshot);

/// "cognito_rows": app_id, access_key_id, cognito_id. Also of keys that were revoked.
std::shared_ptr<store::VirtualTable> cognito_table(RegistrySnapshot snapshot);

}  // namespace engine
