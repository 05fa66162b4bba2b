// Any text as the addresses of a page and its referrers, as a User-Agent, as a file of user agent
// rules and as a list of referrers: no crash, no loop, and the parts of an address lie in it.

#include "base/check.h"
#include "enrich/page_url.h"
#include "enrich/referrer_list.h"
#include "enrich/rules_file.h"
#include "enrich/traffic_source.h"
#include "enrich/user_agent.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace {

/// A few rules: that the file's thousand compile is tested elsewhere, and takes a second.
constexpr std::string_view kRules = R"(user_agent_parsers:
  - regex: '(Firefox)/(\d+)\.(\d+)\.?(\d+)?'
    family_replacement: '$1 of $2'
  - regex: '(?:(bot|crawl)er|spider)[/ ]?v?(\d*)'
    regex_flag: 'i'
  - regex: '([A-Za-z]{3,})/(\d+)'
os_parsers:
  - regex: '(Android)[ \-/](\d+)(?:\.(\d+))?(?:[.\-]([a-z0-9]+))?'
  - regex: '(Windows) NT (10|6\.\d)'
    os_replacement: 'Windows'
    os_v1_replacement: '$2'
device_parsers:
  - regex: '; *(SM-[A-Z0-9]+|Pixel \d)[^;]* Build'
    device_replacement: 'Phone $1'
)";

void check_url(std::string_view url) {
  const enrich::UrlParts parts = enrich::split_url(url);
  CHECK(parts.path.size() + parts.query.size() <= url.size() + 1);
  CHECK(parts.host.size() <= url.size());
  CHECK(parts.host.find_first_of("/?#@ ") == std::string::npos);
  event::Event event;
  enrich::add_traffic_source(parts.query, event);
  enrich::add_traffic_source(url, event);
}

void check_visit(std::string_view url, std::string_view referrer) {
  static const enrich::TrafficSources sources(
      *enrich::ReferrerList::parse(enrich::built_in_referrers()), false);
  event::Event event;
  event.api = event::Api::kClickstream;
  event.page_url = url;
  event.page_referrer = referrer;
  event.latest_referrer = referrer;
  sources.complete(enrich::split_url(url), event);
}

/// Answers rest on the text alone, not on what was asked before.
void check_user_agent(std::string_view text) {
  static enrich::UserAgents asked_before(*enrich::parse_rules(kRules));
  static enrich::UserAgents other(*enrich::parse_rules(kRules));
  const enrich::UserAgent first = asked_before.find(text);
  static_cast<void>(other.find("Mozilla/5.0 (Android 14; Pixel 8 Build) Firefox/120.1"));
  const enrich::UserAgent& second = other.find(text);
  CHECK(first.browser == second.browser && first.browser_version == second.browser_version);
  CHECK(first.os == second.os && first.os_version == second.os_version);
  CHECK(first.device == second.device && first.device_category == second.device_category);
  CHECK(!first.browser.empty() && !first.os.empty() && !first.device.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_url(text);
  const std::size_t line_end = std::min(text.find('\n'), text.size());
  check_visit(text.substr(0, line_end), text.substr(line_end));
  check_visit("https://shop.example/", text);
  if (const auto referrers = enrich::ReferrerList::parse(text)) {
    static_cast<void>(referrers->find(text, enrich::split_url(text)));
  }
  check_user_agent(text);
  if (const auto rules = enrich::parse_rules(text)) {
    for (const auto* list : {&rules->browsers, &rules->systems, &rules->devices}) {
      for (const enrich::Rule& rule : *list) {
        CHECK(rule.expression.size() <= text.size());
      }
    }
  } else {
    CHECK(rules.error().code == base::Code::kInvalid);
  }
  return 0;
}
