#include "enrich/user_agent.h"

#include <gtest/gtest.h>

namespace enrich {
namespace {

struct Case {
  const char* text;
  UserAgent expected;
};

constexpr const char* kChromeOnWindows =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/58.0.3029.110 Safari/537.3";

const Case kCases[] = {
    {kChromeOnWindows, {"Chrome", "58.0.3029", "Windows", "10", "Other", "Other"}},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 16_6_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
     {"Mobile Safari", "16.6", "iOS", "16.6.1", "iPhone", "Mobile"}},
    {"Mozilla/5.0 (iPad; CPU OS 15_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/15.1 Mobile/15E148 Safari/604.1",
     {"Mobile Safari", "15.1", "iOS", "15.1", "iPad", "Tablet"}},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/17.1 Safari/605.1.15",
     {"Safari", "17.1", "Mac OS X", "10.15.7", "Mac", "PC"}},
    {"Mozilla/5.0 (Linux; Android 13; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/112.0.0.0 Mobile Safari/537.36",
     {"Chrome Mobile", "112.0.0", "Android", "13", "Samsung SM-S918B", "Other"}},
    {"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
     {"Firefox", "115.0", "Ubuntu", "", "Other", "Other"}},
    {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
     {"Googlebot", "2.1", "Other", "", "Spider", "Bot"}},
    {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "HeadlessChrome/90.0.4430.212 Safari/537.36",
     {"HeadlessChrome", "90.0.4430", "Linux", "", "Other", "Bot"}},
    {"test", {"Other", "", "Other", "", "Other", "Other"}},
};

Rules built_in() {
  auto rules = parse_rules(built_in_rules());
  EXPECT_TRUE(rules);
  return *std::move(rules);
}

TEST(UserAgents, BuiltInRulesKnowCommonPrograms) {
  UserAgents user_agents(built_in());
  EXPECT_EQ(user_agents.compile(), 0U);
  for (const Case& one : kCases) {
    const UserAgent& found = user_agents.find(one.text);
    EXPECT_EQ(found.browser, one.expected.browser) << one.text;
    EXPECT_EQ(found.browser_version, one.expected.browser_version) << one.text;
    EXPECT_EQ(found.os, one.expected.os) << one.text;
    EXPECT_EQ(found.os_version, one.expected.os_version) << one.text;
    EXPECT_EQ(found.device, one.expected.device) << one.text;
    EXPECT_EQ(found.device_category, one.expected.device_category) << one.text;
  }
  for (const std::string& odd : {std::string("\xff\xfe\0x", 4), std::string(100'000, 'a')}) {
    EXPECT_EQ(user_agents.find(odd).browser, "Other");
  }
}

TEST(UserAgents, AnswersStayTheSameWhenMoreComeThanAreKept) {
  Rules rules;
  rules.browsers.push_back({.expression = "(App)/(\\d+)", .replacements = {}});
  rules.systems.push_back({.expression = "none", .replacements = {}});
  rules.devices.push_back(
      {.expression = "App", .replacements = {"  A $1$2 $9 phone ", {}, {}, {}}});
  UserAgents user_agents(rules);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 20'000; i += round == 0 ? 1 : 997) {
      const std::string number = std::to_string(i);
      ASSERT_EQ(user_agents.find("App/" + number).browser_version, number);
    }
  }
  EXPECT_EQ(user_agents.find("App/1").device, "A   phone");
  EXPECT_EQ(user_agents.find("App/1").device_category, "Mobile");
}

TEST(DeviceCategory, FollowsTheNameOfTheDevice) {
  EXPECT_EQ(device_category("Generic Smartphone", ""), "Mobile");
  EXPECT_EQ(device_category("Generic Tablet", ""), "Tablet");
  EXPECT_EQ(device_category("Kindle Fire", ""), "Tablet");
  EXPECT_EQ(device_category("Linux Desktop", ""), "PC");
  EXPECT_EQ(device_category("Crawler", ""), "Bot");
  EXPECT_EQ(device_category("Some Robot", ""), "Bot");
  EXPECT_EQ(device_category("Cubot X19", "Mozilla/5.0 (Linux; Android 9; CUBOT)"), "Other");
  EXPECT_EQ(device_category("Other", "Mozilla/5.0 (compatible; NewBot/1.0)"), "Bot");
}

}  // namespace
}  // namespace enrich
