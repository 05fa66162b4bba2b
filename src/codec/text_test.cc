#include "codec/text.h"

#include <gtest/gtest.h>

namespace codec {
namespace {

TEST(Base64, ReadsBackEveryLength) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
    bytes += static_cast<char>(i * 7);
  }
}

// RFC 4648, section 10.
TEST(Base64, MatchesThePublishedValues) {
  EXPECT_EQ(encode_base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encode_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(encode_base64("foob"), "Zm9vYg==");
}

TEST(Base64, AcceptsUnpaddedUrlSafeAndWrappedText) {
  EXPECT_EQ(decode_base64("Zm9vYg"), "foob");
  EXPECT_EQ(decode_base64("-_-_"), decode_base64("+/+/"));
  EXPECT_EQ(decode_base64("Zm9v\r\nYmFy\n"), "foobar");
  EXPECT_EQ(decode_base64(""), "");
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text :
       {"Z", "Zm9vY", "Zm9v=", "Zm9vYg=", "Zm9vYg===", "Zm9=vYg", "Zm9v*", "="}) {
    EXPECT_FALSE(decode_base64(text)) << text;
  }
}

TEST(Hex, ReadsBackAndRefusesOddDigits) {
  EXPECT_EQ(encode_hex(std::string_view("\0\xFFz", 3)), "00ff7a");
  EXPECT_EQ(decode_hex("00FF7a"), std::string("\0\xFFz", 3));
  EXPECT_FALSE(decode_hex("0"));
  EXPECT_FALSE(decode_hex("0g"));
}

TEST(Percent, DecodesPairsAndKeepsWhatIsNone) {
  EXPECT_EQ(decode_percent("a%41%4a+b%2Gc%", false), "aAJ+b%2Gc%");
  EXPECT_EQ(decode_percent("a+b%2B", true), "a b+");
  EXPECT_EQ(decode_percent("%4", true), "%4");
}

TEST(Percent, EncodesAllButUnreserved) {
  EXPECT_EQ(encode_percent("a-._~/ \xC3\xA9", true), "a-._~/%20%C3%A9");
  EXPECT_EQ(encode_percent("a/b", false), "a%2Fb");
}

TEST(Query, SplitsIntoDecodedPairs) {
  const auto pairs = parse_query("a=1&b=x%20y+z&&c&=v&a=2");
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"a", "1"}, {"b", "x y z"}, {"c", ""}, {"", "v"}, {"a", "2"}};
  EXPECT_EQ(pairs, expected);
  EXPECT_EQ(query_value("a=1&a=2", "a"), "2");
  EXPECT_FALSE(query_value("a=1", "b"));
  EXPECT_EQ(query_value("x&%61pp+Id=a%20b+c", "app Id"), "a b c");
  EXPECT_EQ(query_value("&a&", "a"), "");
  EXPECT_FALSE(query_value("a%3D=1", "a"));
  EXPECT_FALSE(query_value("a+b=1", "a+b"));
}

}  // namespace
}  // namespace codec
