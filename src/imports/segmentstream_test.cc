#include "imports/test_file.h"

#include <gtest/gtest.h>

namespace imports {
namespace {

const Reading kReading{Format::kSegmentstream, "shop", "", {}};

TEST(ImportSegmentstream, ARowIsTheHitAgain) {
  const event::Decoded rows =
      rows_of(R"({"hitId":"h-1","anonymousId":"a-1","userId":null,)"
              R"("receivedAt":"2020-10-01 08:00:00.123 UTC",)"
              R"("sentAt":"2020-10-01 07:59:59 UTC","event":{"name":"Added Product","value":null,)"
              R"("product":{"id":"p","price":2}},)"
              R"("context":{"ip":"203.0.113.7","locale":null}})",
              kReading);
  ASSERT_EQ(rows.events.size(), 1U);
  const event::Event& row = rows.events[0];
  EXPECT_EQ(row.event_id, "h-1");
  EXPECT_EQ(row.event_name, "Added Product");
  EXPECT_EQ(row.event_timestamp, 1'601'539'199'000'000);
  EXPECT_EQ(row.received_at, 1'601'539'200'123'000);
  EXPECT_EQ(row.user_pseudo_id, "a-1");
  EXPECT_EQ(row.user_id, "");
  EXPECT_EQ(row.ip, "203.0.113.7");
  EXPECT_EQ(row.properties.find("null"), std::string::npos) << row.properties;
}

TEST(ImportSegmentstream, AHitWithoutIdGetsOneThatIsTheSameInEveryFile) {
  const std::string hit =
      R"({"hitId":null,"anonymousId":"a","sentAt":"2020-10-01T08:00:00Z","event":{"name":"n"}})";
  const event::Decoded one = rows_of(hit, kReading);
  const event::Decoded two = rows_of(hit + "\n" + hit, kReading);
  ASSERT_EQ(two.events.size(), 2U);
  EXPECT_EQ(one.events.at(0).event_id, two.events[0].event_id);
  EXPECT_NE(two.events[0].event_id, two.events[1].event_id);
}

TEST(ImportSegmentstream, WhatIsNoHitIsPutAside) {
  for (const char* line :
       {"x", "[]", R"({"anonymousId":"a"})", R"({"event":7})", R"({"event":{"name":"n"}})"}) {
    const event::Decoded rows = rows_of(line, kReading);
    EXPECT_EQ(rows.rejections.size(), 1U) << line;
    EXPECT_TRUE(rows.events.empty()) << line;
  }
}

}  // namespace
}  // namespace imports
