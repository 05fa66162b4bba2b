#include "http/parser.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace http {
namespace {

// A client may send the last chunk in as many pieces as it has bytes.
TEST(Parser, ChunkedBodyMayArriveByteByByte) {
  for (const std::string_view wire : {"0\r\n\r\n", "00\r\n\r\n", "3\r\na0b\r\n0\r\nT: x\r\n\r\n",
                                      "1\r\n0\r\n3\r\n0\r\n\r\n0\r\n\r\n"}) {
    Parser parser;
    Head head;
    ASSERT_FALSE(parser.parse_head(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", head));
    Parser::ChunkStep step{};
    std::string body;
    std::size_t consumed = 0;
    for (std::size_t known = 1; known <= wire.size(); ++known) {
      step = parser.parse_chunks(wire.substr(consumed, known - consumed), 100, body);
      consumed += step.consumed;
    }
    EXPECT_EQ(step.state, Parser::ChunkState::kDone) << wire;
    EXPECT_EQ(consumed, wire.size());
  }
}

}  // namespace
}  // namespace http
