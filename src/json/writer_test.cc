#include "json/writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace json {
namespace {

TEST(Writer, SetsCommasByItself) {
  Writer writer;
  writer.begin_object().key("a").integer(-1).key("b").begin_array().string("x").null();
  writer.begin_object().end_object().boolean(true).end_array().key("c").number(0.5);
  writer.key("d").raw("[1]").end_object();
  EXPECT_EQ(writer.text(), R"({"a":-1,"b":["x",null,{},true],"c":0.5,"d":[1]})");
}

TEST(Writer, NumbersThatAreNotFiniteAreNull) {
  Writer writer;
  writer.begin_array().number(std::numeric_limits<double>::infinity());
  writer.number(std::numeric_limits<double>::quiet_NaN()).end_array();
  EXPECT_EQ(writer.text(), "[null,null]");
}

TEST(Writer, TakesParsedValues) {
  const Document document = *Document::parse(R"({"k":[1,"two"]})");
  Writer writer;
  writer.begin_object().key("v").value(document.root()["k"]).end_object();
  EXPECT_EQ(std::move(writer).text(), R"({"v":[1,"two"]})");
}

TEST(Writer, TakesParsedMembers) {
  const Document document = *Document::parse(R"({"k\n":[1,"two"],"":{}})");
  Writer writer;
  writer.reserve(document.root()).begin_object();
  for (const Member member : document.root().members()) {
    writer.member(member);
  }
  EXPECT_EQ(writer.end_object().text(), R"({"k\n":[1,"two"],"":{}})");
}

TEST(Writer, TakesNoMembersOfOtherValues) {
  for (const char* text : {R"(["a"])", R"([{"a":1}])", "\"a\"", "7", "null", "{}"}) {
    const Document document = *Document::parse(text);
    EXPECT_EQ(Writer().begin_object().members(document.root()).end_object().text(), "{}") << text;
  }
}

TEST(Quote, EscapesAsLittleAsAllowed) {
  EXPECT_EQ(quote(std::string_view("a\"\\/\n\x01\0\x7f\xC3\xA9", 10)),
            "\"a\\\"\\\\/\\n\\u0001\\u0000\x7f\xC3\xA9\"");
}

TEST(Quote, ReplacesWhatIsNoUtf8) { EXPECT_EQ(quote("a\xFFz"), "\"a\xEF\xBF\xBDz\""); }

// The examples of the Unicode standard, table 3-8: one mark for each maximal part.
TEST(MakeUtf8, ReplacesMaximalParts) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(make_utf8("\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64"),
            mark + mark + mark + "b" + mark + "c" + mark + mark + "d");
  EXPECT_EQ(make_utf8("\xED\xA0\x80"), mark + mark + mark);             // a surrogate
  EXPECT_EQ(make_utf8("\xC0\xAF"), mark + mark);                        // overlong
  EXPECT_EQ(make_utf8("\xF4\x91\x92\x93"), mark + mark + mark + mark);  // beyond U+10FFFF
  EXPECT_EQ(make_utf8("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80");
}

}  // namespace
}  // namespace json
