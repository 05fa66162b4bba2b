// What stands in the vendors' views beside what views_test.cc asks of them.

#include "store/duckdb/test_store.h"
#include "store/duckdb/test_tables.h"

namespace store::duckdb {
namespace {

class VendorViews : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    options_.virtual_tables = test_tables();
    options_.clickstream_project_id = "it's";
    open_store();
  }
  std::string csv(std::string_view sql) {
    std::string out = ask(sql, ResultFormat::kCsv);
    std::erase(out, '\r');
    return out.substr(out.find('\n') + 1);
  }
  void append_items(std::vector<event::ItemRow> items, Position through) {
    Batch batch;
    batch.items = std::move(items);
    batch.through = through;
    ASSERT_TRUE(store_->append(std::move(batch)));
  }
};

event::Event visit(std::int64_t number, std::string source, std::string channel) {
  event::Event out = make_event(number);
  out.event_name = "_page_view";
  out.user_pseudo_id = "u";
  out.session_id = "s";
  out.traffic_source_medium = "of " + source;
  out.traffic_source_source = std::move(source);
  out.traffic_source_channel_group = std::move(channel);
  return out;
}

TEST_F(VendorViews, EventV2ShowsChannelCategoryFirstTouchAndProject) {
  event::Event event = visit(1, "Google", "Organic Search");
  event.traffic_source_category = "Search";
  event.user_first_touch = kDay * kDayUs + 5'000;
  event.upload_timestamp = kDay * kDayUs;
  event.ip = "192.0.2.1";
  append({event}, 1);
  EXPECT_EQ(csv("SELECT traffic_source_channel_group, traffic_source_category, "
                "user_first_touch_time_msec, project_id, process_info FROM clickstream.event_v2"),
            "Organic Search,Search,1699920000005,it's,"
            "\"{\"\"ingest_time\"\":\"\"2023-11-14T00:00:01.001Z\"\","
            "\"\"upload_time\"\":\"\"2023-11-14T00:00:00.000Z\"\","
            "\"\"source_ip\"\":\"\"192.0.2.1\"\"}\"\n");
}

TEST_F(VendorViews, CountryIsACustomParameterUnlessAnAttributeHasTheName) {
  event::Event event = make_event(1);
  event.country_code = "DE";
  event.properties = R"({"n":1})";
  event::Event both = make_event(2);
  both.country_code = "DE";
  both.properties = R"({"country_code":5})";
  append({event, both, make_event(3)}, 3);
  EXPECT_EQ(ask("SELECT custom_parameters_json_str AS j, custom_parameters AS p "
                "FROM clickstream.event_v2 ORDER BY event_id"),
            R"([{"j":"{\"n\":1,\"country_code\":\"DE\"}",)"
            R"("p":{"n":{"value":"1","type":"number"},)"
            R"("country_code":{"value":"DE","type":"string"}}},)"
            R"({"j":"{\"country_code\":5}","p":{"country_code":{"value":"5","type":"number"}}},)"
            R"({"j":"{\"n\":3}","p":{"n":{"value":"3","type":"number"}}}])");
}

TEST_F(VendorViews, SessionComesFromItsFirstSourceThatIsNotDirect) {
  append({visit(5, "late", "Referral"), visit(2, "Direct", "Direct")}, 5);
  append({visit(3, "news", "Email"), visit(1, "", "")}, 6);
  EXPECT_EQ(csv("SELECT session_source, session_medium, session_channel_group "
                "FROM clickstream.session"),
            "news,of news,Email\n");
  EXPECT_EQ(csv("SELECT traffic_source_source, traffic_source_medium FROM session"),
            "news,of news\n");
}

TEST_F(VendorViews, SessionWithoutOtherSourcesIsDirect) {
  append({visit(3, "Direct", "Internal"), visit(2, "Direct", "Direct"), visit(1, "", "")}, 3);
  event::Event other = visit(0, "news", "Email");
  other.event_name = "custom";
  append({other}, 4);
  EXPECT_EQ(csv("SELECT session_source, session_medium, session_channel_group, event_timestamp "
                "FROM clickstream.session"),
            "Direct,of Direct,Direct,2023-11-14 00:00:01.000000\n")
      << "an event that is none of the vendor's own does not count";
}

TEST_F(VendorViews, UserV2HasTheFirstChannel) {
  EXPECT_EQ(csv("SELECT first_traffic_source, first_traffic_channel_group, "
                "first_traffic_category FROM clickstream.user_v2"),
            "mail,Email,Unassigned\n");
}

TEST_F(VendorViews, ItemV2KnowsPlatformAndTimeOfReceipt) {
  event::ItemRow item;
  item.app_id = "shop";
  item.event_id = "e1";
  item.event_date = kDay;
  item.item_id = "i1";
  item.platform = "iOS";
  item.received_at = kDay * kDayUs;
  item.properties = R"({"id":"i1","color":"red"})";
  append_items({item}, 1);
  EXPECT_EQ(csv("SELECT item_id, platform, created_time, custom_parameters_json_str "
                "FROM clickstream.item_v2"),
            "i1,iOS,2023-11-14 00:00:00.000000,\"{\"\"color\"\":\"\"red\"\"}\"\n");
}

TEST_F(VendorViews, FirstGenerationNestsDeviceSourceAppAndItems) {
  event::Event event = make_event(1);
  event.event_value = 2.5;
  event.brand = "Fair";
  event.platform = "Android";
  event.zone_offset_ms = -18'000'000;
  event.traffic_source_source = "classified";
  event.properties =
      R"({"_traffic_source_source":"ads","_traffic_source_name":"May","_channel":"store",)"
      R"("event_previous_timestamp":7,"color":"red"})";
  std::vector<event::ItemRow> items(2);
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].app_id = "shop";
    items[i].event_id = "e1";
    items[i].event_date = kDay;
    items[i].item_id = "i" + std::to_string(i);
    items[i].item_index = static_cast<std::int64_t>(i);
    items[i].quantity = 2;
    items[i].properties = R"({"id":"i","n":3,"f":1.5,"s":"x"})";
  }
  append({event, make_event(2)}, 2);
  append_items(std::move(items), 3);
  EXPECT_EQ(csv("SELECT event_timestamp, event_previous_timestamp AS p, event_value_in_usd AS v, "
                "device.mobile_brand_name AS b, device.time_zone_offset_seconds AS z, "
                "traffic_source.source AS s, traffic_source.name AS n, "
                "app_info.install_source AS c, project_id, len(items) AS l, items[2].id AS i, "
                "items[1].quantity AS q FROM clickstream_v1.event ORDER BY event_id"),
            "1699920001000,7,2.5,Fair,-18000,ads,May,store,it's,2,i1,2\n"
            "1699920002000,,,,,,,,it's,,,\n");
  EXPECT_EQ(csv("SELECT event_id, event_param_key AS k, event_param_int_value AS i, "
                "event_param_string_value AS s FROM clickstream_v1.event_parameter ORDER BY ALL"),
            "e1,color,,red\ne2,n,2,\n")
      << "what other columns are made of is left out";
  EXPECT_EQ(csv("SELECT id, len(properties) AS n, properties[1].key AS k, "
                "properties[1].value.int_value AS i, properties[2].value.double_value AS d, "
                "properties[3].value.string_value AS s FROM clickstream_v1.item ORDER BY id"),
            "i0,3,n,3,1.5,x\ni1,3,n,3,1.5,x\n");
}

TEST_F(VendorViews, FirstGenerationUsersAndRequests) {
  EXPECT_EQ(csv("SELECT user_pseudo_id, user_properties[1].key AS k, "
                "user_properties[1].value.int_value AS i, "
                "user_properties[1].value.set_timestamp_micros AS t, "
                "user_properties[2].value.string_value AS s, "
                "user_properties[2].value.set_timestamp_micros AS o, device_id_list[1] AS d, "
                "_first_traffic_source AS f FROM clickstream_v1.\"user\""),
            "u1,Points,7,1700000000000000,Ada,,u1,mail\n");
  EXPECT_EQ(csv("SELECT date, ip, m, platform, appId, compression, ingest_time, client_timestamp "
                "FROM clickstream_v1.ingestion_events"),
            "2023-11-14T00:00:01+00:00,192.0.2.9,POST,Web,my shop,,1699920001000,"
            "1700000000123\n");
}

TEST_F(VendorViews, MobileAnalyticsNamesIdentitiesAndPrices) {
  const auto purchase = [](std::int64_t number, std::string key, std::string attributes,
                           std::string metrics) {
    event::Event out = make_event(number);
    out.api = event::Api::kMobileAnalytics;
    out.event_name = "_monetization.purchase";
    out.access_key_id = std::move(key);
    out.attributes = std::move(attributes);
    out.metrics = std::move(metrics);
    return out;
  };
  event::Event other = purchase(4, "", R"({"_product_id":"x"})", R"({"_item_price":1})");
  other.event_name = "view";
  other.app_id = "other";
  append({purchase(1, "AKIA2", R"({"_item_price_formatted":"¥128.00"})", R"({"_quantity":2})"),
          purchase(2, "gone", R"({"_item_price":"0.99","_quantity":"3","_currency":"EUR"})", "{}"),
          purchase(3, "AKIA1", R"({"_item_price_formatted":"1,99 €"})", R"({"_item_price":1.99})"),
          other},
         4);
  EXPECT_EQ(csv("SELECT application_cognito_identity_pool_id AS p, client_cognito_id AS c, "
                "monetization_item_id AS i, monetization_quantity AS q, "
                "monetization_price_amount AS a, monetization_price_currency_code AS u, "
                "monetization_price_currency_symbol AS s FROM mobile_analytics.event "
                "ORDER BY event_timestamp"),
            "eu-west-1:pool,eu-west-1:two,,2.0,,,¥\n"
            "eu-west-1:pool,,,3.0,0.99,EUR,\n"
            "eu-west-1:pool,eu-west-1:one,,,1.99,,€\n"
            ",,,,,,\n");
}

TEST_F(VendorViews, LateStopTellsASessionsEndByItsStopTimeOnly) {
  const auto at = [](std::int64_t number, std::string session, std::string name,
                     std::int64_t second) {
    event::Event out = make_event(number);
    out.api = event::Api::kMobileAnalytics;
    out.user_pseudo_id = "u";
    out.session_id = std::move(session);
    out.event_name = std::move(name);
    out.event_timestamp = kDay * kDayUs + second * 1'000'000;
    return out;
  };
  event::Event stop = at(1, "a", "_session.stop", 9'000);
  stop.session_stop = kDay * kDayUs + 20'000'000;
  event::Event start_1970 = at(5, "c", "x", 7);
  start_1970.session_start = 5;
  append({stop, at(2, "a", "_session.start", 0), at(3, "b", "_session.start", 0),
          at(4, "b", "_session.stop", 9'000), start_1970, at(6, "b", "x", 3)},
         6);
  EXPECT_EQ(csv("SELECT session_id, started_at::TIME AS s, ended_at::TIME AS e, duration_ms, "
                "events FROM session ORDER BY session_id"),
            "a,00:00:00.000000,00:00:20.000000,20000,2\n"
            "b,00:00:00.000000,00:00:03.000000,3000,3\n"
            "c,00:00:07.000000,00:00:07.000000,0,1\n");
}

}  // namespace
}  // namespace store::duckdb
