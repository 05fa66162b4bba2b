#include "event/record.h"

#include <gtest/gtest.h>

namespace event {
namespace {

Record sample() {
  Record record;
  record.kind = RecordKind::kRefused;
  record.api = Api::kSegmentstream;
  record.received_at = base::from_us(1'700'000'000'123'456);
  record.app_id = "shop";
  record.request_id = "0af7";
  record.method = "POST";
  record.target = "/track?a=1";
  record.peer_ip = "127.0.0.1";
  record.user_agent = "curl/8";
  record.headers = {{"content-type", "application/json"}, {"content-encoding", "gzip"}};
  record.notes = {{"limits", "lenient"}};
  record.body = std::string_view("\0{}\xff", 4);
  return record;
}

TEST(Record, ReadsBackWhatWasWritten) {
  std::string bytes;
  encode_record(sample(), bytes);
  const base::Result<Record> read = decode_record(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, RecordKind::kRefused);
  EXPECT_EQ(read->api, Api::kSegmentstream);
  EXPECT_EQ(read->received_at, sample().received_at);
  EXPECT_EQ(read->app_id, "shop");
  EXPECT_EQ(read->path(), "/track");
  EXPECT_EQ(read->query(), "a=1");
  EXPECT_EQ(read->header("content-encoding"), "gzip");
  EXPECT_EQ(read->header("cookie"), "");
  EXPECT_EQ(read->note("limits"), "lenient");
  EXPECT_FALSE(read->note("other"));
  EXPECT_EQ(read->body, sample().body);
}

TEST(Record, EveryTruncationIsCorruptNotACrash) {
  std::string bytes;
  encode_record(sample(), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const base::Result<Record> read = decode_record(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(read) << size;
    EXPECT_EQ(read.error().code, base::Code::kCorrupt);
  }
  bytes += 'x';
  EXPECT_FALSE(decode_record(bytes));
}

TEST(Api, NamesReadBack) {
  for (const Api api :
       {Api::kClickstream, Api::kClevertap, Api::kMobileAnalytics, Api::kSegmentstream}) {
    EXPECT_EQ(api_from_name(api_name(api)), api);
  }
  EXPECT_FALSE(api_from_name("pinpoint"));
}

}  // namespace
}  // namespace event
