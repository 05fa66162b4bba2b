// Requests whose end two readers of the same bytes could see in different places. Each must be
// refused, and nothing behind it may be taken for a request.

#include "http/loopback_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace http {
namespace {

using ::testing::StartsWith;

struct Probe {
  const char* name;
  const char* bytes;
  const char* status;
};

// What follows the empty line would be read as a second request by a server that frames wrongly.
constexpr Probe kProbes[] = {
    {"LengthBesideChunked",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
     "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
     "400"},
    {"ChunkedBesideLength",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"
     "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
     "400"},
    {"DifferingLengths",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", "400"},
    {"EqualLengthsTwice",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd", "400"},
    {"LengthAsList", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4\r\n\r\nabcd", "400"},
    {"LengthWithSign", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nabcd", "400"},
    {"NegativeLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -4\r\n\r\nabcd", "400"},
    {"LengthBeyond64Bits",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551620\r\n\r\nabcd", "400"},
    {"BareLineFeed", "POST / HTTP/1.1\nHost: a\nContent-Length: 4\n\nabcd", "400"},
    {"LineFeedAloneInside", "POST / HTTP/1.1\r\nHost: a\nX: b\r\nContent-Length: 4\r\n\r\nabcd",
     "400"},
    {"SpaceBeforeColon", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 4\r\n\r\nabcd", "400"},
    {"NoHost", "GET / HTTP/1.1\r\nX: y\r\n\r\n", "400"},
    {"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
    {"FoldedLine",
     "POST / HTTP/1.1\r\nHost: a\r\nX: y\r\n Content-Length: 4\r\n\r\nGET /smuggled HTTP/1.1\r\n"
     "Host: a\r\n\r\n",
     "400"},
    {"ChunkExtension",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nabcd\r\n0\r\n\r\n",
     "400"},
    {"ExtensionOfLastChunk",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0;x\r\n\r\n",
     "400"},
    {"BareLineFeedsInChunks",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\nabcd\n0\n\n"
     "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
     "400"},
    {"UnknownCoding",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n"
     "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
     "501"},
    {"CodingBesideChunked",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501"},
    {"ChunkedNotLast",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "501"},
    {"CodingTwice",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked"
     "\r\n\r\n0\r\n\r\n",
     "400"},
    {"ChunkedInHttp10", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     "400"},
    {"ChunkSizeInWords",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x4\r\nabcd\r\n0\r\n\r\n",
     "400"},
    {"ChunkSizeBeyond64Bits",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
     "10000000000000004\r\nabcd\r\n0\r\n\r\n",
     "400"},
    {"ChunkLongerThanItsSize",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n",
     "400"},
    {"LengthInTrailer",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5"
     "\r\n\r\n",
     "400"},
    {"CarriageReturnInValue", "GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n", "400"},
    {"NewerVersion", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505"},
    {"NoVersion", "GET /\r\nHost: a\r\n\r\n", "400"},
    {"Connect", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
    {"NotHttp", "\x16\x03\x01\x02\r\n\r\n", "400"},
};

class Smuggling : public ::testing::TestWithParam<Probe> {};

TEST_P(Smuggling, IsRefusedAndTheConnectionCloses) {
  Loopback loopback;
  ASSERT_TRUE(loopback.running()) << loopback.error();
  RawClient client(loopback.port());
  client.send(GetParam().bytes);
  client.end_sending();
  const std::string replies = client.read_all();
  EXPECT_THAT(replies, StartsWith(std::string("HTTP/1.1 ") + GetParam().status + " "));
  EXPECT_EQ(count_of(replies, "\r\nDate: "), 1U) << replies;
  EXPECT_EQ(count_of(replies, "\r\nConnection: close\r\n"), 1U) << replies;
  EXPECT_EQ(loopback.server().stats().bad_requests_total, 1U);
}

INSTANTIATE_TEST_SUITE_P(Probes, Smuggling, ::testing::ValuesIn(kProbes),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace http
