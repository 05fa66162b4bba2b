#include "store/duckdb/test_store.h"
#include "store/duckdb/test_tables.h"

#include <gmock/gmock.h>

#include <limits>

namespace store::duckdb {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Views : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    options_.virtual_tables = test_tables();
    open_store();
  }
  std::vector<std::string> names() {
    const std::string text =
        ask("SELECT table_schema || '.\"' || table_name || '\"' FROM information_schema.tables "
            "ORDER BY ALL",
            ResultFormat::kTable);
    std::vector<std::string> out;
    for (std::size_t begin = text.find('\n', text.find('\n') + 1) + 1; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      out.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
    return out;
  }
  void expect_all_readable(std::size_t expected) {
    const auto all = names();
    EXPECT_EQ(all.size(), expected);
    for (const std::string& name : all) {
      EXPECT_THAT(ask("FROM " + name), Not(StartsWith("error"))) << name;
    }
  }
};

TEST_F(Views, AreAllReadableWithoutRows) {
  expect_all_readable(19);
  seal();
  expect_all_readable(19);
}

TEST_F(Views, AreAllReadableWhateverAClientSent) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  std::vector<event::Event> events;
  for (const std::int64_t extreme : {kMax, -kMax, kMax - 1, std::int64_t{0}}) {
    for (const event::Api api : {event::Api::kClickstream, event::Api::kMobileAnalytics}) {
      event::Event event = make_event(1);
      event.api = api;
      event.event_name = "_page_view";
      event.event_timestamp = extreme;
      event.received_at = kDay * kDayUs;
      event.session_start = extreme;
      event.session_stop = -extreme;
      event.session_duration_ms = extreme;
      event.session_id = api == event::Api::kClickstream ? "s" : "";
      event.session_number = extreme;
      event.zone_offset_ms = extreme;
      event.screen_width = extreme;
      event.event_value = std::numeric_limits<double>::infinity();
      event.page_url = "http://x/%ff%zz?%";
      event.page_query = "a=%ff&=&&b&a=1&%00";
      event.properties =
          R"({"_entrances":{"a":1},"_previous_timestamp":1e300,"_engagement_time_msec":"x",)"
          R"("_page_referrer":"%ff","_is_first_time":[],"":null,"a\"b'c":{"d":[null]},)"
          R"("big":18446744073709551615,"small":-1e-300,"_latest_referrer":"%%"})";
      event.attributes = R"({"_quantity":"x"})";
      event.metrics = R"({"_quantity":1e308,"_item_price":9223372036854775808})";
      events.push_back(event);
    }
  }
  append(std::move(events), 1);
  expect_all_readable(19);
  seal();
  expect_all_readable(19);
}

TEST_F(Views, EventParameterIsOneRowAnEntry) {
  event::Event event = make_event(1);
  event.properties = R"({"s":"x","i":-3,"d":1.5,"b":true,"o":{"k":[1]},"n":null,"e":""})";
  event::Event mobile = make_event(2);
  mobile.api = event::Api::kMobileAnalytics;
  mobile.properties = R"({"same":"not shown twice"})";
  mobile.attributes = R"({"same":"a"})";
  mobile.metrics = R"({"same":2.0})";
  append({event, mobile}, 2);
  EXPECT_EQ(ask("SELECT event_id, event_param_key, event_param_string_value, "
                "event_param_int_value, event_param_double_value FROM event_parameter "
                "ORDER BY event_id, event_param_key, event_param_string_value NULLS LAST",
                ResultFormat::kCsv),
            "event_id,event_param_key,event_param_string_value,event_param_int_value,"
            "event_param_double_value\r\n"
            "e1,b,true,,\r\n"
            "e1,d,,,1.5\r\n"
            "e1,e,\"\",,\r\n"
            "e1,i,,-3,\r\n"
            "e1,n,,,\r\n"
            "e1,o,\"{\"\"k\"\":[1]}\",,\r\n"
            "e1,s,x,,\r\n"
            "e2,same,a,,\r\n"
            "e2,same,,,2.0\r\n");
}

TEST_F(Views, SessionsGroupByIdOrElseByInactivity) {
  std::vector<event::Event> events;
  const auto add = [&events](std::string person, std::string session, std::int64_t minute) {
    event::Event event = make_event(static_cast<std::int64_t>(events.size()) + 1);
    event.user_pseudo_id = std::move(person);
    event.session_id = std::move(session);
    event.event_timestamp = kDay * kDayUs + minute * 60'000'000;
    events.push_back(event);
  };
  add("p", "s1", 0);
  add("p", "s1", 100);
  add("q", "", 0);
  add("q", "", 30);
  add("q", "", 61);
  add("r", "", 10);
  events[1].session_duration_ms = 5'000;
  events[0].user_id = "known";
  append(std::move(events), 6);
  EXPECT_EQ(ask("SELECT session_id, user_pseudo_id, user_id, started_at::TIME AS s, "
                "ended_at::TIME AS e, duration_ms AS d, events AS n, engaged AS g, derived AS x "
                "FROM session ORDER BY user_pseudo_id, s",
                ResultFormat::kCsv),
            "session_id,user_pseudo_id,user_id,s,e,d,n,g,x\r\n"
            "s1,p,known,00:00:00.000000,00:00:05.000000,5000,2,false,false\r\n"
            "e3,q,,00:00:00.000000,00:30:00.000000,1800000,2,true,true\r\n"
            "e5,q,,01:01:00.000000,01:01:00.000000,0,1,false,true\r\n"
            "e6,r,,00:10:00.000000,00:10:00.000000,0,1,false,true\r\n");
}

TEST_F(Views, SessionInactivityMayBeShorterThanAMinute) {
  options_.session_inactivity = std::chrono::seconds(10);
  open_store();
  std::vector<event::Event> events;
  for (const std::int64_t second : {0, 5, 15, 26}) {
    events.push_back(make_event(second + 1));
    events.back().user_pseudo_id = "p";
    events.back().event_timestamp = kDay * kDayUs + second * 1'000'000;
  }
  append(std::move(events), 4);
  EXPECT_EQ(ask("SELECT events, duration_ms FROM session ORDER BY started_at"),
            R"([{"events":3,"duration_ms":15000},{"events":1,"duration_ms":0}])");
}

TEST_F(Views, ClickstreamEventV2ReadsLikeTheVendorsTable) {
  event::Event event = make_event(1);
  event.event_name = "_screen_view";
  event.platform = "iOS";
  event.event_value = 3;
  event.zone_offset_ms = 28'800'000;
  event.page_query = "a=1&b=x%20y&a=2";
  event.properties =
      R"({"_screen_name":"Home","_entrances":1,"_previous_timestamp":5,"color":"red","n":2})";
  event::Event other = make_event(2);
  other.api = event::Api::kSegmentstream;
  append({event, other}, 2);
  EXPECT_EQ(
      ask("SELECT event_time_msec, event_value_currency, device_operating_system, "
          "device_time_zone_offset_seconds, platform, screen_view_screen_name, "
          "screen_view_entrances, screen_view_previous_time_msec, page_view_previous_time_msec, "
          "page_view_page_url_query_parameters, custom_parameters_json_str, custom_parameters "
          "FROM clickstream.event_v2"),
      R"([{"event_time_msec":1699920001000,"event_value_currency":"USD",)"
      R"("device_operating_system":"iOS","device_time_zone_offset_seconds":28800,"platform":"iOS",)"
      R"("screen_view_screen_name":"Home","screen_view_entrances":true,)"
      R"("screen_view_previous_time_msec":5,"page_view_previous_time_msec":null,)"
      R"("page_view_page_url_query_parameters":{"a":"1,2","b":"x y"},)"
      R"("custom_parameters_json_str":"{\"color\":\"red\",\"n\":2}",)"
      R"("custom_parameters":{"color":{"value":"red","type":"string"},)"
      R"("n":{"value":"2","type":"number"}}}])");
}

TEST_F(Views, UserIsQuotedOrPlural) {
  EXPECT_EQ(ask("SELECT user_pseudo_id, user_properties -> 'Points' AS p FROM \"user\" "
                "WHERE user_id IS NULL"),
            R"([{"user_pseudo_id":"u1","p":{"value":7,"set_time_msec":1700000000000}}])");
  EXPECT_EQ(count("users"), "[{\"n\":2}]");
  EXPECT_EQ(ask("SELECT user_properties['Points'] AS p, first_visit_date, first_traffic_source "
                "FROM clickstream.user_v2"),
            R"([{"p":{"value":"7","type":"number","set_time_msec":1700000000000},)"
            R"("first_visit_date":"2023-11-14","first_traffic_source":"mail"}])")
      << "the people of other APIs are not in it";
}

TEST_F(Views, ReplayedRejectionsAreNotSeen) {
  Batch batch;
  batch.through = 1;
  for (const std::int64_t index : {0, 1, 2}) {
    event::RejectedRow& row = batch.rejected.emplace_back();
    row.app_id = "shop";
    row.event_date = kDay;
    row.record_index = index;
    row.journal_position = 1;
  }
  ASSERT_TRUE(store_->append(std::move(batch)));
  EXPECT_EQ(ask("SELECT record_index AS i FROM rejected_event ORDER BY i"), R"([{"i":0},{"i":2}])");
  EXPECT_EQ(count("every_rejected_event"), "[{\"n\":3}]");
  seal();
  EXPECT_EQ(count("rejected_event"), "[{\"n\":2}]");
}

TEST_F(Views, MobileAnalyticsEventHasTheExportsColumns) {
  event::Event event = make_event(1);
  event.api = event::Api::kMobileAnalytics;
  event.event_name = "_monetization.purchase";
  event.attributes = R"({"_product_id":"gem","_currency":"EUR"})";
  event.metrics = R"({"_quantity":2.0,"_item_price":0.99})";
  event.platform = "ANDROID";
  event.context = R"({"services":{"mobile_analytics":{"app_id":"ma-1"}}})";
  append({event, make_event(2)}, 2);
  EXPECT_EQ(ask("SELECT event_type, client_id, monetization_item_id AS i, "
                "monetization_quantity AS q, monetization_price_amount AS p, "
                "monetization_price_currency_code AS c FROM mobile_analytics.event"),
            R"([{"event_type":"_monetization.purchase","client_id":"u1","i":"gem","q":2.0,)"
            R"("p":0.99,"c":"EUR"}])");
  EXPECT_EQ(ask("SELECT application_app_id AS a, device_platform_name AS d "
                "FROM mobile_analytics.event"),
            R"([{"a":"ma-1","d":"android"}])")
      << "as the clients name the application, not as this server does";
}

}  // namespace
}  // namespace store::duckdb
