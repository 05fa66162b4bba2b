#include "json/value.h"

#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace json {
namespace {

std::string rewritten(std::string_view text) {
  const base::Result<Document> document = Document::parse(text);
  return document ? write(document->root()) : "error: " + document.error().message;
}

std::uint8_t repairs_of(std::string_view text) {
  const base::Result<Document> document = Document::parse(text);
  EXPECT_TRUE(document) << text;
  return document ? document->repairs() : std::uint8_t{0};
}

TEST(Parse, ReadsEveryKindOfValue) {
  const Document document =
      *Document::parse(R"( {"n":null,"t":true,"i":-7,"d":2.5,"s":"x","a":[1,[]],"o":{"k":1}} )");
  const Value root = document.root();
  EXPECT_EQ(root.size(), 7U);
  EXPECT_TRUE(root["n"].is_null());
  EXPECT_EQ(root["t"].boolean(), true);
  EXPECT_EQ(root["i"].integer(), -7);
  EXPECT_EQ(root["d"].number(), 2.5);
  EXPECT_EQ(root["s"].string(), "x");
  EXPECT_EQ(root["a"].size(), 2U);
  EXPECT_EQ(root["o"]["k"].integer(), 1);
  EXPECT_FALSE(root["missing"]);
  EXPECT_FALSE(root["missing"]["deeper"]);
  EXPECT_FALSE(root["s"]["k"]);
  EXPECT_EQ(document.repairs(), 0);
}

TEST(Parse, KeepsTheOrderSent) {
  EXPECT_EQ(rewritten(R"({"b":1, "a" : [3,2 ,1] , "c":{}})"), R"({"b":1,"a":[3,2,1],"c":{}})");
}

TEST(Parse, AcceptsScalarsAndAByteOrderMark) {
  EXPECT_EQ(rewritten("\xEF\xBB\xBF 1"), "1");
  EXPECT_EQ(rewritten("\"x\""), "\"x\"");
  EXPECT_EQ(rewritten("\tnull\r\n"), "null");
}

constexpr std::string_view kNoJson[] = {
    "{ } [ ] {] [} [1 [1, [1,] [,1] {\"a\"} {\"a\":} {\"a\":1,} {,} {1:2} {a:1} {'a':1} [1]] {}x : "
    ",",
    "[1_2] {\"a\"_1} {\"a\":1_\"b\":2} {}_{} 1_2 \"a\"_\"b\" [1,,2] [\"a\":1] {\"a\":1:2}",
    "nul nulll True truefalse 01 - +1 .5 1. 1e 1e+ 0x10 NaN Infinity 1,0 --1 1e1.5 [-]",
    "\" \"abc \"\\\" \"\\x\" \"\\u12g4\" \"\\u12\" \"a\"b \"a\"\"b\" 1\"a\" \"\\ [\"\\\"]",
    "[1]//c [1/*c*/] //_c\n{} {\"a\":1_//_c\n} \f1 \"a\nb\" \"a\tb\" \xFF [\xFF] 1\xFF",
};

/// Each text between blanks; "_" stands for a blank inside one.
std::vector<std::string> split_examples(std::string_view line) {
  std::vector<std::string> out;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    out.emplace_back(line.substr(0, end));
    std::replace(out.back().begin(), out.back().end(), '_', ' ');
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return out;
}

TEST(Parse, RefusesWhatIsNoJson) {
  EXPECT_FALSE(Document::parse(""));
  EXPECT_FALSE(Document::parse(" \n"));
  EXPECT_FALSE(Document::parse("\xEF\xBB\xBF"));
  for (const std::string_view line : kNoJson) {
    for (const std::string& text : split_examples(line)) {
      const base::Result<Document> document = Document::parse(text);
      ASSERT_FALSE(document) << text;
      EXPECT_EQ(document.error().code, base::Code::kInvalid) << text;
    }
  }
  EXPECT_FALSE(Document::parse(std::string_view("1\0", 2)));
  EXPECT_FALSE(Document::parse(std::string_view("[1\0]", 4)));
  EXPECT_FALSE(Document::parse(std::string_view("\"a\0b\"", 5)));
}

TEST(Parse, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(rewritten("[1, oops]"), "error: expected a value but found \"oops\" at byte 4");
  EXPECT_EQ(rewritten("{\"a\":1 // c\n}"), "error: a comment, which JSON does not have, at byte 7");
  EXPECT_EQ(rewritten("{\"a\":1,}"), "error: expected a key in quotes but found \"}\" at byte 7");
  EXPECT_EQ(rewritten("[\"a\\q\"]"), "error: an unknown escape at byte 3");
  EXPECT_EQ(rewritten("[\"ab"), "error: a string that does not end at byte 1");
  EXPECT_EQ(rewritten("[\"\xFF\xFF\", oops]"),
            "error: expected a value but found \"oops\" at byte 7");
  EXPECT_EQ(rewritten(" "), "error: an empty text where JSON was expected");
}

TEST(Parse, DepthIsLimited) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(Document::parse(nested(64)));
  EXPECT_EQ(Document::parse(nested(65)).error().code, base::Code::kTooLarge);
  EXPECT_EQ(Document::parse(std::string(1'000'000, '[')).error().code, base::Code::kTooLarge);
  EXPECT_EQ(Document::parse(nested(5000), {.depth_max = 10'000}).error().code,
            base::Code::kTooLarge);
}

TEST(Parse, ValuesAreLimited) {
  EXPECT_TRUE(Document::parse("[1,2,3]", {.values_max = 4}));
  EXPECT_EQ(Document::parse("[1,2,3]", {.values_max = 3}).error().code, base::Code::kTooLarge);
}

TEST(Strings, EscapesAreUndone) {
  const Document document = *Document::parse(R"(["\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00x"])");
  EXPECT_EQ((*document.root().elements().begin()).string(),
            "\"\\/\b\f\n\r\tA\xC3\xA9\xF0\x9F\x98\x80x");
}

TEST(Strings, MayHoldNul) {
  const Document document = *Document::parse(R"({"a\u0000b":"c\u0000"})");
  EXPECT_EQ(document.root()[std::string_view("a\0b", 3)].string(), std::string_view("c\0", 2));
  EXPECT_EQ(write(document.root()), R"({"a\u0000b":"c\u0000"})");
}

TEST(Repairs, LoneSurrogatesAreReplaced) {
  for (const char* text : {R"("\ud800")", R"("\udc00")", R"("\ud800x")", R"("\ud800\n")"}) {
    EXPECT_EQ(repairs_of(text), kLoneSurrogate) << text;
  }
  EXPECT_EQ(rewritten(R"("\ud800\ud83d\ude00\ude00")"),
            "\"\xEF\xBF\xBD\xF0\x9F\x98\x80\xEF\xBF\xBD\"");
  EXPECT_EQ(rewritten(R"("\ud800\u0041")"),
            "\"\xEF\xBF\xBD"
            "A\"");
}

TEST(Repairs, InvalidUtf8IsReplaced) {
  EXPECT_EQ(repairs_of("{\"a\":\"x\xFF\"}"), kInvalidUtf8);
  EXPECT_EQ(rewritten("{\"a\xC3\":\"x\xED\xA0\x80\"}"),
            "{\"a\xEF\xBF\xBD\":\"x\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"}");
}

TEST(Repairs, NumbersBeyondDoubleBecomeText) {
  EXPECT_EQ(rewritten("[1e400,-1e400]"), R"(["1e400","-1e400"])");
  EXPECT_EQ(repairs_of("1e400"), kHugeNumber);
  EXPECT_EQ(rewritten(std::string(400, '9')), '"' + std::string(400, '9') + '"');
  EXPECT_EQ(rewritten("1e99999999999999999999"), "\"1e99999999999999999999\"");
}

TEST(Repairs, ArePerValue) {
  const Document document = *Document::parse(
      "[{\"a\":\"ok\"},{\"a\":\"\xFF\"},{\"b\":[1e999]},{\"\\ud800\":{}},"
      "{\"x\":{\"d\":1,\"d\":2}},\"\xFE\",3]");
  std::vector<int> repairs;
  for (const Value element : document.root().elements()) {
    repairs.push_back(element.repairs());
  }
  EXPECT_EQ(repairs, (std::vector<int>{0, kInvalidUtf8, kHugeNumber, kLoneSurrogate, kDuplicateKey,
                                       kInvalidUtf8, 0}));
  EXPECT_EQ(document.repairs(), kInvalidUtf8 | kHugeNumber | kLoneSurrogate | kDuplicateKey);
}

TEST(Repairs, OfDuplicateKeysTheLastWinsInTheFirstPlace) {
  EXPECT_EQ(rewritten(R"({"a":1,"b":2,"a":3,"c":4,"a":{"x":[5]}})"),
            R"({"a":{"x":[5]},"b":2,"c":4})");
  EXPECT_EQ(rewritten(R"({"a":1,"\u0061":2})"), R"({"a":2})");
  EXPECT_EQ(repairs_of(R"({"a":1,"b":1})"), 0);
}

TEST(Objects, ManyKeysAreFoundAndDuplicatesDropped) {
  std::string text = "{";
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 10'000; ++i) {
      text += text.size() > 1 ? "," : "";
      text += "\"key" + std::to_string(i) + "\":" + std::to_string(i + round);
    }
  }
  const Document document = *Document::parse(text + "}");
  EXPECT_EQ(document.root().size(), 10'000U);
  EXPECT_EQ(document.root()["key0"].integer(), 1);
  EXPECT_EQ(document.root()["key9999"].integer(), 10'000);
  EXPECT_FALSE(document.root()["key10000"]);
  EXPECT_EQ((*document.root().members().begin()).key, "key0");
  EXPECT_EQ(document.repairs(), kDuplicateKey);
}

TEST(Objects, OfEverySizeDropTheFirstOfTwoEqualKeys) {
  for (const int size : {2, 3, 16, 17, 30, 47, 48, 49, 60}) {
    std::string text;
    for (int i = 0; i < size; ++i) {
      text += (i == 0 ? "{\"" : ",\"") + std::string(1, 'k') + std::to_string(i % (size - 1)) +
              "\":" + std::to_string(i);
    }
    const Document document = *Document::parse(text + "}");
    EXPECT_EQ(document.root().size(), size - 1U);
    EXPECT_EQ(document.root()["k0"].integer(), size - 1) << size;
    EXPECT_EQ((*document.root().members().begin()).key, "k0");
    EXPECT_EQ(document.repairs(), kDuplicateKey) << size;
  }
}

TEST(Numbers, IntegersAreExactAndBeyondInt64Doubles) {
  const Document document = *Document::parse(
      "[9223372036854775807,-9223372036854775808,9223372036854775808,-0,1.0,1e2,1e-400,0.1]");
  std::vector<Type> types;
  for (const Value element : document.root().elements()) {
    types.push_back(element.type());
  }
  EXPECT_EQ(types, (std::vector<Type>{Type::kInteger, Type::kInteger, Type::kDouble, Type::kDouble,
                                      Type::kDouble, Type::kDouble, Type::kDouble, Type::kDouble}));
  EXPECT_EQ(write(document.root()),
            "[9223372036854775807,-9223372036854775808,9223372036854775808.0,-0.0,1.0,100.0,"
            "0.0,0.1]");
}

TEST(Numbers, WholeDoublesInRangeAreIntegersToo) {
  const Document document = *Document::parse("[5.0,5.5,9223372036854775808,-9.3e18,\"5\"]");
  std::vector<std::optional<std::int64_t>> integers;
  for (const Value element : document.root().elements()) {
    integers.push_back(element.integer());
  }
  EXPECT_EQ(integers, (std::vector<std::optional<std::int64_t>>{5, std::nullopt, std::nullopt,
                                                                std::nullopt, std::nullopt}));
}

TEST(ToText, IsWhatAPersonWouldWrite) {
  const Document document = *Document::parse(R"({"s":"a\"b","i":7,"n":null,"a":[1],"b":true})");
  const Value root = document.root();
  EXPECT_EQ(to_text(root["s"]), "a\"b");
  EXPECT_EQ(to_text(root["i"]), "7");
  EXPECT_EQ(to_text(root["n"]), "");
  EXPECT_EQ(to_text(root["missing"]), "");
  EXPECT_EQ(to_text(root["a"]), "[1]");
  EXPECT_EQ(to_text(root["b"]), "true");
}

TEST(Document, MovesWithItsValues) {
  Document first = *Document::parse("{\"a\":[\"text\"]}");
  const Value root = first.root();
  const Document second = std::move(first);
  EXPECT_EQ(write(root), R"({"a":["text"]})");
  EXPECT_EQ(second.root().node(), root.node());
}

TEST(Numbers, FractionsAreTheNearestDoubles) {
  base::SeededRandom random(9);
  for (int i = 0; i < 5000; ++i) {
    std::uint8_t dice[20];
    random.fill(dice);
    std::string text;
    const std::size_t digits = 2 + dice[0] % 16U;
    for (std::size_t digit = 0; digit < digits; ++digit) {
      text += static_cast<char>('0' + dice[2 + digit] % 10);
    }
    const std::size_t point = 1 + dice[1] % (digits - 1);
    text = (point == 1 ? text.substr(0, 1) : "1" + text.substr(1, point - 1)) + "." +
           text.substr(point);
    double expected = 0;
    std::from_chars(text.data(), text.data() + text.size(), expected);
    const auto document = Document::parse(text);
    ASSERT_TRUE(document) << text;
    EXPECT_EQ(document->root().number(), expected) << text;
  }
}

TEST(Numbers, WhatIsNearlyAFractionIsRefused) {
  for (const std::string_view text :
       {"1.", ".5", "00.5", "1..2", "1.2.3", "1.5x", "0x1.5", "-.5"}) {
    EXPECT_FALSE(Document::parse(text)) << text;
  }
}

}  // namespace
}  // namespace json
