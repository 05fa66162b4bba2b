// docs/formats/journal.md against the code: the example bytes of the page are read as a journal.

#include "base/time_text.h"
#include "codec/text.h"
#include "event/record.h"
#include "journal/fixture.h"
#include "segment/compressed.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace journal {
namespace {

/// The bytes of the dump below the heading that starts with `heading`; every line of it is
/// "    OFFSET  HEX...  meaning".
std::string example(std::string_view heading) {
  std::ifstream page(CATCHMENT_DOCS "/formats/journal.md");
  EXPECT_TRUE(page.is_open());
  std::string out;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) {
      inside = std::string_view(line).substr(3).starts_with(heading);
    }
    if (!inside || line.size() < 12 || !line.starts_with("    ")) {
      continue;
    }
    EXPECT_EQ(std::stoul(line.substr(4, 4), nullptr, 16), out.size()) << line;
    std::istringstream pairs(line.substr(10, 48));
    for (std::string pair; pairs >> pair;) {
      const std::optional<std::string> byte = codec::decode_hex(pair);
      EXPECT_TRUE(byte) << line;
      out += byte.value_or("");
    }
  }
  return out;
}

using JournalPage = JournalTest;

TEST_F(JournalPage, ExampleSegmentIsAJournalOfTwoRequests) {
  const std::string bytes = example("Example: a segment");
  ASSERT_EQ(bytes.size(), 230U);
  files_.set_content(path(41), bytes);
  open();
  EXPECT_EQ(writer_->recovery().last, 42U);
  EXPECT_EQ(writer_->recovery().cut_bytes, 0U);
  EXPECT_EQ(write("next"), 43U);

  const std::unique_ptr<Reader> reader = *Reader::open(files_, "journal", 41);
  base::Result<std::optional<Entry>> entry = reader->next(42);
  ASSERT_TRUE(entry && entry->has_value());
  const base::Result<event::Record> first = event::decode_record((*entry)->bytes);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->kind, event::RecordKind::kAccepted);
  EXPECT_EQ(first->api, event::Api::kClickstream);
  EXPECT_EQ(base::format_iso8601_ms(first->received_at), "2026-01-02T03:04:06.000Z");
  EXPECT_EQ(first->app_id, "demo");
  EXPECT_EQ(first->request_id, "r1");
  EXPECT_EQ(first->method, "POST");
  EXPECT_EQ(first->target, "/collect?appId=demo");
  EXPECT_EQ(first->peer_ip, "127.0.0.1");
  EXPECT_EQ(first->user_agent, "curl/8");
  EXPECT_EQ(first->header("content-encoding"), "gzip");
  EXPECT_EQ(first->note("apps"), "demo");
  EXPECT_EQ(first->body, "[]");
  std::string again;
  event::encode_record(*first, again);
  EXPECT_EQ(again, (*entry)->bytes);

  entry = reader->next(42);
  ASSERT_TRUE(entry && entry->has_value());
  const base::Result<event::Record> second = event::decode_record((*entry)->bytes);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->kind, event::RecordKind::kRefused);
  EXPECT_EQ(second->api, event::Api::kSegmentstream);
  EXPECT_EQ(second->body, "?");
}

TEST_F(JournalPage, ExampleSegmentIsWhatTheWriterWouldWrite) {
  const std::string bytes = example("Example: a segment");
  const std::uint32_t salt = segment::get_u32(bytes, 12);
  std::string made =
      segment::encode_header({salt, 41, *base::parse_iso8601("2026-01-02T03:04:05.678901Z")});
  segment::encode_record(made, salt, 41, bytes.substr(36 + 20, 98));
  segment::encode_record(made, salt, 42, bytes.substr(36 + 20 + 98 + 20, 36));
  EXPECT_EQ(codec::encode_hex(made), codec::encode_hex(bytes.substr(0, made.size())));
}

TEST_F(JournalPage, ExampleIndexReadsBack) {
  const std::string bytes = example("Example: the index");
  ASSERT_EQ(bytes.size(), 68U);
  const base::Result<segment::BlockIndex> index = segment::decode_index(bytes, bytes.size() + 190);
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_EQ(index->plain_bytes, 210U);
  EXPECT_EQ(index->last, 42U);
  ASSERT_EQ(index->blocks.size(), 1U);
  EXPECT_EQ(index->blocks[0].position, 41U);
  EXPECT_EQ(index->blocks[0].record_offset, 36U);
  EXPECT_EQ(segment::encode_index(*index), bytes);
}

}  // namespace
}  // namespace journal
