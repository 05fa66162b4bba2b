#include "json/skim.h"

#include "base/random.h"
#include "json/value.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace json {
namespace {

bool skims(std::string_view text) {
  Skimmer skimmer(text);
  return skimmer.skip() && skimmer.at_end();
}

TEST(Skimmer, PassesEveryKindOfValue) {
  for (const char* text :
       {"null", "true", " false ", "0", "-0.5e+3", "12E2", "\"\"", "\"a\\u00e9\\\"\\\\ \xC3\xA9\"",
        "[]", "[1 , [2]]\n", "{}", R"({"a":{"b":[null]},"a\n":1})"}) {
    EXPECT_TRUE(skims(text)) << text;
  }
}

TEST(Skimmer, FindsTheEndOfAStringWhereverItLies) {
  for (std::size_t size = 0; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char c : {'"', '\\', '\x1f', '\0', ' ', '!', '\x7f'}) {
        std::string text = "\"" + std::string(size, 'x') + "\"";
        text[at + 1] = c;
        EXPECT_EQ(skims(text), Document::parse(text).has_value()) << size << " " << at << " " << c;
        std::string_view shown;
        Skimmer skimmer(text);
        EXPECT_EQ(skimmer.take_string(shown), c == '"' || c == ' ' || c == '!' || c == '\x7f');
      }
    }
  }
}

TEST(Skimmer, ShowsANumberAndWhatComesNext) {
  Skimmer skimmer(" -1.5e+3 ,x");
  std::string_view number;
  EXPECT_EQ(skimmer.next(), '-');
  EXPECT_TRUE(skimmer.take_number(number));
  EXPECT_EQ(number, "-1.5e+3");
  EXPECT_EQ(skimmer.next(), ',');
  EXPECT_TRUE(skimmer.take(','));
  EXPECT_FALSE(skimmer.take_number(number));
}

TEST(Skimmer, GivesUpOnWhatIsNotJson) {
  for (const char* text : {"",
                           " ",
                           "nul",
                           "truex",
                           "01",
                           "-",
                           "1.",
                           "1e",
                           ".5",
                           "+1",
                           "\"",
                           "\"a",
                           "\"\\x\"",
                           "\"\\u12g4\"",
                           "\"\\",
                           "\"\t\"",
                           "[1,]",
                           "[1 2]",
                           "[",
                           "{\"a\"}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{\"a\":1",
                           "1 2",
                           "\"a\"b",
                           "\"\xFF\"",
                           "\xEF\xBB\xBF{}",
                           "// c\n1",
                           "]"}) {
    EXPECT_FALSE(skims(text)) << text;
  }
}

TEST(Skimmer, GoesNoDeeperThanItsLimit) {
  const std::string deep(Skimmer::kDepthMax, '[');
  const std::string end(Skimmer::kDepthMax, ']');
  EXPECT_TRUE(skims(deep + end));
  EXPECT_FALSE(skims("[" + deep + end + "]"));
}

TEST(Skimmer, CountsEveryValue) {
  Skimmer skimmer(R"([1,{"a":[2,"b"]},null])");
  EXPECT_TRUE(skimmer.skip());
  EXPECT_EQ(skimmer.skipped(), 7U);
}

TEST(Skimmer, TakesTextsAndNumbersOneByOne) {
  Skimmer skimmer(R"( { "key" : 123456789012345678 , "k" : "v" } )");
  std::string_view text;
  std::int64_t number = 0;
  EXPECT_TRUE(skimmer.take('{') && skimmer.take_string(text) && skimmer.take(':'));
  EXPECT_EQ(text, "key");
  EXPECT_TRUE(skimmer.take_digits(number) && skimmer.take(','));
  EXPECT_EQ(number, 123456789012345678);
  EXPECT_TRUE(skimmer.take_string(text) && skimmer.take(':') && skimmer.take_string(text));
  EXPECT_EQ(text, "v");
  EXPECT_TRUE(skimmer.take('}') && skimmer.at_end());
}

TEST(Skimmer, TakesNoTextWithAnEscapeAndNoOtherNumber) {
  for (const char* text : {R"("a\n")", R"("\u0041")", "1", "\"", "\"a\nb\""}) {
    std::string_view taken;
    EXPECT_FALSE(Skimmer(text).take_string(taken)) << text;
  }
  for (const char* text : {"-1", "01", "\"1\"", "", "1.5", "1e3", "1234567890123456789"}) {
    std::int64_t number = 0;
    Skimmer skimmer(text);
    EXPECT_FALSE(skimmer.take_digits(number) && skimmer.at_end()) << text;
  }
}

/// Texts around every rule, each with one or two bytes changed.
std::string changed_text(base::SeededRandom& random) {
  static constexpr std::array<std::string_view, 4> kTexts = {
      R"([{"a":"b\u00e9\"c\\","d":[1.5e3,-2,true,null]},{"é":"\ud83d\ude00"}])",
      "{\"long key without any escape, over 64 bytes so that it crosses a block\" : [ 1 , 22 ] }",
      R"({"a":"","b":"12345678","c":"\\\\\\\\","d":{"e":false}})",
      "[[[[[]]]],{},{\"\":{}},\"\",0,-0,1e5,\"\xF0\x9F\x98\x80\"]\n"};
  static constexpr std::string_view kBytes(
      "\"\\{}[]:,/ \n\t\x01\x1F\x7F\x80\xFF\0"
      "0-eE.ut",
      25);
  std::array<std::uint8_t, 5> dice{};
  random.fill(dice);
  std::string text(kTexts.at(dice[0] % kTexts.size()));
  text[dice[1] % text.size()] = kBytes[dice[2] % kBytes.size()];
  if (dice[3] % 2 == 0) {
    text[dice[3] % text.size()] = kBytes[dice[4] % kBytes.size()];
  }
  return text;
}

TEST(Skimmer, WhatItPassesTheParserReads) {
  base::SeededRandom random(7);
  int passed = 0;
  for (int round = 0; round < 4000; ++round) {
    const std::string text = changed_text(random);
    if (!skims(text)) {
      continue;
    }
    ++passed;
    EXPECT_TRUE(Document::parse(text)) << text;
  }
  EXPECT_GT(passed, 100);
}

}  // namespace
}  // namespace json
