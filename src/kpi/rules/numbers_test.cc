#include "kpi/rules/numbers.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace kpi {
namespace {

std::map<std::string, double> numbers(std::string_view json) {
  std::map<std::string, double> out;
  each_number(json, [&](std::string_view key, double value) { out[std::string(key)] = value; });
  return out;
}

TEST(Numbers, NumbersAndDecimalTextsCount) {
  const std::map<std::string, double> expected = {
      {"a", 1}, {"b", -2.5}, {"c", 1e3}, {"d", 12}, {"e", 0.5}};
  EXPECT_EQ(numbers(R"({"a":1,"b":-2.5,"c":1e3,"d":"12","e":"0.5"})"), expected);
}

TEST(Numbers, NothingElseCounts) {
  EXPECT_TRUE(numbers(R"({"a":true,"b":null,"c":"","d":" 1","e":"1 ","f":"+1","g":".5","h":"1.",)"
                      R"("i":"0x10","j":"inf","k":"nan","l":"1e","m":"12 EUR","n":"-"})")
                  .empty());
}

TEST(Numbers, MembersOfMembersAreNotLookedAt) {
  EXPECT_EQ(numbers(R"({"a":{"b":1,"c":[2,"}"]},"d":[3,{"e":4}],"f":5})"),
            (std::map<std::string, double>{{"f", 5}}));
}

TEST(Numbers, KeysAreUnescapedAndBracketsInTextsAreText) {
  EXPECT_EQ(numbers(R"({"a\"b":1,"t":"},{\"x\":9","ü":2})"),
            (std::map<std::string, double>{{"a\"b", 1}, {"ü", 2}}));
}

TEST(Numbers, BlanksBetweenTokensAreAllowedAndCutTextEndsQuietly) {
  EXPECT_EQ(numbers("{ \"a\" : 1 , \"b\" : 2 }"),
            (std::map<std::string, double>{{"a", 1}, {"b", 2}}));
  const std::string whole = R"({"a":1,"b":"2","c":{"d":[3]},"e":4})";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    numbers(std::string_view(whole).substr(0, size));
  }
  EXPECT_TRUE(numbers("").empty());
  EXPECT_TRUE(numbers("[1,2]").empty());
}

TEST(Numbers, ValuesBeyondTheLimitDoNotCount) {
  EXPECT_EQ(decimal_number("1e15"), 1e15);
  EXPECT_EQ(decimal_number("-1000000000000001"), std::nullopt);
  EXPECT_EQ(decimal_number("1e400"), std::nullopt);
  EXPECT_EQ(decimal_number(std::string(65, '1')), std::nullopt);
}

TEST(Numbers, ValuesTooNearToZeroAreZero) {
  EXPECT_EQ(decimal_number("1e-400"), 0);
  EXPECT_EQ(decimal_number("-25.5E-330"), 0);
  EXPECT_EQ(decimal_number("5e-324"), 5e-324);
}

TEST(Millionths, AreRoundedHalvesAwayFromZero) {
  EXPECT_EQ(to_millionths(1.99), (Millionths{1, 990'000}));
  EXPECT_EQ(to_millionths(-1.99), (Millionths{-1, -990'000}));
  EXPECT_EQ(to_millionths(0.0000005), (Millionths{0, 1}));
  EXPECT_EQ(to_millionths(-0.0000005), (Millionths{0, -1}));
  EXPECT_EQ(to_millionths(-9e9), (Millionths{-9'000'000'000, 0}));
  EXPECT_EQ(to_millionths(9'007'199'254.5), (Millionths{9'007'199'254, 500'000}));
  EXPECT_EQ(to_millionths(1e15), (Millionths{1'000'000'000'000'000, 0}));
}

}  // namespace
}  // namespace kpi
