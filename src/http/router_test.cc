#include "http/router.h"

#include "http/loopback_testing.h"

#include <gtest/gtest.h>

namespace http {
namespace {

TEST(Router, LongestMatchWins) {
  EchoHandler handler;
  EchoHandler fallback;
  const Router router({Route{"/api/", &handler, 1}, Route{"/api/v1/", &handler, 2},
                       Route{"/track", &handler, 3}, Route{"/api/v1/sql", &handler, 4}},
                      fallback);
  EXPECT_EQ(router.find("/api/x").body_bytes_max, 1U);
  EXPECT_EQ(router.find("/api/v1/x/y").body_bytes_max, 2U);
  EXPECT_EQ(router.find("/api/v1/sql").body_bytes_max, 4U);
  EXPECT_EQ(router.find("/track").body_bytes_max, 3U);
  for (const char* path : {"/", "/tracks", "/track/", "/api", "*"}) {
    EXPECT_EQ(router.find(path).handler, &fallback) << path;
  }
}

TEST(SplitTarget, TakesThePathAndTheQuery) {
  const auto target = split_target("GET", "/a%20b?c=d?e");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a%20b");
  EXPECT_EQ(target->query, "c=d?e");
  const auto absolute = split_target("GET", "HTTPS://host:1");
  ASSERT_TRUE(absolute);
  EXPECT_EQ(absolute->target, "/");
  const auto query_only = split_target("GET", "http://host?q");
  ASSERT_TRUE(query_only);
  EXPECT_EQ(query_only->path, "/");
  EXPECT_EQ(query_only->query, "q");
}

TEST(SplitTarget, AnythingElseIsNone) {
  for (const char* target : {"host:443", "", "a/b", "ftp://host/", "http:///x", "*"}) {
    EXPECT_FALSE(split_target("GET", target)) << target;
  }
}

}  // namespace
}  // namespace http
