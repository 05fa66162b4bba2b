#pragma once
// The table of all settings: how each key's text becomes a field and back.

#include "base/result.h"
#include "settings/settings.h"

#include <span>
#include <string>
#include <string_view>

namespace settings {

struct Key {
  std::string_view name;  ///< "section.key".
  base::Status (*apply)(Settings&, std::string_view text);
  std::string (*read)(const Settings&);
  std::string_view doc;
};

std::span<const Key> keys();

}  // namespace settings
