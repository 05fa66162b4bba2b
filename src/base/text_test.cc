#include "base/text.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(IsAscii, FindsAHighByteWhereverItStands) {
  for (std::size_t size = 0; size <= 80; ++size) {
    std::string text(size, '\x7f');
    EXPECT_TRUE(base::is_ascii(text)) << size;
    for (std::size_t at = 0; at < size; ++at) {
      text[at] = '\x80';
      EXPECT_FALSE(base::is_ascii(text)) << at << " of " << size;
      EXPECT_TRUE(base::is_ascii(std::string_view(text).substr(0, at)));
      EXPECT_TRUE(base::is_ascii(std::string_view(text).substr(at + 1)));
      text[at] = '\x7f';
    }
  }
}

TEST(Trim, TakesBlanksOffBothEndsOnly) {
  EXPECT_EQ(trim(" \ta b\t "), "a b");
  EXPECT_EQ(trim("a"), "a");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Trim, BlanksAreWhatTheCallerSays) {
  EXPECT_EQ(trim("\r\na\n"), "\r\na\n");
  EXPECT_EQ(trim("\r\na\n", " \t\r\n"), "a");
}

TEST(LowerCase, ChangesAsciiLettersAlone) { EXPECT_EQ(lower_case("aBÄ-Z1"), "abÄ-z1"); }

TEST(Printable, ShowsControlCharactersByTheirNumbers) {
  EXPECT_EQ(printable("a\x1b[31m\n\x7fü"), "a\\x1b[31m\\x0a\\x7fü");
}

TEST(CsvField, IsQuotedWhereItNeedsTo) {
  std::string out;
  for (const std::string_view text : {"plain", "", "a,b", "say \"x\"", "two\nlines"}) {
    append_csv_field(text, out);
    out += ';';
  }
  EXPECT_EQ(out, "plain;;\"a,b\";\"say \"\"x\"\"\";\"two\nlines\";");
}

}  // namespace
}  // namespace base
