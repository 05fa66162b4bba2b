#include "enrich/page_url.h"

#include <gtest/gtest.h>

namespace enrich {
namespace {

struct Case {
  const char* url;
  const char* host;
  const char* path;
  const char* query;
};

constexpr Case kCases[] = {
    {"https://Shop.Example.com:8443/a/b?x=1&y=2#top", "shop.example.com", "/a/b", "x=1&y=2"},
    {"http://example.com", "example.com", "/", ""},
    {"http://example.com?q", "example.com", "/", "q"},
    {"http://user:pw@example.com/x", "example.com", "/x", ""},
    {"http://[2001:db8::1]:80/x", "[2001:db8::1]", "/x", ""},
    {"//example.com/x", "example.com", "/x", ""},
    {"example.com/x?y", "example.com", "/x", "y"},
    {"localhost:3000/x", "localhost", "/x", ""},
    {"/only/path?y=http://other/", "", "/only/path", "y=http://other/"},
    {"http://example.com/\xd1\x8f?\xff", "example.com", "/\xd1\x8f", "\xff"},
    {"android-app://com.example/x", "com.example", "/x", ""},
    {"http://bücher.example/x", "bücher.example", "/x", ""},
    {"about:blank", "", "", ""},
    {"mailto:a@b", "", "", ""},
    {"javascript:alert('/')", "", "", ""},
    {"not a url", "", "", ""},
    {"https://", "", "", ""},
    {"", "", "", ""},
    {"#", "", "", ""},
};

TEST(SplitUrl, TakesUrlsApart) {
  for (const Case& one : kCases) {
    const UrlParts parts = split_url(one.url);
    EXPECT_EQ(parts.host, one.host) << one.url;
    EXPECT_EQ(parts.path, one.path) << one.url;
    EXPECT_EQ(parts.query, one.query) << one.url;
  }
}

}  // namespace
}  // namespace enrich
