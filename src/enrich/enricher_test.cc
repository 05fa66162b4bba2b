#include "enrich/enrich.h"
#include "enrich/mmdb_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <unistd.h>

namespace enrich {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kSecondUs = 1'000'000;

std::unique_ptr<Enricher> open(const Options& options) {
  auto opened = Enricher::open(options);
  EXPECT_TRUE(opened) << opened.error().message;
  return *std::move(opened);
}

event::Event page_event() {
  event::Event event;
  event.received_at = 1'700'000'000 * kSecondUs;
  event.event_timestamp = 1'600'000'000 * kSecondUs;
  event.upload_timestamp = 1'600'000'000 * kSecondUs;
  event.ip = "192.0.2.9";
  event.user_agent =
      "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0";
  event.page_url = "https://shop.example/cart?utm_source=mail#x";
  event.page_referrer = "https://Search.example:8080/?q=shoes";
  return event;
}

TEST(Enricher, CompletesAnEventFromItself) {
  const auto enricher = open({});
  event::Event event = page_event();
  enricher->complete(event);
  EXPECT_EQ(event.page_host, "shop.example");
  EXPECT_EQ(event.page_path, "/cart");
  EXPECT_EQ(event.page_query, "utm_source=mail");
  EXPECT_EQ(event.page_referrer_host, "search.example");
  EXPECT_EQ(event.traffic_source_source, "mail");
  EXPECT_EQ(event.ua_browser, "Firefox");
  EXPECT_EQ(event.ua_browser_version, "115.0");
  EXPECT_EQ(event.ua_os, "Ubuntu");
  EXPECT_EQ(event.ua_device_category, "Other");
  EXPECT_EQ(event.geo_country, "");
  EXPECT_EQ(event.event_timestamp, 1'600'000'000 * kSecondUs);
}

TEST(Enricher, WhatTheEventSaysStays) {
  const auto enricher = open({});
  event::Event event = page_event();
  event.page_host = "told";
  event.ua_browser = "told";
  event.user_agent = "";
  enricher->complete(event);
  EXPECT_EQ(event.page_host, "told");
  EXPECT_EQ(event.page_path, "/cart");
  EXPECT_EQ(event.ua_browser, "told");
  EXPECT_EQ(event.ua_os, "");
}

TEST(Enricher, ClockIsCorrectedForClickstreamWhenAskedTo) {
  const auto enricher = open({.clock_correction = true});
  event::Event event = page_event();
  event.user_agent = "";
  enricher->complete(event);
  EXPECT_EQ(event.event_timestamp, 1'700'000'000 * kSecondUs);
  event = page_event();
  event.user_agent = "";
  event.api = event::Api::kSegmentstream;
  enricher->complete(event);
  EXPECT_EQ(event.event_timestamp, 1'600'000'000 * kSecondUs);
}

TEST(Enricher, GeoFileIsReadAgainWhileEventsCome) {
  const std::string path = ::testing::TempDir() + "enricher_test.mmdb";
  std::ofstream(path, std::ios::binary) << mmdb_with("Old Town");
  std::string logged;
  const base::SystemClock clock;
  base::Log log(clock, base::LogLevel::kInfo, base::LogFormat::kText,
                [&](std::string_view line) { logged += line; });
  const auto enricher = open({.geo_file = path, .log = &log});
  const auto city_at = [&](std::int64_t second) {
    event::Event event = page_event();
    event.user_agent = "";
    event.received_at = second * kSecondUs;
    enricher->complete(event);
    return event.geo_city;
  };
  EXPECT_EQ(city_at(100), "Old Town");
  std::ofstream(path, std::ios::binary) << mmdb_with("Newer Town");
  EXPECT_EQ(city_at(105), "Old Town");
  EXPECT_EQ(city_at(111), "Newer Town");
  std::ofstream(path, std::ios::binary) << "damaged";
  EXPECT_EQ(city_at(130), "Newer Town");
  EXPECT_THAT(logged, HasSubstr("cannot be used"));
  ::unlink(path.c_str());
}

TEST(Enricher, FilesThatCannotBeUsedAreNamed) {
  for (const Options& options :
       {Options{.geo_file = "/does/not/exist"}, Options{.user_agent_file = "/does/not/exist"},
        Options{.user_agent_file = "/dev/null"}}) {
    const auto opened = Enricher::open(options);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message,
                HasSubstr(options.geo_file.empty() ? options.user_agent_file : options.geo_file));
  }
}

}  // namespace
}  // namespace enrich
