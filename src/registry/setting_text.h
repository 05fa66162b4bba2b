#pragma once
// The settings of an application as `app set KEY=VALUE` writes them and the registry stores them.

#include "base/result.h"
#include "registry/app.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace registry {

/// Applies one setting. kInvalid names the key or the value and says what is allowed.
base::Status apply_setting(AppSettings& settings, std::string_view key, std::string_view value);

/// Every setting as key and value, in the form apply_setting() reads.
std::vector<std::pair<std::string, std::string>> list_settings(const AppSettings& settings);

}  // namespace registry
