#include "api/segmentstream/glance.h"

#include "api/segmentstream/hit.h"
#include "base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace api::segmentstream {
namespace {

constexpr std::string_view kGood =
    R"({"hitId":"h1","sentAt":"2019-02-21T10:56:10.723Z","event":{"name":"Lead",)"
    R"("user":{"userId":"u1","age":7}},"context":{"ip":"198.51.100.17"}})";

event::Record record_with(std::string_view body) {
  event::Record record;
  record.api = event::Api::kSegmentstream;
  record.body = body;
  return record;
}

std::string changed(std::string_view from, std::string_view to) {
  std::string body(kGood);
  return body.replace(body.find(from), from.size(), to);
}

TEST(SegmentstreamGlance, SeesAPlainHit) {
  EXPECT_TRUE(is_plainly_good(record_with(kGood)));
  EXPECT_TRUE(is_plainly_good(record_with(changed("userId", "anonymousId"))));
  EXPECT_TRUE(
      is_plainly_good(record_with(changed("\"sentAt\":\"2019-02-21T10:56:10.723Z\",", ""))));
}

TEST(SegmentstreamGlance, LeavesWhatIsNotPlainToTheFullReading) {
  for (const std::string& body : {
           std::string(),
           std::string("{}"),
           "[" + std::string(kGood) + "]",
           std::string(kGood) + "x",
           changed("\"u1\"", "\"\""),
           changed("\"u1\"", "1"),
           changed("u1", "\\u0041"),
           changed("userId", "id"),
           changed("\"age\":7", "\"userId\":null"),
           changed("\"age\":7", "\"\\u0075serId\":null"),
           changed("\"name\":\"Lead\"", "\"user\":{}"),
           changed("\"hitId\":\"h1\"", "\"event\":{}"),
           changed("2019-02-21T10:56:10.723Z", "yesterday"),
           changed("\"2019-02-21T10:56:10.723Z\"", "null"),
           changed("context", "sentAt"),
           changed("h1", std::string(kBodyBytesMax, 'h')),
       }) {
    EXPECT_FALSE(is_plainly_good(record_with(body))) << body;
  }
  event::Record packed = record_with(kGood);
  packed.headers.push_back({"content-encoding", "identity"});
  EXPECT_FALSE(is_plainly_good(packed));
}

TEST(SegmentstreamGlance, NeverDisagreesWithTheFullReading) {
  base::SeededRandom random(11);
  static constexpr std::string_view kBytes =
      "\"\\{}[]:, \n\x01\xFF"
      "0e.-_vsuaTZ9";
  int seen = 0;
  for (int round = 0; round < 4000; ++round) {
    std::array<std::uint8_t, 4> dice{};
    random.fill(dice);
    std::string body(kGood);
    body[dice[0] % body.size()] = kBytes[dice[1] % kBytes.size()];
    if (round % 2 == 0) {
      body[dice[2] % body.size()] = kBytes[dice[3] % kBytes.size()];
    }
    const event::Record record = record_with(body);
    if (!is_plainly_good(record)) {
      continue;
    }
    ++seen;
    const Hit hit = read_hit(record);
    ASSERT_FALSE(hit.problem) << body;
    EXPECT_FALSE(check_hit(hit.root())) << body;
  }
  EXPECT_GT(seen, 200);
}

}  // namespace
}  // namespace api::segmentstream
