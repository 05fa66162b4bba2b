#include "http/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace http {
namespace {

std::string text_of(std::string_view text) {
  const auto address = parse_address(text);
  return address ? format_address(*address) : "none";
}

TEST(Address, ReadsWhatProxiesWrite) {
  EXPECT_EQ(text_of("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(text_of("192.0.2.1:8080"), "192.0.2.1");
  EXPECT_EQ(text_of("2001:DB8::1"), "2001:db8::1");
  EXPECT_EQ(text_of("[2001:db8::1]"), "2001:db8::1");
  EXPECT_EQ(text_of("[2001:db8::1]:443"), "2001:db8::1");
  EXPECT_EQ(text_of("::ffff:192.0.2.1"), "192.0.2.1");
}

TEST(Address, AnythingElseIsNone) {
  for (const char* text : {"", "unknown", "192.0.2", "192.0.2.1:", "192.0.2.1:x", "[::1", "[::1]x",
                           "_hidden", "192.0.2.1 ", "fe80::1%eth0"}) {
    EXPECT_EQ(text_of(text), "none") << text;
  }
}

TEST(TrustedProxies, RangesMatchByPrefix) {
  const auto proxies = TrustedProxies::parse({"10.0.0.0/8", "192.0.2.7", "2001:db8::/33", "::1"});
  ASSERT_TRUE(proxies);
  for (const char* inside : {"10.255.1.2", "192.0.2.7", "2001:db8:7fff::1", "::1"}) {
    EXPECT_TRUE(proxies->contains(*parse_address(inside))) << inside;
  }
  for (const char* outside : {"11.0.0.1", "192.0.2.8", "2001:db8:8000::1", "::2"}) {
    EXPECT_FALSE(proxies->contains(*parse_address(outside))) << outside;
  }
}

TEST(TrustedProxies, BadEntryIsNamed) {
  for (const char* entry : {"localhost", "10.0.0.0/33", "10.0.0.0/", "::/129", "10.0.0.0/8x"}) {
    const auto proxies = TrustedProxies::parse({"10.0.0.1", entry});
    ASSERT_FALSE(proxies) << entry;
    EXPECT_THAT(proxies.error().message, ::testing::HasSubstr(entry));
  }
}

TEST(TrustedProxies, ClientIsTheRightMostUntrusted) {
  const auto proxies = TrustedProxies::parse({"10.0.0.0/8"});
  ASSERT_TRUE(proxies);
  const auto client = [&](const char* socket, const char* forwarded) {
    return format_address(proxies->client(*parse_address(socket), forwarded));
  };
  EXPECT_EQ(client("10.0.0.1", "6.6.6.6, 198.51.100.7, 10.0.0.2"), "198.51.100.7");
  EXPECT_EQ(client("10.0.0.1", "10.0.0.3 ,10.0.0.2"), "10.0.0.3");
  EXPECT_EQ(client("10.0.0.1", ""), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", "6.6.6.6, unknown, 10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(client("203.0.113.5", "198.51.100.7"), "203.0.113.5");
  EXPECT_EQ(client("10.0.0.1", "198.51.100.7,,"), "198.51.100.7");
}

}  // namespace
}  // namespace http
