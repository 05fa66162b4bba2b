#include "api/clickstream/guard.h"

#include <gtest/gtest.h>

namespace api::clickstream {
namespace {

TEST(AuthCookie, NoneWantedIsAlwaysRight) { EXPECT_TRUE(has_auth_cookie("", "")); }

TEST(AuthCookie, NamedCookieIsFoundAmongOthers) {
  EXPECT_TRUE(has_auth_cookie("session=abc", "a=1; session=abc; b=2"));
  EXPECT_FALSE(has_auth_cookie("session=abc", "a=1; session=abcd"));
  EXPECT_FALSE(has_auth_cookie("session=abc", "xsession=abc"));
  EXPECT_FALSE(has_auth_cookie("session=abc", ""));
}

TEST(AuthCookie, EveryCookieOfTheSettingIsWanted) {
  EXPECT_TRUE(has_auth_cookie("s-0=a; s-1=b", "s-1=b; s-0=a"));
  EXPECT_FALSE(has_auth_cookie("s-0=a; s-1=b", "s-0=a"));
}

TEST(AuthCookie, TokenWithoutANameIsTheValueOfAnyCookie) {
  EXPECT_TRUE(has_auth_cookie("secret", "anything=secret"));
  EXPECT_TRUE(has_auth_cookie("secret", "secret"));
  EXPECT_FALSE(has_auth_cookie("secret", "secret=other"));
}

TEST(HashCode, IsTheStartOfTheSha256InEitherCase) {
  EXPECT_TRUE(is_hash_code("e3b0c442", ""));
  EXPECT_TRUE(is_hash_code("E3B0C442", ""));
  EXPECT_FALSE(is_hash_code("e3b0c443", ""));
  EXPECT_FALSE(is_hash_code("e3b0c4", ""));
  EXPECT_FALSE(is_hash_code("", ""));
}

TEST(HeaderText, HasNoLineEndsAndAnEnd) {
  EXPECT_EQ(header_text("a\r\nSet-Cookie: \xc3\xa9"), "a??Set-Cookie: ??");
  EXPECT_EQ(header_text(std::string(600, 'x')).size(), 500U);
}

TEST(SecondsText, HasThreeDecimals) {
  EXPECT_EQ(seconds_text(1'795'294'735'911), "1795294735.911");
  EXPECT_EQ(seconds_text(1'000'007), "1000.007");
}

}  // namespace
}  // namespace api::clickstream
