#include "enrich/user_agent.h"

#include "codec/hash.h"

#include <algorithm>
#include <array>
#include <utility>

namespace enrich {
namespace {

/// Of a longer text the rest says nothing more.
constexpr std::size_t kTextBytesMax = 2048;
constexpr std::size_t kAnswersMax = 8192;
constexpr std::string_view kUnknown = "Other";

/// Programs that load pages unattended and that the rules call by their browser's name. In lower
/// case.
constexpr std::array kBots = {
    std::string_view("bot/"),
    std::string_view("bot;"),
    std::string_view("bot)"),
    std::string_view("crawler"),
    std::string_view("spider"),
    std::string_view("headlesschrome"),
    std::string_view("phantomjs"),
    std::string_view("chrome-lighthouse"),
    std::string_view("gtmetrix"),
    std::string_view("pingdom"),
    std::string_view("facebookexternalhit"),
    std::string_view("slurp"),
    std::string_view("mediapartners-google"),
    std::string_view("archive.org"),
    std::string_view("screaming frog"),
    std::string_view("datadogsynthetics"),
    std::string_view("bytespider"),
    std::string_view("bingpreview"),
};

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

template <class... Parts>
bool has_any(std::string_view text, Parts... parts) {
  return ((text.find(parts) != std::string_view::npos) || ...);
}

/// `template_text` with "$1" to "$9" replaced by the groups, without spaces at its ends.
std::string fill(std::string_view template_text, const Matcher::Match& match) {
  std::string out;
  for (std::size_t i = 0; i < template_text.size(); ++i) {
    const bool group = template_text[i] == '$' && i + 1 < template_text.size() &&
                       template_text[i + 1] >= '1' && template_text[i + 1] <= '9';
    if (!group) {
      out += template_text[i];
      continue;
    }
    const auto index = static_cast<std::size_t>(template_text[++i] - '0');
    if (index < match.groups.size()) {
      out += match.groups[index].value_or("");
    }
  }
  const auto first = out.find_first_not_of(' ');
  return first == std::string::npos ? "" : out.substr(first, out.find_last_not_of(' ') - first + 1);
}

/// What a match says at `index`: the rule's replacement, else the group behind it.
std::string part(const Matcher::Match& match, std::size_t index) {
  if (const auto& replacement = match.rule->replacements[index]) {
    return fill(*replacement, match);
  }
  const std::size_t group = index + 1;
  return group < match.groups.size() ? std::string(match.groups[group].value_or("")) : "";
}

std::string name_of(const Matcher::Match& match) {
  std::string name = match.rule == nullptr ? "" : part(match, 0);
  return name.empty() ? std::string(kUnknown) : name;
}

std::string version_of(const Matcher::Match& match) {
  std::string version;
  for (std::size_t i = 1; match.rule != nullptr && i <= 3; ++i) {
    const std::string number = part(match, i);
    if (number.empty()) {
      continue;
    }
    version += (version.empty() ? "" : ".") + number;
  }
  return version;
}

}  // namespace

std::string_view device_category(std::string_view device, std::string_view user_agent) {
  const std::string name = lowered(device);
  const std::string text = lowered(user_agent);
  // The vendor's rule takes every name with "bot" in it; Cubot makes telephones.
  const bool bot_by_name =
      (has_any(name, "bot") && !has_any(name, "cubot")) || name == "spider" || name == "crawler";
  const bool bot_by_text =
      !has_any(text, "cubot") && std::any_of(kBots.begin(), kBots.end(), [&](std::string_view bot) {
        return text.find(bot) != std::string::npos;
      });
  if (bot_by_name || bot_by_text) {
    return "Bot";
  }
  if (has_any(name, "mobile", "phone")) {
    return "Mobile";
  }
  if (has_any(name, "tablet", "pad", "kindle")) {
    return "Tablet";
  }
  return has_any(name, "pc", "mac", "linux") ? "PC" : "Other";
}

const UserAgent& UserAgents::find(std::string_view text) {
  text = text.substr(0, kTextBytesMax);
  const codec::Hash128 hash = codec::hash128(text);
  std::string key(reinterpret_cast<const char*>(&hash), sizeof hash);
  if (const auto known = young_.find(key); known != young_.end()) {
    return known->second;
  }
  UserAgent answer;
  if (const auto known = old_.find(key); known != old_.end()) {
    answer = known->second;
  } else {
    answer = ask_rules(text);
  }
  if (young_.size() >= kAnswersMax) {
    old_ = std::move(young_);
    young_.clear();
  }
  return young_.emplace(std::move(key), std::move(answer)).first->second;
}

std::size_t UserAgents::compile() {
  if (!matchers_) {
    matchers_ = std::make_unique<Matchers>(rules_);
  }
  return matchers_->browsers.left_out() + matchers_->systems.left_out() +
         matchers_->devices.left_out();
}

UserAgent UserAgents::ask_rules(std::string_view text) {
  compile();
  UserAgent answer;
  const Matcher::Match browser = matchers_->browsers.first(text);
  answer.browser = name_of(browser);
  answer.browser_version = version_of(browser);
  const Matcher::Match system = matchers_->systems.first(text);
  answer.os = name_of(system);
  answer.os_version = version_of(system);
  answer.device = name_of(matchers_->devices.first(text));
  answer.device_category = device_category(answer.device, text);
  return answer;
}

}  // namespace enrich
