#include "codec/compression.h"
#include "codec/text.h"
#include "imports/test_file.h"
#include "json/writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imports {
namespace {

const Reading kReading{Format::kClickstream, "shop", "", {}};

constexpr std::string_view kEvents =
    R"([{"event_type":"click","event_id":"e-1","timestamp":1667877566697,"app_id":"theirs",)"
    R"("attributes":{"a":1}},)"
    R"({"event_type":"view","event_id":"e-2","timestamp":1667877566698,"app_id":"theirs",)"
    R"("attributes":{}}])";

std::string line_of(const std::string& data, const std::string& more) {
  return R"({"path":"/collect","source_type":"http_server",)"
         R"("timestamp":"2022-11-08T03:19:27.123456Z",)"
         R"("platform":"Web","appId":"theirs","ua":"Mozilla/5.0","ip":"203.0.113.7, 10.0.0.1",)"
         R"("rid":"0a1b",)"
         R"("data":)" +
         json::quote(data) + more + "}";
}

TEST(ImportClickstream, ALineIsTheRequestAgain) {
  const std::string uri = R"(,"uri":"/collect?platform=Web&appId=theirs)"
                          R"(&event_bundle_sequence_id=4&upload_timestamp=1667877567000")";
  const ReadFile file = read_file(line_of(std::string(kEvents), uri), kReading);
  ASSERT_EQ(file.records.size(), 1U);
  const event::Decoded rows = decode_all(file);
  ASSERT_EQ(rows.events.size(), 2U);
  const event::Event& row = rows.events[0];
  EXPECT_EQ(row.app_id, "shop");  // what its events call it does not matter
  EXPECT_EQ(row.event_id, "e-1");
  EXPECT_EQ(row.received_at, 1'667'877'567'123'456);
  EXPECT_EQ(row.event_bundle_sequence_id, 4);
  EXPECT_EQ(row.upload_timestamp, 1'667'877'567'000'000);
  EXPECT_EQ(row.ip, "203.0.113.7");
  EXPECT_EQ(row.user_agent, "Mozilla/5.0");
  EXPECT_EQ(event::decode_record(file.records[0])->request_id, "0a1b");
}

TEST(ImportClickstream, AnOldLineWithoutUriSaysItElsewhere) {
  const event::Decoded rows =
      rows_of(line_of(std::string(kEvents), R"(,"client_timestamp":"1667877567000")"), kReading);
  ASSERT_EQ(rows.events.size(), 2U);
  EXPECT_EQ(rows.events[0].upload_timestamp, 1'667'877'567'000'000);
  EXPECT_EQ(rows.events[0].platform, "Web");
}

TEST(ImportClickstream, ABodyThatWasPackedStaysPacked) {
  const std::string packed = codec::encode_base64(codec::gzip(kEvents));
  const ReadFile file = read_file(line_of(packed, ""), kReading);
  EXPECT_EQ(event::decode_record(file.records.at(0))->body, packed);
  EXPECT_EQ(decode_all(file).events.size(), 2U);
}

TEST(ImportClickstream, AnEmptyBodyIsNothing) {
  const ReadFile file = read_file(line_of("", ""), kReading);
  EXPECT_EQ(file.lines, 1U);
  EXPECT_TRUE(file.records.empty());
}

TEST(ImportClickstream, BadLinesAndBadEventsArePutAside) {
  for (const std::string& line :
       {std::string("x"), std::string("{}"), std::string(R"({"data":"[]"})"),
        std::string(R"({"data":7,"timestamp":"2022-11-08"})"), line_of("no json", "")}) {
    const event::Decoded rows = rows_of(line, kReading);
    EXPECT_EQ(rows.rejections.size(), 1U) << line;
  }
  const event::Decoded rows = rows_of(line_of(R"([{"event_type":"a"}])", ""), kReading);
  ASSERT_EQ(rows.rejections.size(), 1U);
  EXPECT_EQ(rows.rejections[0].app_id, "shop");
}

}  // namespace
}  // namespace imports
