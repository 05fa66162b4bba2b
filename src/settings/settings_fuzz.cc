// Any text as a settings file, and as values of the environment: no crash, what is refused says
// why in one line, and every value that is accepted reads back from its own text.

#include "base/check.h"
#include "settings/keys.h"
#include "settings/settings.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

void check_message(const base::Error& error) {
  CHECK(error.code == base::Code::kInvalid);
  CHECK(!error.message.empty() && error.message.find('\n') == std::string::npos);
}

void check_settings(const settings::Settings& loaded) {
  for (const settings::Key& key : settings::keys()) {
    settings::Settings again;
    const std::string text = key.read(loaded);
    CHECK(key.apply(again, text));
    CHECK(key.read(again) == text);
  }
}

/// "NAME=value" lines.
settings::Environment environment_of(std::string_view text) {
  settings::Environment environment;
  while (!text.empty() && environment.size() < 20) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t equals = std::min(line.find('='), line.size());
    environment["CATCHMENT_" + std::string(line.substr(0, equals))] =
        line.substr(std::min(equals + 1, line.size()));
  }
  return environment;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const bool is_file : {true, false}) {
    const auto loaded = is_file ? settings::load(text, "c.toml", {})
                                : settings::load("", "c.toml", environment_of(text));
    if (loaded) {
      check_settings(*loaded);
    } else {
      check_message(loaded.error());
    }
  }
  settings::Server server;
  static_cast<void>(settings::set_listen(server, text));
  return 0;
}
