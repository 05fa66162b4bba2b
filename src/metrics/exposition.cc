#include "metrics/exposition.h"

namespace metrics {
namespace {

constexpr std::string_view kPrefix = "catchment_";

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
}

}  // namespace

Exposition& Exposition::family(std::string_view name, std::string_view help,
                               std::string_view type) {
  name_ = kPrefix;
  name_ += name;
  out_ += "# HELP " + name_ + " ";
  out_ += help;
  out_ += "\n# TYPE " + name_ + " ";
  out_ += type;
  out_ += '\n';
  return *this;
}

Exposition& Exposition::counter(std::string_view name, std::string_view help) {
  return family(name, help, "counter");
}

Exposition& Exposition::gauge(std::string_view name, std::string_view help) {
  return family(name, help, "gauge");
}

Exposition& Exposition::sample(std::uint64_t value, Labels labels) {
  out_ += name_;
  char separator = '{';
  for (const auto& [key, text] : labels) {
    out_ += separator;
    out_ += key;
    out_ += "=\"";
    append_escaped(out_, text);
    out_ += '"';
    separator = ',';
  }
  out_ += labels.size() == 0 ? " " : "} ";
  out_ += std::to_string(value);
  out_ += '\n';
  return *this;
}

}  // namespace metrics
