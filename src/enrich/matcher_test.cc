#include "enrich/matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<Rule> rules_of(std::initializer_list<const char*> expressions) {
  std::vector<Rule> rules;
  for (const char* expression : expressions) {
    rules.push_back({.expression = expression, .ignore_case = false, .replacements = {}});
  }
  return rules;
}

std::string matched(Matcher& matcher, std::string_view text) {
  const Matcher::Match match = matcher.first(text);
  return match.rule == nullptr ? "none" : match.rule->expression;
}

TEST(Literals, FindsEachOnceWhereverItStands) {
  Literals literals({"abc", "bcd", "abcd", "zzz", "cde"});
  std::vector<int> found;
  literals.find("xabcdabc", found);
  EXPECT_THAT(found, UnorderedElementsAre(0, 1, 2));
  literals.find("cd", found);
  EXPECT_THAT(found, IsEmpty());
  literals.find("zzzz cde", found);
  EXPECT_THAT(found, UnorderedElementsAre(3, 4));
}

TEST(Matcher, FirstRuleInTheirOrderCounts) {
  const auto rules = rules_of({"Second/(\\d+)", "First/(\\d+)", "\\d", "First"});
  Matcher matcher(rules);
  EXPECT_EQ(matched(matcher, "First/1 Second/2"), "Second/(\\d+)");
  EXPECT_EQ(matched(matcher, "First/1"), "First/(\\d+)");
  EXPECT_EQ(matched(matcher, "First"), "First");
  EXPECT_EQ(matched(matcher, "9"), "\\d");
  EXPECT_EQ(matched(matcher, ""), "none");
}

TEST(Matcher, CaseIsIgnoredOnlyWhereTheRuleSaysSo) {
  auto rules = rules_of({"Firefox", "chrome"});
  rules[1].ignore_case = true;
  Matcher matcher(rules);
  EXPECT_EQ(matched(matcher, "firefox"), "none");
  EXPECT_EQ(matched(matcher, "CHROME"), "chrome");
}

TEST(Matcher, GroupsWithoutPartAreMissing) {
  const auto rules = rules_of({"App/(\\d+)(?:\\.(\\d+))?(x*)"});
  Matcher matcher(rules);
  EXPECT_THAT(matcher.first("an App/12").groups, ElementsAre("App/12", "12", std::nullopt, ""));
}

TEST(Matcher, WhatCannotBeExpressedIsLeftOut) {
  const auto rules = rules_of({"(?=look)ahead", "fine"});
  Matcher matcher(rules);
  EXPECT_EQ(matcher.left_out(), 1U);
  EXPECT_EQ(matched(matcher, "fine"), "fine");
}

TEST(Matcher, NoRuleMatchesNothing) {
  const std::vector<Rule> rules;
  Matcher matcher(rules);
  EXPECT_EQ(matched(matcher, "x"), "none");
}

}  // namespace
}  // namespace enrich
