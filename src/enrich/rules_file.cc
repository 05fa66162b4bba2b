#include "enrich/rules_file.h"

#include "base/text.h"

#include <algorithm>

namespace enrich {
namespace {

constexpr std::size_t kRulesMax = 20'000;

/// The value of a YAML scalar in single quotes, double quotes or none; nullopt when a quote is not
/// closed or something stands behind it.
std::optional<std::string> parse_scalar(std::string_view text) {
  if (text.empty() || (text.front() != '\'' && text.front() != '"')) {
    return std::string(base::trim(text.substr(0, text.find(" #")), base::kWhiteSpace));
  }
  const char quote = text.front();
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool next_is_quote = i + 1 < text.size() && text[i + 1] == quote;
    if (quote == '"' && text[i] == '\\' && i + 1 < text.size()) {
      value += text[++i];
    } else if (text[i] != quote) {
      value += text[i];
    } else if (quote == '\'' && next_is_quote) {
      value += text[++i];
    } else {
      const auto rest = base::trim(text.substr(i + 1), base::kWhiteSpace);
      return rest.empty() || rest.front() == '#' ? std::optional(value) : std::nullopt;
    }
  }
  return std::nullopt;
}

/// Which replacement a key of the file gives.
std::optional<std::size_t> replacement_index(std::string_view key) {
  struct Known {
    std::string_view key;
    std::size_t index;
  };
  static constexpr Known kKnown[] = {
      {"family_replacement", 0}, {"v1_replacement", 1},    {"v2_replacement", 2},
      {"v3_replacement", 3},     {"os_replacement", 0},    {"os_v1_replacement", 1},
      {"os_v2_replacement", 2},  {"os_v3_replacement", 3}, {"device_replacement", 0},
  };
  for (const Known& known : kKnown) {
    if (known.key == key) {
      return known.index;
    }
  }
  return std::nullopt;
}

class RulesParser {
 public:
  /// False when the line is not understood.
  bool take(std::string_view line) {
    const auto content = base::trim(line, base::kWhiteSpace);
    if (content.empty() || content.front() == '#' || content == "---") {
      return true;
    }
    if (line.front() != ' ' && line.front() != '-') {
      list_ = list_of(content);
      return content.back() == ':';
    }
    const bool first_key = content.starts_with("- ");
    const auto pair = first_key ? base::trim(content.substr(2), base::kWhiteSpace) : content;
    const auto colon = pair.find(':');
    if (colon == std::string_view::npos) {
      return false;
    }
    const auto value = parse_scalar(base::trim(pair.substr(colon + 1), base::kWhiteSpace));
    return value && add(first_key, pair.substr(0, colon), *value);
  }
  Rules take_rules() { return std::move(rules_); }

 private:
  std::vector<Rule>* list_of(std::string_view header) {
    if (header == "user_agent_parsers:") {
      return &rules_.browsers;
    }
    if (header == "os_parsers:") {
      return &rules_.systems;
    }
    return header == "device_parsers:" ? &rules_.devices : nullptr;
  }
  bool add(bool first_key, std::string_view key, const std::string& value) {
    if (list_ == nullptr) {
      return true;  // a list of a newer file
    }
    if (first_key) {
      list_->emplace_back();
    }
    if (list_->empty() || list_->size() > kRulesMax) {
      return false;
    }
    Rule& rule = list_->back();
    if (key == "regex") {
      rule.expression = value;
    } else if (key == "regex_flag") {
      rule.ignore_case = value == "i";
    } else if (const auto index = replacement_index(key)) {
      rule.replacements[*index] = value;
    }
    return true;
  }

  Rules rules_;
  std::vector<Rule>* list_ = nullptr;
};

bool every_rule_has_an_expression(const std::vector<Rule>& rules) {
  return std::none_of(rules.begin(), rules.end(),
                      [](const Rule& rule) { return rule.expression.empty(); });
}

}  // namespace

base::Result<Rules> parse_rules(std::string_view text) {
  RulesParser parser;
  int number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    ++number;
    if (!parser.take(line)) {
      return base::fail(base::Code::kInvalid, "user agent rules: line " + std::to_string(number) +
                                                  " is not \"key: 'value'\"");
    }
  }
  Rules rules = parser.take_rules();
  if (rules.browsers.empty() || rules.systems.empty() || rules.devices.empty()) {
    return base::fail(base::Code::kInvalid,
                      "user agent rules: user_agent_parsers, os_parsers or device_parsers is "
                      "missing or empty");
  }
  if (!every_rule_has_an_expression(rules.browsers) ||
      !every_rule_has_an_expression(rules.systems) ||
      !every_rule_has_an_expression(rules.devices)) {
    return base::fail(base::Code::kInvalid, "user agent rules: a rule has no regex");
  }
  return rules;
}

}  // namespace enrich
