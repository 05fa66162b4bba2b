#pragma once
// An application as text: the JSON `app create` prints, and the page of `app show` with endpoints
// and a line of code for each SDK.

#include "registry/app.h"
#include "settings/settings.h"

#include <string>
#include <string_view>
#include <vector>

namespace commands {

/// "clevertap", "mobile_analytics" or "segmentstream".
std::string_view api_of(registry::CredentialKind kind);

/// One object: app_id, and the first credential of each API. Secrets are left out unless asked for.
std::string app_json(const registry::App& app, bool secrets);
/// One object a credential, in an array, each with the key that names it.
std::string credentials_json(const std::vector<registry::Credential>& credentials, bool secrets);
/// What app_page() says, as one JSON object: app_json() with settings, endpoints and code.
std::string app_page_json(const registry::App& app, const settings::Paths& paths,
                          const std::string& url, bool secrets);
/// app_json(), settings, endpoint addresses below `url`, and code to paste.
std::string app_page(const registry::App& app, const settings::Paths& paths, const std::string& url,
                     bool secrets);

}  // namespace commands
