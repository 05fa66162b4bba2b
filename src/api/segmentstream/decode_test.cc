#include "api/segmentstream/decode.h"

#include "codec/compression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace api::segmentstream {
namespace {

using event::Decoded;
using event::Event;
using event::Identity;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t kReceivedUs = 1'700'000'000'000'000;

event::Record record_with(std::string_view body) {
  event::Record record;
  record.api = event::Api::kSegmentstream;
  record.received_at = base::from_us(kReceivedUs);
  record.app_id = "shop";
  record.request_id = "0af70af70af74af78af70af70af70af7";
  record.method = "POST";
  record.target = "/track";
  record.peer_ip = "198.51.100.9";
  record.user_agent = "curl/8";
  record.body = body;
  return record;
}

Event decode_one(const std::string& body) {
  Decoded decoded = decode(record_with(body));
  EXPECT_THAT(decoded.rejections, IsEmpty()) << decoded.rejections.front().reason;
  EXPECT_THAT(decoded.events, SizeIs(1));
  return decoded.events.empty() ? Event() : std::move(decoded.events.front());
}

/// A hit with the members every hit needs and `event` members, then top-level members.
std::string hit(std::string_view event_more = "", std::string_view more = "") {
  return R"({"event":{"name":"Lead","user":{"anonymousId":"a1"})" + std::string(event_more) + "}" +
         std::string(more) + "}";
}

TEST(SegmentstreamDecode, DocumentedExampleIsStoredWhole) {
  const Event event = decode_one(R"({
    "hitId": "4c59d330-35c7-11e9-8f27-8d1d7d4690e7",
    "sentAt": "2019-02-21T10:56:10.723Z",
    "event": {
      "category": "Auth", "name": "Registered", "label": "some label",
      "user": {
        "anonymousId": "80ddb140-35c6-11e9-bd56-eb1c05e6de18",
        "emailHash": "eff8c37862c7a2f0019448289bdd0869c30ae7f07060e4be9d",
        "userId": "u2783187492", "firstName": "John", "lastName": "Doe"
      },
      "nonInteraction": false
    },
    "context": {"ip": "123.22.334.55"}
  })");
  EXPECT_EQ(event.app_id, "shop");
  EXPECT_EQ(event.api, event::Api::kSegmentstream);
  EXPECT_EQ(event.event_id, "4c59d330-35c7-11e9-8f27-8d1d7d4690e7");
  EXPECT_EQ(event.event_name, "Registered");
  EXPECT_EQ(event.event_timestamp, 1'550'746'570'723'000);
  EXPECT_EQ(event.received_at, kReceivedUs);
  EXPECT_EQ(event.user_pseudo_id, "80ddb140-35c6-11e9-bd56-eb1c05e6de18");
  EXPECT_EQ(event.user_id, "u2783187492");
  EXPECT_EQ(event.user_id_kind, "user");
  EXPECT_EQ(event.ip, "123.22.334.55");
  EXPECT_EQ(event.peer_ip, "198.51.100.9");
  EXPECT_EQ(event.context, R"({"ip":"123.22.334.55"})");
  EXPECT_EQ(event.integrations, "");
  EXPECT_THAT(event.properties, HasSubstr(R"("label":"some label")"));
  EXPECT_THAT(event.properties, HasSubstr(R"("nonInteraction":false)"));
  EXPECT_EQ(event.limit_errors, "");
  EXPECT_THAT(event.person.identities,
              ElementsAre(Identity{"device", "80ddb140-35c6-11e9-bd56-eb1c05e6de18"},
                          Identity{"user", "u2783187492"}));
  ASSERT_THAT(event.person.properties, SizeIs(3));
  EXPECT_EQ(event.person.properties[1].key, "firstName");
  EXPECT_EQ(event.person.properties[1].value_json, "\"John\"");
  EXPECT_EQ(event.person.properties[1].set_time_ms, 1'550'746'570'723);
}

TEST(SegmentstreamDecode, TimeIsSentAtOrTheReceiveTime) {
  EXPECT_EQ(decode_one(hit()).event_timestamp, kReceivedUs);
  EXPECT_EQ(decode_one(hit("", R"(,"sentAt":null)")).event_timestamp, kReceivedUs);
  EXPECT_EQ(decode_one(hit("", R"(,"sentAt":"2018-01-05T00:00:00+03:00")")).event_timestamp,
            1'515'099'600'000'000);
  EXPECT_EQ(decode_one(hit("", R"(,"sentAt":"2018-01-05")")).event_timestamp,
            1'515'110'400'000'000);
}

TEST(SegmentstreamDecode, HitWithoutIdGetsTheSameIdEachTimeItsRecordIsRead) {
  const std::string id = decode_one(hit()).event_id;
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(decode_one(hit()).event_id, id);
  const std::string body = hit();
  event::Record other = record_with(body);
  other.request_id = "0af8";
  EXPECT_NE(decode(other).events.at(0).event_id, id);
  EXPECT_EQ(decode_one(hit("", R"(,"hitId":7)")).event_id, "7");
}

TEST(SegmentstreamDecode, IdsAreFoundAtAllThreePlaces) {
  const Event top = decode_one(R"({"event":{},"userId":"u","anonymousId":"a","emailHash":"h"})");
  EXPECT_EQ(top.user_id, "u");
  EXPECT_EQ(top.user_pseudo_id, "a");
  EXPECT_EQ(top.person.properties.at(0).key, "emailHash");
  EXPECT_EQ(top.properties, "{}");
  const Event user = decode_one(R"({"event":{"user":{"userId":""}},"user":{"userId":42,"x":1}})");
  EXPECT_EQ(user.user_id, "42");
  EXPECT_EQ(user.person.properties.at(0).key, "x");
}

TEST(SegmentstreamDecode, ContextFillsItsColumnsAndStaysWhole) {
  const std::string context =
      R"({"userAgent":"UA/1","page":{"url":"https://a.example/p?x=1","title":"T",)"
      R"("referrer":"https://b.example/"},"campaign":{"source":"news","medium":"email",)"
      R"("name":"spring","term":"t","content":"c","gclid":"G1"},"device":{"type":"mobile",)"
      R"("vendor":"Apple","model":"iPhone"},"os":{"name":"iOS","version":"17"},)"
      R"("browser":{"name":"Safari","version":"17.1"},"location":{"city":"Oslo",)"
      R"("country":"Norway","region":"03"},"screenWidth":390,"screenHeight":844,"locale":"nb_NO",)"
      R"("library":{"name":"lib","version":"2"}})";
  const Event event = decode_one(hit("", ",\"context\":" + context));
  EXPECT_EQ(event.context, context);
  EXPECT_EQ(event.user_agent, "UA/1");
  EXPECT_EQ(event.page_url, "https://a.example/p?x=1");
  EXPECT_EQ(event.page_title, "T");
  EXPECT_EQ(event.page_referrer, "https://b.example/");
  EXPECT_EQ(event.traffic_source_source, "news");
  EXPECT_EQ(event.traffic_source_medium, "email");
  EXPECT_EQ(event.traffic_source_campaign, "spring");
  EXPECT_EQ(event.traffic_source_term, "t");
  EXPECT_EQ(event.traffic_source_content, "c");
  EXPECT_EQ(event.traffic_source_clid, "G1");
  EXPECT_EQ(event.traffic_source_clid_platform, "gclid");
  EXPECT_EQ(event.ua_device_category, "mobile");
  EXPECT_EQ(event.make, "Apple");
  EXPECT_EQ(event.model, "iPhone");
  EXPECT_EQ(event.ua_os, "iOS");
  EXPECT_EQ(event.os_version, "17");
  EXPECT_EQ(event.ua_browser, "Safari");
  EXPECT_EQ(event.ua_browser_version, "17.1");
  EXPECT_EQ(event.geo_city, "Oslo");
  EXPECT_EQ(event.geo_country, "Norway");
  EXPECT_EQ(event.geo_region, "03");
  EXPECT_EQ(event.screen_width, 390);
  EXPECT_EQ(event.screen_height, 844);
  EXPECT_EQ(event.locale, "nb_NO");
  EXPECT_EQ(event.sdk_name, "lib");
  EXPECT_EQ(event.sdk_version, "2");
}

TEST(SegmentstreamDecode, PageWithoutUrlGivesItsParts) {
  const Event event = decode_one(hit("", R"(,"context":{"page":{"path":"/p","search":"?q=1"}})"));
  EXPECT_EQ(event.page_path, "/p");
  EXPECT_EQ(event.page_query, "q=1");
}

TEST(SegmentstreamDecode, ValueAndCurrencyOfAPurchase) {
  const Event value = decode_one(hit(R"(,"value":3500)"));
  EXPECT_EQ(value.event_value, 3500);
  const Event purchase =
      decode_one(hit(R"(,"transaction":{"orderId":"o","total":12.5,"currency":"EUR"})"));
  EXPECT_EQ(purchase.event_value, 12.5);
  EXPECT_EQ(purchase.currency, "EUR");
  EXPECT_EQ(decode_one(hit("", R"(,"website":{"currency":"EUR"})")).currency, "");
}

TEST(SegmentstreamDecode, ProductsAreItems) {
  const Event event = decode_one(hit(
      R"(,"transaction":{"lineItems":[{"product":{"id":"p1","name":"Boot","manufacturer":"M",)"
      R"("category":["Shoes","Men"],"unitPrice":20,"unitSalePrice":15,"currency":"EUR"},)"
      R"("quantity":2}]},"product":{"skuCode":"s2","category":"A/B","unitPrice":"7"},"quantity":3,)"
      R"("listItems":[{"product":{"id":"p3"},"listId":"L"},"text"])"));
  ASSERT_THAT(event.items, SizeIs(3));
  EXPECT_EQ(event.items[0].item_id, "p1");
  EXPECT_EQ(event.items[0].name, "Boot");
  EXPECT_EQ(event.items[0].brand, "M");
  EXPECT_EQ(event.items[0].category, "Shoes");
  EXPECT_EQ(event.items[0].category2, "Men");
  EXPECT_EQ(event.items[0].price, 15);
  EXPECT_EQ(event.items[0].quantity, 2);
  EXPECT_EQ(event.items[0].currency, "EUR");
  EXPECT_EQ(event.items[1].item_id, "s2");
  EXPECT_EQ(event.items[1].category, "A/B");
  EXPECT_EQ(event.items[1].price, 7);
  EXPECT_EQ(event.items[1].quantity, 3);
  EXPECT_EQ(event.items[2].item_id, "p3");
  EXPECT_EQ(event.items[2].location_id, "L");
}

TEST(SegmentstreamDecode, IntegrationsAndUnknownMembersAreKept) {
  const Event event =
      decode_one(hit(R"(,"extra":1)", R"(,"integrations":{"GA":{"clientId":"1.2"}},"version":7,)"
                                      R"("type":"event","extra":2,"projectId":"p")"));
  EXPECT_EQ(event.integrations, R"({"GA":{"clientId":"1.2"}})");
  EXPECT_EQ(event.properties,
            R"({"name":"Lead","user":{"anonymousId":"a1"},"extra":1,"version":7,"type":"event"})");
}

TEST(SegmentstreamDecode, WrongTypesOfOptionalMembersAreKeptAndMarked) {
  const Event event = decode_one(hit("", R"(,"context":"web","integrations":[1],"hitId":{"a":1})"));
  EXPECT_EQ(event.context, "");
  EXPECT_THAT(event.properties, HasSubstr(R"("context":"web")"));
  EXPECT_THAT(event.properties, HasSubstr(R"("hitId":{"a":1})"));
  EXPECT_THAT(event.limit_errors, HasSubstr("member integrations is not an object"));
}

TEST(SegmentstreamDecode, HitOfTheBrowserSdkFoldsIntoTheSameColumns) {
  const std::string body =
      R"({"event":{"name":"Viewed Page"},"website":{"type":"desktop","language":"en"},)"
      R"("type":"event","hitId":"h1","projectId":"p","projectName":"Shop","anonymousId":"a",)"
      R"("userId":"u","context":{"ip":"1.2.3.4","userAgent":"UA"},)"
      R"("sentAt":"2019-02-21T10:56:10.723Z","version":12})";
  event::Record record = record_with(body);
  record.notes = {{"surface", "collect"}};
  const Event event = decode(record).events.at(0);
  EXPECT_EQ(event.event_id, "h1");
  EXPECT_EQ(event.event_name, "Viewed Page");
  EXPECT_EQ(event.user_id, "u");
  EXPECT_EQ(event.user_pseudo_id, "a");
  EXPECT_EQ(event.language, "en");
  EXPECT_EQ(event.ip, "198.51.100.9");
  EXPECT_THAT(event.properties, HasSubstr(R"("website":{"type":"desktop","language":"en"})"));
}

TEST(SegmentstreamDecode, RefusedRecordIsOneRejectionFromItsNotes) {
  event::Record record = record_with("text");
  record.kind = event::RecordKind::kRefused;
  record.notes = {{"code", "invalid_json"}, {"reason", "why"}};
  const Decoded decoded = decode(record);
  ASSERT_THAT(decoded.rejections, SizeIs(1));
  EXPECT_EQ(decoded.rejections[0].code, "invalid_json");
  EXPECT_EQ(decoded.rejections[0].reason, "why");
  EXPECT_EQ(decoded.rejections[0].record, "text");
}

TEST(SegmentstreamCheck, NamesWhatIsWrong) {
  struct Case {
    const char* body;
    const char* code;
  };
  for (const Case& item : {
           Case{R"({"event": {"name": "Registered", )", "invalid_json"},
           Case{"", "invalid_json"},
           Case{"[]", "not_an_object"},
           Case{"null", "not_an_object"},
           Case{R"({"userId":"u"})", "missing_event"},
           Case{R"({"userId":"u","event":"Lead"})", "missing_event"},
           Case{R"({"event":{}})", "missing_user"},
           Case{R"({"event":{"user":{"userId":"","anonymousId":null}}})", "missing_user"},
           Case{R"({"event":{},"userId":"u","sentAt":"yesterday"})", "invalid_sent_at"},
           Case{R"({"event":{},"userId":"u","sentAt":1550746570723})", "invalid_sent_at"},
           Case{R"({"event":{},"userId":"u","sentAt":"2019-02-30T00:00:00Z"})", "invalid_sent_at"},
       }) {
    const std::optional<Problem> problem = check(record_with(item.body));
    ASSERT_TRUE(problem) << item.body;
    EXPECT_EQ(problem->code, item.code) << item.body;
    EXPECT_EQ(decode(record_with(item.body)).rejections.at(0).code, item.code);
  }
}

TEST(SegmentstreamCheck, LimitCountsTheBodyPackedAndUnpacked) {
  const std::string frame = hit(R"(,"x":"")");
  const auto sized = [&](std::size_t bytes) {
    return hit(",\"x\":\"" + std::string(bytes - frame.size(), 'x') + "\"");
  };
  EXPECT_FALSE(check(record_with(sized(65'536))));
  EXPECT_EQ(check(record_with(sized(65'537)))->code, "too_large");
  const std::string packed = codec::gzip(sized(65'537));
  event::Record record = record_with(packed);
  record.headers = {{"content-encoding", "gzip"}};
  EXPECT_EQ(check(record)->code, "too_large");
  const std::string good = codec::gzip(hit());
  record.body = good;
  EXPECT_FALSE(check(record));
  record.headers = {{"content-encoding", "br"}};
  record.body = good;
  EXPECT_EQ(check(record)->code, "invalid_body");
}

}  // namespace
}  // namespace api::segmentstream
