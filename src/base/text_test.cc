#include "base/text.h"

#include <gtest/gtest.h>

namespace base {
namespace {

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

}  // namespace
}  // namespace base
