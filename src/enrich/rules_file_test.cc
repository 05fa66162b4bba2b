#include "enrich/rules_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace enrich {
namespace {

constexpr std::string_view kSmall = R"(---
user_agent_parsers:
  # a comment
  - regex: '(It''s) (\d+): #1'  # quoted
    family_replacement: "Say \"$1\""
    v1_replacement: 'x'
    unknown_key: 'skipped'

os_parsers:
  - regex: 'b'
    regex_flag: 'i'
    os_v3_replacement: '9'
new_parsers:
  - regex: 'skipped'
device_parsers:
  - regex: plain # comment
  - regex: 'second'
)";

TEST(RulesFile, ReadsTheListsInOrder) {
  const auto rules = parse_rules(kSmall);
  ASSERT_TRUE(rules) << rules.error().message;
  ASSERT_EQ(rules->browsers.size(), 1U);
  EXPECT_EQ(rules->browsers[0].expression, R"((It's) (\d+): #1)");
  EXPECT_EQ(rules->browsers[0].replacements[0], R"(Say "$1")");
  EXPECT_EQ(rules->browsers[0].replacements[1], "x");
  EXPECT_FALSE(rules->browsers[0].ignore_case);
  ASSERT_EQ(rules->systems.size(), 1U);
  EXPECT_TRUE(rules->systems[0].ignore_case);
  EXPECT_EQ(rules->systems[0].replacements[3], "9");
  ASSERT_EQ(rules->devices.size(), 2U);
  EXPECT_EQ(rules->devices[0].expression, "plain");
  EXPECT_EQ(rules->devices[1].expression, "second");
}

TEST(RulesFile, LineThatIsNotUnderstoodIsNamed) {
  for (const char* line : {"  - regex: 'open", "  - regex 'x'", "  - regex: 'a' b", "no colon"}) {
    const auto rules = parse_rules("user_agent_parsers:\n  - regex: 'a'\n" + std::string(line));
    ASSERT_FALSE(rules) << line;
    EXPECT_THAT(rules.error().message, ::testing::HasSubstr("line 3")) << line;
  }
}

TEST(RulesFile, MoreThanTwentyThousandRulesAreRefused) {
  std::string text = "user_agent_parsers:\n";
  for (int i = 0; i < 20'001; ++i) {
    text += "  - regex: 'a'\n";
  }
  const auto rules = parse_rules(text);
  ASSERT_FALSE(rules);
  EXPECT_THAT(rules.error().message, ::testing::HasSubstr("line 20002"));
}

TEST(RulesFile, MissingListIsAnError) {
  EXPECT_FALSE(parse_rules(""));
  EXPECT_FALSE(parse_rules("user_agent_parsers:\n  - regex: 'a'\nos_parsers:\n  - regex: 'a'\n"));
  EXPECT_FALSE(
      parse_rules("user_agent_parsers:\n  - regex_flag: 'i'\nos_parsers:\n  - regex: 'a'\n"
                  "device_parsers:\n  - regex: 'a'\n"));
}

TEST(RulesFile, BuiltInRulesAreThere) {
  const auto rules = parse_rules(built_in_rules());
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_GT(rules->browsers.size(), 300U);
  EXPECT_GT(rules->systems.size(), 150U);
  EXPECT_GT(rules->devices.size(), 600U);
}

}  // namespace
}  // namespace enrich
