#include "load/chance.h"
#include "load/histogram.h"
#include "load/reply_reader.h"
#include "load/template.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace load {
namespace {

using State = ReplyReader::State;

TEST(Histogram, EmptyOneSaysZero) {
  const Histogram empty;
  EXPECT_EQ(empty.count(), 0U);
  EXPECT_EQ(empty.quantile_ns(0.5), 0);
  EXPECT_EQ(empty.max_ns(), 0);
}

TEST(Histogram, QuantilesAreWithinAThousandthOfTheExactOnes) {
  Chance chance(7);
  Histogram histogram;
  std::vector<std::int64_t> exact;
  for (int at = 0; at < 20'000; ++at) {
    // From nanoseconds to minutes, as many in each octave.
    exact.push_back(static_cast<std::int64_t>(chance.bits() >> (24 + chance.bits() % 40)));
    histogram.add(exact.back());
  }
  std::sort(exact.begin(), exact.end());
  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * 20'000)) - 1;
    const auto wanted = static_cast<double>(exact[rank]);
    const auto seen = static_cast<double>(histogram.quantile_ns(share));
    EXPECT_GE(seen, wanted) << share;
    EXPECT_LE(seen, wanted * 1.001 + 1) << share;
  }
  EXPECT_EQ(histogram.max_ns(), exact.back());
}

TEST(Histogram, EveryBucketEndsWhereTheNextBegins) {
  for (std::int64_t at = 1; at < std::int64_t{1} << 39; at = at * 3 / 2 + 1) {
    Histogram histogram;
    histogram.add(at);
    histogram.add(at * 4);  // keeps the maximum from cutting the bucket
    const std::int64_t end = histogram.quantile_ns(0.5);
    Histogram next;
    next.add(end + 1);
    next.add(at * 4);
    EXPECT_GT(next.quantile_ns(0.5), end) << at;
    EXPECT_LE(end - at, at / 1024) << at;
  }
}

TEST(Histogram, AddsUpAndTakesWhatIsOutOfRange) {
  Histogram one;
  Histogram other;
  one.add(-5);
  one.add(100);
  other.add(200);
  other.add(std::int64_t{1} << 50);
  one.add(other);
  EXPECT_EQ(one.count(), 4U);
  EXPECT_EQ(one.quantile_ns(0.25), 0);
  EXPECT_EQ(one.quantile_ns(0.5), 100);
  EXPECT_EQ(one.quantile_ns(0.75), 200);
  EXPECT_EQ(one.max_ns(), std::int64_t{1} << 50);
}

TEST(Chance, MixKeepsNumbersApartAndSkewedStaysInRange) {
  std::vector<std::uint64_t> seen;
  Chance chance(1);
  std::size_t low = 0;
  for (std::uint64_t at = 0; at < 10'000; ++at) {
    seen.push_back(mix(at));
    const std::uint64_t number = chance.skewed(8, 18);
    EXPECT_GE(number, 256U);
    EXPECT_LT(number, 262'144U);
    low += number < 512 ? 1 : 0;
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
  EXPECT_NEAR(static_cast<double>(low), 1000, 200);  // a tenth in a thousandth of the range
}

TEST(Template, FillsConstantsOnceAndHolesEachTime) {
  const Template text("{<app>:<id>,<ms>,\"<iso>\",<seconds>,<session>,<session_length>}",
                      {{"app", "shop"}});
  Output out;
  Filling filling{.run = "0a1b2c3d",
                  .session_ms = 1'795'324'000'123,
                  .id = 0x0123456789abcdef,
                  .time_ms = 1'795'324'850'729};
  text.fill(filling, out);
  EXPECT_EQ(out.view().substr(0, 30), "{shop:0a1b2c3d-0123-4567-89ab-");
  EXPECT_EQ(out.view().substr(42),
            ",1795324850729,\"2026-11-22T05:20:50.729Z\",1795324850,20261122-050640123,850606}");
  filling.id = 1;
  const std::string first(out.view());
  out.clear();
  text.fill(filling, out);
  EXPECT_NE(out.view(), first);
  EXPECT_EQ(out.size(), first.size());
}

TEST(Output, HeadGoesInFrontOfABodyThatGrew) {
  Output out;
  const std::string body(100'000, 'b');
  out.reserve(body.size());
  out.put(body);
  out.put_in_front("head:");
  EXPECT_EQ(out.view(), "head:" + body);
  out.clear();
  EXPECT_EQ(out.view(), "");
}

/// Feeds `text` in pieces of `size` bytes; the last state.
State feed(ReplyReader& reader, std::string_view text, std::size_t size) {
  State state = State::kMore;
  for (std::size_t at = 0; at < text.size() && state == State::kMore; at += size) {
    state = reader.feed(text.substr(at, size));
  }
  return state;
}

TEST(ReplyReader, ReadsAnswersInPiecesOfAnySize) {
  const std::string_view text =
      "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-LENGTH: 5\r\nConnection: Close\r\n\r\nhello";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    ReplyReader reader(Protocol::kHttp);
    EXPECT_FALSE(reader.begun());
    ASSERT_EQ(feed(reader, text, size), State::kDone) << size;
    EXPECT_TRUE(reader.begun());
    EXPECT_EQ(reader.status(), 200);
    EXPECT_EQ(reader.body(), "hello");
    EXPECT_TRUE(reader.closes());
    reader.reset();
    ASSERT_EQ(feed(reader, "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n", size),
              State::kDone);
    EXPECT_EQ(reader.status(), 204);
    EXPECT_FALSE(reader.closes());
    EXPECT_EQ(reader.body(), "");
  }
}

TEST(ReplyReader, SaysWhyAnAnswerIsRefusedOrNotUnderstood) {
  ReplyReader reader(Protocol::kHttp);
  EXPECT_EQ(
      feed(reader, "HTTP/1.1 403 x\r\nX-Catchment-Error: no app\r\nContent-Length: 1\r\n\r\nx", 9),
      State::kDone);
  EXPECT_EQ(reader.text(), "no app");
  reader.reset();
  EXPECT_EQ(reader.feed("HTTP/1.1 200 OK\r\n\r\n"), State::kBroken);
  EXPECT_EQ(reader.text(), "not understood: an answer without Content-Length");
  reader.reset();
  EXPECT_EQ(reader.feed("SSH-2.0-x\r\n\r\n"), State::kBroken);
  EXPECT_EQ(reader.text(), "not understood: SSH-2.0-x");
  reader.reset();
  EXPECT_EQ(reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab"), State::kBroken);
}

TEST(ReplyReader, KeepsTheBeginningOfALongBody) {
  ReplyReader reader(Protocol::kHttp);
  const std::string body(100'000, 'b');
  EXPECT_EQ(feed(reader, "HTTP/1.1 500 x\r\nContent-Length: 100000\r\n\r\n" + body, 4096),
            State::kDone);
  EXPECT_EQ(reader.text(), body.substr(0, 256));
}

TEST(ReplyReader, ReadsWhatRedisAnswers) {
  for (const std::size_t size : {1U, 3U, 100U}) {
    ReplyReader reader(Protocol::kRedis);
    EXPECT_EQ(feed(reader, ":12\r\n", size), State::kDone);
    EXPECT_EQ(reader.status(), 200);
    reader.reset();
    EXPECT_EQ(feed(reader, "-OOM command not allowed\r\n", size), State::kDone);
    EXPECT_EQ(reader.status(), 500);
    EXPECT_EQ(reader.text(), "-OOM command not allowed");
    reader.reset();
    EXPECT_EQ(feed(reader, "HTTP/1.1 400 Bad Request\r\n", size), State::kBroken);
  }
}

}  // namespace
}  // namespace load
