#include "settings/settings.h"

#include "base/text.h"
#include "settings/keys.h"

namespace settings {

/// Thrown by the TOML parser where it asserts what some texts do not keep to ("[:"); in every build
/// that must be no more than a text it does not understand.
class BrokenText {};
[[noreturn]] void throw_broken_text() { throw BrokenText(); }

}  // namespace settings

#undef NDEBUG
#define TOML_ASSERT(expr) ((expr) ? static_cast<void>(0) : settings::throw_broken_text())
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace settings {
namespace {

constexpr std::string_view kPrefix = "CATCHMENT_";

const Key* find_key(std::string_view name) {
  const auto found = std::ranges::find(keys(), name, &Key::name);
  return found == keys().end() ? nullptr : &*found;
}

std::string variable_of(std::string_view name) {
  std::string out(kPrefix);
  for (const char c : name) {
    out += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return out;
}

bool known_section(std::string_view section) {
  return std::ranges::any_of(keys(), [section](const Key& key) {
    return key.name.substr(0, key.name.find('.')) == section;
  });
}

std::string known_keys_of(std::string_view section) {
  std::string out;
  for (const Key& key : keys()) {
    if (key.name.substr(0, key.name.find('.')) == section) {
      out += (out.empty() ? "" : ", ") + std::string(key.name.substr(section.size() + 1));
    }
  }
  return out;
}

/// A scalar, or a list of texts, as the text the key table reads.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) {
    return text->get();
  }
  if (const auto* number = node.as_integer()) {
    return std::to_string(number->get());
  }
  if (const auto* flag = node.as_boolean()) {
    return flag->get() ? "true" : "false";
  }
  const auto* list = node.as_array();
  if (list == nullptr) {
    return std::nullopt;
  }
  std::string out;
  for (const toml::node& element : *list) {
    const auto* text = element.as_string();
    if (text == nullptr) {
      return std::nullopt;
    }
    out += (out.empty() ? "" : ",") + text->get();
  }
  return out;
}

base::Error at(std::string_view file_name, const toml::node& node, const std::string& message) {
  return base::fail(
      base::Code::kInvalid,
      std::string(file_name) + ":" + std::to_string(node.source().begin.line) + ": " + message);
}

base::Status apply_section(Settings& out, std::string_view section, const toml::table& table,
                           std::string_view file_name) {
  for (const auto& [name, node] : table) {
    const std::string full = std::string(section) + "." + std::string(name.str());
    const Key* key = find_key(full);
    if (key == nullptr) {
      return at(file_name, node,
                "there is no setting \"" + full + "\"; [" + std::string(section) + "] has " +
                    known_keys_of(section));
    }
    const std::optional<std::string> text = text_of(node);
    if (!text) {
      return at(file_name, node, "\"" + full + "\" has a value of the wrong type");
    }
    const base::Status applied = key->apply(out, *text);
    if (!applied) {
      return at(file_name, node, "\"" + full + "\": " + applied.error().message);
    }
  }
  return base::ok();
}

/// Where the text goes on behind the string that begins at `start`. One that does not end takes the
/// rest of its line, or of the text.
std::size_t behind_string(std::string_view toml, std::size_t start) {
  const char quote = toml[start];
  const std::string three(3, quote);
  const bool lines = toml.substr(start).starts_with(three);
  std::size_t at = start + (lines ? three.size() : 1);
  for (; at < toml.size() && (lines || toml[at] != '\n'); ++at) {
    if (quote == '"' && toml[at] == '\\') {
      ++at;
    } else if (!lines && toml[at] == quote) {
      return at + 1;
    } else if (lines && toml.substr(at).starts_with(three)) {
      // Up to two quotes may stand before the three that end it.
      return std::min({toml.find_first_not_of(quote, at), at + 5, toml.size()});
    }
  }
  return std::min(at, toml.size());
}

/// Whether a quote at `at` begins a string: a key or a value. Behind anything else the parser stops
/// there, or, behind a sign, reads on as if it were no quote.
bool begins_string(std::string_view toml, std::size_t at) {
  const std::string_view before = base::trim(toml.substr(0, at), " \t\r");
  return before.empty() ||
         std::string_view("\n=[,{.").find(before.back()) != std::string_view::npos;
}

/// The line of the first character that TOML allows in strings and comments alone. Looking for
/// white space, the parser takes some of these for what cannot occur, which is undefined behaviour.
std::optional<std::int64_t> line_of_stray_character(std::string_view toml) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (toml.starts_with(kByteOrderMark)) {
    toml.remove_prefix(kByteOrderMark.size());
  }
  std::size_t at = 0;
  while (at < toml.size()) {
    if (static_cast<unsigned char>(toml[at]) >= 0x80) {
      return 1 + std::ranges::count(toml.substr(0, at), '\n');
    }
    if (toml[at] == '#') {
      at = std::min(toml.find('\n', at), toml.size());
    } else if ((toml[at] == '"' || toml[at] == '\'') && begins_string(toml, at)) {
      at = behind_string(toml, at);
    } else {
      ++at;
    }
  }
  return std::nullopt;
}

base::Status apply_file(Settings& out, std::string_view toml, std::string_view file_name) {
  if (const std::optional<std::int64_t> line = line_of_stray_character(toml)) {
    return base::fail(base::Code::kInvalid,
                      std::string(file_name) + ":" + std::to_string(*line) +
                          ": a character outside of quotes and comments is not ASCII");
  }
  toml::table root;
  try {
    root = toml::parse(toml, file_name);
  } catch (const toml::parse_error& error) {
    return base::fail(base::Code::kInvalid, std::string(file_name) + ":" +
                                                std::to_string(error.source().begin.line) + ": " +
                                                std::string(error.description()));
  } catch (const BrokenText&) {
    return base::fail(base::Code::kInvalid, std::string(file_name) + ": is not written in TOML");
  }
  for (const auto& [name, node] : root) {
    const toml::table* table = node.as_table();
    if (table == nullptr || !known_section(name.str())) {
      return at(file_name, node, "there is no section [" + std::string(name.str()) + "]");
    }
    const base::Status applied = apply_section(out, name.str(), *table, file_name);
    if (!applied) {
      return applied;
    }
  }
  return base::ok();
}

/// True when the variable begins like one of a known section, so that it must be meant for us.
bool meant_for_us(std::string_view variable) {
  return std::ranges::any_of(keys(), [variable](const Key& key) {
    const std::string_view section = key.name.substr(0, key.name.find('.') + 1);
    return variable.starts_with(variable_of(section));
  });
}

base::Status apply_environment(Settings& out, const Environment& environment) {
  for (const auto& [variable, text] : environment) {
    const auto key = std::ranges::find_if(
        keys(), [&variable](const Key& entry) { return variable_of(entry.name) == variable; });
    if (key == keys().end()) {
      if (meant_for_us(variable)) {
        return base::fail(base::Code::kInvalid,
                          "environment variable " + variable + " names no setting");
      }
      continue;
    }
    const base::Status applied = key->apply(out, text);
    if (!applied) {
      return base::fail(base::Code::kInvalid, variable + ": " + applied.error().message);
    }
  }
  return base::ok();
}

base::Status check_together(const Settings& settings) {
  if (settings.server.tls_certificate_file.empty() != settings.server.tls_key_file.empty()) {
    return base::fail(base::Code::kInvalid,
                      "server.tls_certificate_file and server.tls_key_file need each other");
  }
  const Paths& paths = settings.paths;
  std::vector<std::string> all = {paths.clickstream, paths.clevertap, paths.mobile_analytics,
                                  paths.segmentstream};
  std::ranges::sort(all);
  const auto twice = std::ranges::adjacent_find(all);
  if (twice != all.end()) {
    return base::fail(base::Code::kInvalid, "two APIs have the path \"" + *twice + "\"");
  }
  return base::ok();
}

}  // namespace

base::Status set_listen(Server& server, std::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon == std::string_view::npos ? 0 : colon);
  const std::string_view port = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (host.empty() || port.empty() || error != std::errc() || end != port.data() + port.size()) {
    return base::fail(base::Code::kInvalid, "\"" + std::string(text) +
                                                "\" is not an address and port such as "
                                                "127.0.0.1:8080 or [::1]:8080");
  }
  server.host = host;
  server.port = number;
  return base::ok();
}

base::Result<Settings> load(std::string_view toml, std::string_view file_name,
                            const Environment& environment) {
  Settings out;
  base::Status done = apply_file(out, toml, file_name);
  if (done) {
    done = apply_environment(out, environment);
  }
  if (done) {
    done = check_together(out);
  }
  if (!done) {
    base::Error error = done.error();
    // A value may hold line ends, a message of one line may not.
    std::ranges::replace_if(error.message, [](char c) { return c >= '\0' && c < ' '; }, ' ');
    return error;
  }
  return out;
}

std::vector<SettingInfo> list_settings() {
  const Settings defaults;
  std::vector<SettingInfo> out;
  for (const Key& key : keys()) {
    out.push_back({key.name, key.read(defaults), key.doc});
  }
  return out;
}

}  // namespace settings
