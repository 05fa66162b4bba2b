#include "http/body.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace http {
namespace {

constexpr std::uint64_t kBodyBytesMax = 100;

struct Taken {
  Chunks::State state = Chunks::State::kMore;
  std::string body;
  std::size_t consumed = 0;
};

/// All of `wire`, of which `piece` bytes more are known at each call.
Taken take(std::string_view wire, std::size_t piece) {
  Chunks chunks;
  Taken taken;
  for (std::size_t known = 0; known < wire.size() && taken.state == Chunks::State::kMore;) {
    known = std::min(wire.size(), known + piece);
    const auto step =
        chunks.take(wire.substr(taken.consumed, known - taken.consumed), kBodyBytesMax, taken.body);
    taken.state = step.state;
    taken.consumed += step.consumed;
  }
  return taken;
}

// A client may send a body in as many pieces as it has bytes.
TEST(Chunks, BodyMayArriveByteByByte) {
  struct Body {
    std::string_view wire;
    std::string_view text;
  };
  for (const auto& [wire, text] :
       {Body{"0\r\n\r\n", ""}, Body{"00\r\n\r\n", ""}, Body{"3\r\na0b\r\n0\r\nT: x\r\n\r\n", "a0b"},
        Body{"1\r\n0\r\n3\r\n0\r\n\r\n0\r\n\r\n", "00\r\n"},
        Body{"A\r\n0123456789\r\n000a\r\nabcdefghij\r\n0\r\n\r\n", "0123456789abcdefghij"}}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, wire.size()}) {
      const Taken taken = take(wire, piece);
      EXPECT_EQ(taken.state, Chunks::State::kDone) << wire;
      EXPECT_EQ(taken.body, text);
      EXPECT_EQ(taken.consumed, wire.size());
    }
  }
}

TEST(Chunks, WhatFollowsTheBodyIsLeft) {
  EXPECT_EQ(take("1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n", 30).consumed, 11U);
}

TEST(Chunks, MalformedBodyIsRefusedHoweverItArrives) {
  const std::string long_trailer = "0\r\n" + std::string(9'000, 'a') + ": b\r\n\r\n";
  std::string many_trailers = "0\r\n";
  for (int i = 0; i < 2'000; ++i) {
    many_trailers += "a: b\r\n";
  }
  const std::string_view malformed[] = {"0\n\r\n",
                                        "0\r\n\n",
                                        "1\na\r\n0\r\n\r\n",
                                        "1\r\na\n0\r\n\r\n",
                                        "1\r\nab\r\n0\r\n\r\n",
                                        "1\r\nab",
                                        "1\r\na\r0",
                                        "\r\n",
                                        "-1\r\n",
                                        "+1\r\n",
                                        "0x1\r\n",
                                        " 1\r\na\r\n0\r\n\r\n",
                                        "1 \r\na\r\n0\r\n\r\n",
                                        "1;a=b\r\na\r\n0\r\n\r\n",
                                        "11111111111111111\r\n",
                                        "0\r\n folded: x\r\n\r\n",
                                        "0\r\nno colon\r\n\r\n",
                                        "0\r\ncontent-length: 1\r\n\r\n",
                                        "0\r\nTransfer-Encoding: chunked\r\n\r\n",
                                        long_trailer,
                                        many_trailers};
  for (const std::string_view wire : malformed) {
    EXPECT_EQ(take(wire, 1).state, Chunks::State::kRefused) << wire.substr(0, 40);
    EXPECT_EQ(take(wire, wire.size()).state, Chunks::State::kRefused) << wire.substr(0, 40);
  }
}

TEST(Chunks, ChunkThatWouldBeOverTheLimitIsNotRead) {
  const std::string first = "60\r\n" + std::string(0x60, 'a') + "\r\n";
  EXPECT_EQ(take(first + "5\r\n", 1).state, Chunks::State::kTooLarge);
  EXPECT_EQ(take(first + "5\r\n", 1'000).state, Chunks::State::kTooLarge);
  EXPECT_EQ(take(first + "4\r\nabcd\r\n0\r\n\r\n", 7).state, Chunks::State::kDone);
  EXPECT_EQ(take("ffffffffffffffff\r\n", 1).state, Chunks::State::kTooLarge);
}

TEST(Chunks, NextBodyBeginsAfresh) {
  Chunks chunks;
  std::string body;
  EXPECT_EQ(chunks.take("60\r\nabc", kBodyBytesMax, body).state, Chunks::State::kMore);
  chunks.reset();
  EXPECT_EQ(chunks.take("1\r\nd\r\n0\r\n\r\n", kBodyBytesMax, body).state, Chunks::State::kDone);
  EXPECT_EQ(body, "abcd");
}

}  // namespace
}  // namespace http
