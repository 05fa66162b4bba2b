#include "api/sigv4/canonical.h"

#include <gtest/gtest.h>

#include <array>

namespace api::sigv4 {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

TEST(CanonicalPath, IsNormalisedAndEncodedOnceMore) {
  EXPECT_EQ(canonical_path(""), "/");
  EXPECT_EQ(canonical_path("/"), "/");
  EXPECT_EQ(canonical_path("/2014-06-05/events"), "/2014-06-05/events");
  EXPECT_EQ(canonical_path("/v1/apps/a/endpoints/us-east-1%3Aabc"),
            "/v1/apps/a/endpoints/us-east-1%253Aabc");
  EXPECT_EQ(canonical_path("//a//b/./c/../d/"), "/a/b/d/");
  EXPECT_EQ(canonical_path("/../../a"), "/a");
  EXPECT_EQ(canonical_path("/a b~é"), "/a%20b~%C3%A9");
}

TEST(CanonicalQuery, IsSortedByEncodedNameThenValue) {
  EXPECT_EQ(canonical_query(""), "");
  EXPECT_EQ(canonical_query("b=2&a=2&a=1&c"), "a=1&a=2&b=2&c=");
  EXPECT_EQ(canonical_query("&&x=1&"), "x=1");
  EXPECT_EQ(canonical_query("a=b=c"), "a=b%3Dc");
  EXPECT_EQ(canonical_query("b=%7e&B=1"), "B=1&b=~");
}

TEST(CanonicalQuery, PlusIsAPlusAndTheSignatureIsLeftOut) {
  EXPECT_EQ(canonical_query("q=a+b%20c&X-Amz-Signature=ff"), "q=a%2Bb%20c");
}

TEST(CanonicalHeaders, ValuesAreTrimmedCollapsedAndJoined) {
  const std::array<Pair, 4> headers = {Pair{"Host", " a.example "},
                                       Pair{"X-A", " one  two\t three "},
                                       Pair{"x-a", "{\"k\":  1}"}, Pair{"Other", "x"}};
  EXPECT_EQ(canonical_headers(headers, {"host", "x-a"}),
            "host:a.example\nx-a:one two three,{\"k\": 1}\n");
}

TEST(CanonicalHeaders, AMissingSignedHeaderGivesNothing) {
  const std::array<Pair, 1> headers = {Pair{"Host", "a"}};
  EXPECT_EQ(canonical_headers(headers, {"host", "x-amz-date"}), std::nullopt);
}

TEST(SigningKey, IsTheOneOfTheVendorsExample) {
  const Scope scope{"20120215", "us-east-1", "iam"};
  EXPECT_EQ(codec::to_hex(signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", scope)),
            "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d");
}

}  // namespace
}  // namespace api::sigv4
