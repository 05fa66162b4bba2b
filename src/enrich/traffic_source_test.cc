#include "enrich/traffic_source.h"

#include <gtest/gtest.h>

namespace enrich {
namespace {

event::Event event_from(std::string_view query) {
  event::Event event;
  add_traffic_source(query, event);
  return event;
}

TEST(TrafficSource, TakesTheCampaignParameters) {
  const event::Event event = event_from(
      "a=b&utm_source=news%20letter&utm_medium=e+mail&utm_campaign=May&utm_content=top&"
      "utm_term=shoes&utm_id=77&utm_source_platform=crm&utm_source=second");
  EXPECT_EQ(event.traffic_source_source, "news letter");
  EXPECT_EQ(event.traffic_source_medium, "e mail");
  EXPECT_EQ(event.traffic_source_campaign, "May");
  EXPECT_EQ(event.traffic_source_content, "top");
  EXPECT_EQ(event.traffic_source_term, "shoes");
  EXPECT_EQ(event.traffic_source_campaign_id, "77");
  EXPECT_EQ(event.traffic_source_clid_platform, "crm");
  EXPECT_EQ(event.traffic_source_clid, "");
}

TEST(TrafficSource, ClickIdNamesTheSource) {
  event::Event event = event_from("fbclid=f1&gclid=g\"1");
  EXPECT_EQ(event.traffic_source_source, "Google");
  EXPECT_EQ(event.traffic_source_medium, "(CPC)");
  EXPECT_EQ(event.traffic_source_clid, R"({"type":"gclid","value":"g\"1"})");
  event = event_from("x=1&gclid=&fbclid=f1&ttclid=t1&utm_medium=social");
  EXPECT_EQ(event.traffic_source_source, "fbclid");
  EXPECT_EQ(event.traffic_source_medium, "social");
  EXPECT_EQ(event.traffic_source_clid, R"({"type":"fbclid","value":"f1"})");
  EXPECT_EQ(event_from("msclkid=m").traffic_source_clid, R"({"type":"msclkid","value":"m"})");
}

TEST(TrafficSource, NamedSourceWinsOverTheClickId) {
  const event::Event event = event_from("utm_source=ads&gclid=g");
  EXPECT_EQ(event.traffic_source_source, "ads");
  EXPECT_EQ(event.traffic_source_medium, "");
  EXPECT_EQ(event.traffic_source_clid, R"({"type":"gclid","value":"g"})");
}

TEST(TrafficSource, WhatTheClientSaidStays) {
  event::Event event;
  event.traffic_source_source = "client";
  add_traffic_source("utm_source=page&utm_medium=m&gclid=g", event);
  EXPECT_EQ(event.traffic_source_source, "client");
  EXPECT_EQ(event.traffic_source_medium, "");
  EXPECT_EQ(event.traffic_source_clid, "");
}

TEST(TrafficSource, DirectAndEmptyCountAsAbsent) {
  const event::Event event = event_from("utm_source=DIRECT&utm_medium=&utm_campaign=direct");
  EXPECT_EQ(event.traffic_source_source, "");
  EXPECT_EQ(event.traffic_source_medium, "");
  EXPECT_EQ(event.traffic_source_campaign, "");
}

TEST(TrafficSource, BytesThatAreNoTextAreRepaired) {
  EXPECT_EQ(event_from("utm_source=%ff").traffic_source_source, "\xef\xbf\xbd");
  EXPECT_EQ(event_from("gclid=%ff").traffic_source_clid,
            "{\"type\":\"gclid\",\"value\":\"\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace enrich
