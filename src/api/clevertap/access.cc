#include "api/clevertap/access.h"

#include "codec/hash.h"

#include <utility>

namespace api::clevertap {
namespace {

bool holds(const registry::App& app, std::string_view account_id, std::string_view passcode) {
  bool found = false;
  for (const registry::Credential& credential : app.credentials) {
    if (credential.kind == registry::CredentialKind::kClevertap && credential.id == account_id) {
      found = codec::equal_constant_time(credential.secret, passcode) || found;
    }
  }
  return found;
}

}  // namespace

Access authenticate(const http::Request& request, const registry::Snapshot& snapshot) {
  const std::string_view account_id = request.header("x-clevertap-account-id");
  if (account_id.empty()) {
    return {nullptr, "12 digit account ID mandatory"};
  }
  const registry::App* const app = snapshot.app_by_clevertap_account(account_id);
  if (app == nullptr) {
    return {nullptr, "Account ID is not valid"};
  }
  if (!holds(*app, account_id, request.header("x-clevertap-passcode"))) {
    return {nullptr, "Passcode Invalid"};
  }
  return {app, {}};
}

InFlight::Place InFlight::enter(const std::string& app_id, std::int64_t requests_max) {
  const std::lock_guard lock(counts_->mutex);
  std::int64_t& count = counts_->by_app[app_id];
  if (requests_max > 0 && count >= requests_max) {
    return nullptr;
  }
  ++count;
  Counts* const counts = counts_.get();
  return {counts, [kept = counts_, app_id](void*) {
            const std::lock_guard leaving(kept->mutex);
            const auto found = kept->by_app.find(app_id);
            if (--found->second == 0) {
              kept->by_app.erase(found);
            }
          }};
}

}  // namespace api::clevertap
