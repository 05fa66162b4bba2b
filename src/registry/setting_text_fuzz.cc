// Any "key=value" as a setting of an application: what is accepted is listed as a text that gives
// the same setting again.

#include "base/check.h"
#include "registry/setting_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t equals = std::min(text.find('='), text.size());
  registry::AppSettings settings;
  const auto applied = registry::apply_setting(settings, text.substr(0, equals),
                                               text.substr(std::min(equals + 1, text.size())));
  if (!applied) {
    CHECK(applied.error().code == base::Code::kInvalid && !applied.error().message.empty());
  }
  registry::AppSettings again;
  for (const auto& [key, value] : registry::list_settings(settings)) {
    CHECK(registry::apply_setting(again, key, value));
  }
  CHECK(registry::list_settings(again) == registry::list_settings(settings));
  return 0;
}
