#include "loader/rows.h"

#include <gtest/gtest.h>

namespace loader {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::int64_t kReceived = 19'675 * kDayUs + 100;

std::int64_t filed_under(std::int64_t happened) {
  event::Event event;
  event.event_timestamp = happened;
  event.received_at = kReceived;
  file_event(event);
  return event.event_date.value_or(-1);
}

TEST(FileEvent, ImpossibleTimesAreFiledUnderTheReceiveDay) {
  EXPECT_EQ(filed_under(kReceived - 3 * kDayUs), 19'672);
  EXPECT_EQ(filed_under(kReceived + kDayUs), 19'676);
  EXPECT_EQ(filed_under(kReceived + kDayUs + 1), 19'675);
  EXPECT_EQ(filed_under(946'684'800'000'000), 10'957);
  EXPECT_EQ(filed_under(946'684'799'999'999), 19'675);
  EXPECT_EQ(filed_under(-5), 19'675);
}

TEST(FileEvent, EventWithoutATimeIsFiledUnderTheReceiveDay) {
  event::Event event;
  event.received_at = kReceived;
  file_event(event);
  EXPECT_EQ(event.event_date, 19'675);
}

TEST(FillEvent, WhatTheDecoderSetIsKept) {
  event::Record record;
  record.api = event::Api::kClevertap;
  record.app_id = "record";
  record.peer_ip = "10.0.0.1";
  event::Event event;
  event.app_id = "own";
  event.ip = "192.0.2.1";
  event.event_id = "id";
  fill_event(record, {5, 1}, event);
  EXPECT_EQ(event.app_id, "own");
  EXPECT_EQ(event.ip, "192.0.2.1");
  EXPECT_EQ(event.peer_ip, "10.0.0.1");
  EXPECT_EQ(event.event_id, "id");
  EXPECT_EQ(event.api, event::Api::kClevertap);
}

TEST(MakeStorable, BytesThatAreNoUtf8AreReplaced) {
  event::Event event;
  event.user_agent = "a\xff";
  event.page_title = "ok \xc3\xa4";
  event.items.resize(1);
  event.items[0].name = "\xc3";
  make_storable(event);
  EXPECT_EQ(event.user_agent, "a\xef\xbf\xbd");
  EXPECT_EQ(event.page_title, "ok \xc3\xa4");
  EXPECT_EQ(event.items[0].name, "\xef\xbf\xbd");
}

}  // namespace
}  // namespace loader
