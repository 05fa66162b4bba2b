#include "api/clickstream/decode.h"

#include "api/clickstream/test_record.h"
#include "json/value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace api::clickstream {
namespace {

using event::Decoded;
using event::Event;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Event decode_one(const std::string& body, std::string_view target = kTestTarget) {
  Decoded decoded = decode(test_record(body, target));
  EXPECT_THAT(decoded.rejections, IsEmpty()) << decoded.rejections.front().reason;
  EXPECT_THAT(decoded.events, SizeIs(1));
  return decoded.events.empty() ? Event() : std::move(decoded.events.front());
}

event::Rejection reject_one(const std::string& body) {
  Decoded decoded = decode(test_record(body));
  EXPECT_THAT(decoded.events, IsEmpty());
  EXPECT_THAT(decoded.rejections, SizeIs(1));
  return decoded.rejections.empty() ? event::Rejection() : std::move(decoded.rejections.front());
}

TEST(ClickstreamDecode, DocumentedExampleBecomesTwoEvents) {
  const std::string body =
      R"([{"event_type":"button_click","event_id":"460daa08-0717-4385-8f2e-acb5bd019ee7",)"
      R"("timestamp":1667877566697,"app_id":"shop",)"
      R"("attributes":{"productName":"shoes","Price":99.9}},)"
      R"({"event_type":"item_view","event_id":"c6067c1c-fd8d-4fdb-bfaf-cc1212ca0195",)"
      R"("timestamp":1667877565698,"app_id":"shop",)"
      R"("attributes":{"productName":"book","Price":39.9}}])";
  const Decoded decoded = decode(test_record(body));
  ASSERT_THAT(decoded.events, SizeIs(2));
  EXPECT_THAT(decoded.rejections, IsEmpty());
  EXPECT_THAT(decoded.profiles, IsEmpty());
  const Event& event = decoded.events[0];
  EXPECT_EQ(event.app_id, "shop");
  EXPECT_EQ(event.api, event::Api::kClickstream);
  EXPECT_EQ(event.event_id, "460daa08-0717-4385-8f2e-acb5bd019ee7");
  EXPECT_EQ(event.event_name, "button_click");
  EXPECT_EQ(event.event_timestamp, 1'667'877'566'697'000);
  EXPECT_EQ(event.received_at, 1'700'000'000'000'000);
  EXPECT_EQ(event.properties, R"({"productName":"shoes","Price":99.9})");
  EXPECT_EQ(event.platform, "Web");
  EXPECT_EQ(event.peer_ip, "198.51.100.9");
  EXPECT_EQ(event.user_agent, "curl/8");
  EXPECT_EQ(event.limit_errors, "");
  EXPECT_FALSE(event.zone_offset_ms);
  EXPECT_EQ(decoded.events[1].event_name, "item_view");
}

TEST(ClickstreamDecode, EveryDocumentedMemberHasItsColumn) {
  const Event event = decode_one(test_event(
      R"(,"platform":"Android","os_version":"10","unique_id":"c84a",)"
      R"("device_id":"f24b","make":"Samsung",)"
      R"("brand":"Galaxy","model":"S23 Ultra","carrier":"CDMA","network_type":"Mobile",)"
      R"("locale":"zh_CN",)"
      R"("system_language":"zh","country_code":"CN","zone_offset":2880000,"screen_height":1920,)"
      R"("screen_width":1080,"viewport_height":540,"viewport_width":360,"sdk_version":"1.2.3",)"
      R"("sdk_name":"aws-solution-clickstream-sdk","app_package_name":"com.shop",)"
      R"("app_version":"1.1.0",)"
      R"("app_title":"shopping","host_name":"shop.example")"));
  EXPECT_EQ(event.platform, "Android");
  EXPECT_EQ(event.os_version, "10");
  EXPECT_EQ(event.user_pseudo_id, "c84a");
  EXPECT_EQ(event.device_id, "f24b");
  EXPECT_EQ(event.make, "Samsung");
  EXPECT_EQ(event.brand, "Galaxy");
  EXPECT_EQ(event.model, "S23 Ultra");
  EXPECT_EQ(event.carrier, "CDMA");
  EXPECT_EQ(event.network_type, "Mobile");
  EXPECT_EQ(event.locale, "zh_CN");
  EXPECT_EQ(event.language, "zh");
  EXPECT_EQ(event.country_code, "CN");
  EXPECT_EQ(event.zone_offset_ms, 2'880'000);
  EXPECT_EQ(event.screen_height, 1920);
  EXPECT_EQ(event.screen_width, 1080);
  EXPECT_EQ(event.viewport_height, 540);
  EXPECT_EQ(event.viewport_width, 360);
  EXPECT_EQ(event.sdk_version, "1.2.3");
  EXPECT_EQ(event.sdk_name, "aws-solution-clickstream-sdk");
  EXPECT_EQ(event.app_package_name, "com.shop");
  EXPECT_EQ(event.app_version, "1.1.0");
  EXPECT_EQ(event.app_title, "shopping");
  EXPECT_EQ(event.page_host, "shop.example");
  EXPECT_EQ(event.properties, "{}");
  EXPECT_EQ(event.limit_errors, "");
}

TEST(ClickstreamDecode, ReservedAttributesAreColumnsAndStayProperties) {
  const std::string attributes =
      R"({"_session_id":"s-1","_session_start_timestamp":1667877500000,"_session_duration":66697,)"
      R"("_session_number":3,"_page_url":"https://a.example/x?q=1","_page_title":"X",)"
      R"("_page_referrer":"https://b.example/","_traffic_source_source":"news",)"
      R"("_traffic_source_medium":"email"})";
  const Event event = decode_one(test_event(",\"attributes\":" + attributes));
  EXPECT_EQ(event.session_id, "s-1");
  EXPECT_EQ(event.session_start, 1'667'877'500'000'000);
  EXPECT_EQ(event.session_duration_ms, 66'697);
  EXPECT_EQ(event.session_number, 3);
  EXPECT_EQ(event.page_url, "https://a.example/x?q=1");
  EXPECT_EQ(event.page_title, "X");
  EXPECT_EQ(event.page_referrer, "https://b.example/");
  EXPECT_EQ(event.traffic_source_source, "news");
  EXPECT_EQ(event.traffic_source_medium, "email");
  EXPECT_EQ(event.properties, attributes);
}

TEST(ClickstreamDecode, MediumWithoutSourceIsLeftToEnrichment) {
  const Event event = decode_one(test_event(R"(,"attributes":{"_traffic_source_medium":"email"})"));
  EXPECT_EQ(event.traffic_source_medium, "");
  EXPECT_THAT(event.properties, HasSubstr("email"));
}

TEST(ClickstreamDecode, OlderNamesOfATrafficSourceStandIn) {
  const Event event = decode_one(
      test_event(R"(,"attributes":{"_utm_source":"old","_utm_medium":"m","_utm_campaign":"c",)"
                 R"("_utm_id":"i","_utm_content":"co","_utm_term":"t","_utm_source_platform":"p",)"
                 R"("_gclid":"g\"1","_traffic_source_source":"news","_traffic_source_medium":null,)"
                 R"("_traffic_source_category":"Own","_traffic_source_channel_group":"Club"})"));
  EXPECT_TRUE(event.traffic_source_told);
  EXPECT_EQ(event.traffic_source_source, "news");
  EXPECT_EQ(event.traffic_source_medium, "m");
  EXPECT_EQ(event.traffic_source_campaign, "c");
  EXPECT_EQ(event.traffic_source_campaign_id, "i");
  EXPECT_EQ(event.traffic_source_content, "co");
  EXPECT_EQ(event.traffic_source_term, "t");
  EXPECT_EQ(event.traffic_source_clid_platform, "p");
  EXPECT_EQ(event.traffic_source_clid, R"({"type":"gclid","value":"g\"1"})");
  EXPECT_EQ(event.traffic_source_category, "Own");
  EXPECT_EQ(event.traffic_source_channel_group, "Club");
}

TEST(ClickstreamDecode, EmptySourceIsToldAndNoneIsNot) {
  const Event empty = decode_one(
      test_event(R"(,"attributes":{"_traffic_source_source":"","_traffic_source_medium":"m",)"
                 R"("_utm_source":"u"})"));
  EXPECT_TRUE(empty.traffic_source_told);
  EXPECT_EQ(empty.traffic_source_source, "");
  EXPECT_EQ(empty.traffic_source_medium, "m");
  const Event none = decode_one(test_event(
      R"(,"attributes":{"_traffic_source_source":null,"_traffic_source_category":"x"})"));
  EXPECT_FALSE(none.traffic_source_told);
  EXPECT_EQ(none.traffic_source_category, "");
}

TEST(ClickstreamDecode, ReferrersAndFirstTouchGoWithTheEvent) {
  const Event event = decode_one(test_event(
      R"(,"attributes":{"_latest_referrer":"https://a.example/x",)"
      R"("_latest_referrer_host":"a.example"},)"
      R"("user":{"_user_first_touch_timestamp":{"value":1667877566697,"set_timestamp":1}})"));
  EXPECT_EQ(event.latest_referrer, "https://a.example/x");
  EXPECT_EQ(event.latest_referrer_host, "a.example");
  EXPECT_EQ(event.user_first_touch, 1'667'877'566'697'000);
  EXPECT_THAT(event.properties, testing::HasSubstr("_latest_referrer_host"));
}

TEST(ClickstreamDecode, QueryGivesPlatformSequenceAndUploadTime) {
  const Event event = decode_one(test_event(),
                                 "/collect?platform=iOS&appId=shop&event_bundle_sequence_id=7"
                                 "&upload_timestamp=1717500010050&hashCode=00000000");
  EXPECT_EQ(event.platform, "iOS");
  EXPECT_EQ(event.event_bundle_sequence_id, 7);
  EXPECT_EQ(event.upload_timestamp, 1'717'500'010'050'000);
}

TEST(ClickstreamDecode, SequenceThatIsNoNumberIsNull) {
  const Event event = decode_one(test_event(), "/collect?appId=shop&event_bundle_sequence_id=x");
  EXPECT_FALSE(event.event_bundle_sequence_id);
  EXPECT_EQ(event.platform, "");
}

TEST(ClickstreamDecode, UnknownMembersAreProperties) {
  const Event event = decode_one(test_event(
      R"(,"country":"China","hashCode":"1","nested":{"a":[1]},"attributes":{"empty":""})"));
  EXPECT_EQ(event.properties,
            R"({"empty":"","country":"China","hashCode":"1","nested":{"a":[1]}})");
}

TEST(ClickstreamDecode, AttributeWinsOverMemberOfTheSameName) {
  const Event event = decode_one(test_event(R"(,"extra":1,"attributes":{"extra":2})"));
  EXPECT_EQ(event.properties, R"({"extra":2})");
}

TEST(ClickstreamDecode, WrongTypeOfAnOptionalMemberIsKeptAndMarked) {
  const Event event = decode_one(test_event(
      R"(,"screen_width":"wide","model":{"a":1},"zone_offset":"2880000","os_version":10)"));
  EXPECT_FALSE(event.screen_width);
  EXPECT_EQ(event.model, "");
  EXPECT_EQ(event.zone_offset_ms, 2'880'000);
  EXPECT_EQ(event.os_version, "10");
  EXPECT_EQ(event.properties, R"({"screen_width":"wide","model":{"a":1}})");
  EXPECT_EQ(event.limit_errors,
            R"(["member screen_width is not a whole number","member model is not a text"])");
}

TEST(ClickstreamDecode, NullMembersAreAbsent) {
  const Event event = decode_one(
      test_event(R"(,"zone_offset":null,"attributes":null,"items":null,"user":null,"model":null)"));
  EXPECT_EQ(event.properties, "{}");
  EXPECT_EQ(event.limit_errors, "");
}

TEST(ClickstreamDecode, AttributesOfAnotherTypeAreKeptAndMarked) {
  const Event event = decode_one(test_event(R"(,"attributes":["a"],"items":"none","user":7)"));
  EXPECT_THAT(event.properties, HasSubstr(R"("attributes":["a"])"));
  EXPECT_THAT(event.properties, HasSubstr(R"("items":"none")"));
  EXPECT_THAT(event.properties, HasSubstr(R"("user":7)"));
  EXPECT_THAT(event.limit_errors, HasSubstr("member attributes is not an object"));
}

TEST(ClickstreamDecode, EventValueOfTheEventItselfIsAColumn) {
  const Event with_currency =
      decode_one(test_event(R"(,"event_value":9.5,"event_value_currency":"EUR")"));
  EXPECT_EQ(with_currency.event_value, 9.5);
  EXPECT_EQ(with_currency.currency, "EUR");
  const Event old_name = decode_one(test_event(R"(,"event_value_in_usd":3)"));
  EXPECT_EQ(old_name.event_value, 3);
  EXPECT_EQ(old_name.currency, "USD");
  const Event attribute = decode_one(test_event(R"(,"attributes":{"_value":3})"));
  EXPECT_FALSE(attribute.event_value);
}

TEST(ClickstreamDecode, SingleObjectIsOneEvent) {
  EXPECT_EQ(decode_one(test_event()).event_id, "e1");
}

TEST(ClickstreamDecode, EmptyBodyAndEmptyArrayAreNothing) {
  for (const char* body : {"", " \n", "[]", " [ ] "}) {
    const Decoded decoded = decode(test_record(body));
    EXPECT_THAT(decoded.events, IsEmpty()) << body;
    EXPECT_THAT(decoded.rejections, IsEmpty()) << body;
  }
}

TEST(ClickstreamDecode, BrokenBodyIsOneRejectionWithTheWholeBody) {
  const std::string body = R"([{"event_type":"x"},)";
  const event::Rejection rejection = reject_one(body);
  EXPECT_EQ(rejection.code, "invalid_json");
  EXPECT_EQ(rejection.record, body);
  EXPECT_EQ(rejection.app_id, "shop");
  EXPECT_THAT(rejection.reason, HasSubstr("neither JSON nor base64 of gzip"));
}

TEST(ClickstreamDecode, ScalarBodyIsOneRejection) {
  EXPECT_EQ(reject_one("[1]").code, "not_an_event");
  EXPECT_EQ(reject_one("{}").code, "missing_field");
  EXPECT_EQ(reject_one("null").code, "not_events");
}

TEST(ClickstreamDecode, EachMissingOrWronglyTypedRequiredMemberIsNamed) {
  struct Case {
    const char* body;
    const char* code;
    const char* reason;
  };
  for (const Case& item : {
           Case{R"({"event_id":"e","timestamp":1,"app_id":"shop"})", "missing_field",
                "event_type is missing"},
           Case{R"({"event_type":"v","timestamp":1,"app_id":"shop"})", "missing_field",
                "event_id is missing"},
           Case{R"({"event_type":"v","event_id":"e","app_id":"shop"})", "missing_field",
                "timestamp is missing"},
           Case{R"({"event_type":"v","event_id":"e","timestamp":1})", "missing_field",
                "app_id is missing"},
           Case{R"({"event_type":"","event_id":"e","timestamp":1,"app_id":"shop"})",
                "missing_field", "event_type is an empty string"},
           Case{R"({"event_type":7,"event_id":"e","timestamp":1,"app_id":"shop"})", "wrong_type",
                "event_type must be a string, it is a number"},
           Case{R"({"event_type":"v","event_id":null,"timestamp":1,"app_id":"shop"})",
                "missing_field", "event_id is null"},
           Case{R"({"event_type":"v","event_id":"e","timestamp":"soon","app_id":"shop"})",
                "wrong_type",
                "timestamp must be a number of milliseconds since 1970, it is \"soon\""},
           Case{R"({"event_type":"v","event_id":"e","timestamp":1e300,"app_id":"shop"})",
                "timestamp_out_of_range", nullptr},
       }) {
    const event::Rejection rejection = reject_one(item.body);
    EXPECT_EQ(rejection.code, item.code) << item.body;
    EXPECT_EQ(rejection.record.front(), '{') << item.body;
    if (item.reason != nullptr) {
      EXPECT_EQ(rejection.reason, item.reason);
    }
  }
}

TEST(ClickstreamDecode, TimestampMayBeDigitsFractionOrLongAgo) {
  const auto time_of = [](const std::string& timestamp) {
    return decode_one(R"({"event_type":"v","event_id":"e","app_id":"shop","timestamp":)" +
                      timestamp + "}")
        .event_timestamp;
  };
  EXPECT_EQ(time_of("\"1667877566697\""), 1'667'877'566'697'000);
  EXPECT_EQ(time_of("1667877566697.25"), 1'667'877'566'697'250);
  EXPECT_EQ(time_of("0"), 0);
  EXPECT_EQ(time_of("-1"), -1000);
}

TEST(ClickstreamDecode, GoodEventsOfABatchAreStoredBesideBadOnes) {
  const Decoded decoded = decode(test_record("[" + test_event() + ",5," + test_event() + "]"));
  EXPECT_THAT(decoded.events, SizeIs(2));
  ASSERT_THAT(decoded.rejections, SizeIs(1));
  EXPECT_EQ(decoded.rejections[0].index, 1U);
  EXPECT_EQ(decoded.rejections[0].record, "5");
}

TEST(ClickstreamDecode, UnregisteredAppIsRejectedWithTheRegisteredOnes) {
  const std::string body = test_event();
  event::Record record = test_record(body);
  record.app_id = "demo";
  record.notes = {{"unknown_apps", R"(["shop"])"}, {"registered_apps", "demo, store"}};
  const Decoded decoded = decode(record);
  EXPECT_THAT(decoded.events, IsEmpty());
  ASSERT_THAT(decoded.rejections, SizeIs(1));
  EXPECT_EQ(decoded.rejections[0].code, "unknown_app");
  EXPECT_EQ(decoded.rejections[0].app_id, "demo");
  EXPECT_EQ(decoded.rejections[0].reason,
            "app_id \"shop\" is not a registered application; registered are: demo, store");
}

TEST(ClickstreamDecode, RejectionIsBookedToTheAppTheEventNames) {
  const std::string body = R"({"event_id":"e","timestamp":1,"app_id":"other"})";
  EXPECT_EQ(reject_one(body).app_id, "other");
}

TEST(ClickstreamDecode, RefusedRecordIsOneRejectionFromItsNotes) {
  const std::string body = test_event();
  event::Record record = test_record(body);
  record.kind = event::RecordKind::kRefused;
  record.notes = {{"code", "wrong_hash_code"}, {"reason", "hashCode is wrong"}};
  const Decoded decoded = decode(record);
  EXPECT_THAT(decoded.events, IsEmpty());
  ASSERT_THAT(decoded.rejections, SizeIs(1));
  EXPECT_EQ(decoded.rejections[0].code, "wrong_hash_code");
  EXPECT_EQ(decoded.rejections[0].reason, "hashCode is wrong");
  EXPECT_EQ(decoded.rejections[0].record, body);
}

TEST(ClickstreamDecode, AddressIsTheLeftmostForwardedOneUnlessTheAppForbids) {
  const std::string body = test_event();
  event::Record record = test_record(body);
  record.headers = {{"x-forwarded-for", "unknown, 203.0.113.7:80, 10.0.0.1"}};
  EXPECT_EQ(decode(record).events.at(0).ip, "203.0.113.7");
  record.notes = {{"trust_forwarded_for", "0"}};
  EXPECT_EQ(decode(record).events.at(0).ip, "198.51.100.9");
  record = test_record(body);
  record.headers = {{"x-forwarded-for", ""}};
  EXPECT_EQ(decode(record).events.at(0).ip, "198.51.100.9");
}

TEST(ClickstreamReview, CountsWhatWillNotBeStored) {
  const std::string body = "[" + test_event() + R"(,{"event_id":"e"},)" +
                           R"({"event_type":"v","event_id":"e","timestamp":1,"app_id":"gone"}])";
  const Review reviewed =
      review(test_record(body), [](std::string_view app_id) { return app_id == "shop"; });
  EXPECT_EQ(reviewed.units, 3U);
  EXPECT_EQ(reviewed.rejected, 2U);
  EXPECT_EQ(reviewed.first_reason, "event 1: event_type is missing");
  EXPECT_THAT(reviewed.unknown_apps, ElementsAre("gone"));
}

TEST(ClickstreamReview, BrokenBodyIsOneUnit) {
  const Review reviewed = review(test_record("{"), [](std::string_view) { return true; });
  EXPECT_EQ(reviewed.units, 1U);
  EXPECT_EQ(reviewed.rejected, 1U);
}

TEST(ClickstreamReview, AgreesWithDecode) {
  for (const std::string& body : {std::string("[]"), std::string("[1,{}]"), std::string("\"text\""),
                                  "[" + test_event() + ",null]", std::string("[[[")}) {
    const Review reviewed = review(test_record(body), [](std::string_view) { return true; });
    const Decoded decoded = decode(test_record(body));
    EXPECT_EQ(reviewed.units, decoded.events.size() + decoded.rejections.size()) << body;
    EXPECT_EQ(reviewed.rejected, decoded.rejections.size()) << body;
  }
}

}  // namespace
}  // namespace api::clickstream
