#include "json/lenient.h"

#include <gtest/gtest.h>

namespace json {
namespace {

Value first(const Document& document) { return *document.root().elements().begin(); }

Document in_array(const std::string& text) { return *Document::parse("[" + text + "]"); }

TEST(Lenient, NumbersAreTextAndDigitsAreNumbers) {
  EXPECT_EQ(read_text(first(in_array("10"))), "10");
  EXPECT_EQ(read_text(first(in_array("true"))), "true");
  EXPECT_EQ(read_text(first(in_array("\"\""))), "");
  EXPECT_FALSE(read_text(first(in_array("null"))));
  EXPECT_FALSE(read_text(first(in_array("{}"))));
  EXPECT_EQ(read_integer(first(in_array("\"-12\""))), -12);
  EXPECT_EQ(read_integer(first(in_array("3.0"))), 3);
  EXPECT_FALSE(read_integer(first(in_array("3.5"))));
  EXPECT_FALSE(read_integer(first(in_array("\"12 \""))));
  EXPECT_FALSE(read_integer(first(in_array("\"\""))));
  EXPECT_EQ(read_double(first(in_array("\"1.5\""))), 1.5);
  EXPECT_FALSE(read_double(first(in_array("\"inf\""))));
  EXPECT_FALSE(read_double(first(in_array("[1]"))));
  EXPECT_FALSE(parse_integer("99999999999999999999"));
}

TEST(Lenient, DescribesEveryType) {
  EXPECT_EQ(describe(Value()), "missing");
  EXPECT_EQ(describe(first(in_array("null"))), "null");
  EXPECT_EQ(describe(first(in_array("{}"))), "an object");
  EXPECT_EQ(describe(first(in_array("1.5"))), "a number");
}

TEST(Lenient, ShortQuotesKeepWholeCharacters) {
  EXPECT_EQ(quote_short("a\"b"), R"("a\"b")");
  const std::string text = std::string(79, 'x') + "\xc3\xa9" + "tail";
  EXPECT_EQ(quote_short(text), "\"" + std::string(79, 'x') + "...\"");
}

}  // namespace
}  // namespace json
