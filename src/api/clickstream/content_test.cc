// Bodies, limits, items and users: what hangs on an event.

#include "api/clickstream/body.h"
#include "api/clickstream/decode.h"
#include "api/clickstream/forwarded.h"
#include "api/clickstream/test_record.h"
#include "codec/compression.h"
#include "codec/text.h"
#include "json/value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace api::clickstream {
namespace {

using event::Decoded;
using event::Event;
using event::Identity;
using event::PropertyOp;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Event decode_event(const std::string& body) {
  Decoded decoded = decode(test_record(body));
  EXPECT_THAT(decoded.events, SizeIs(1));
  return decoded.events.empty() ? Event() : std::move(decoded.events.front());
}

std::string unwrapped(std::string_view encoding, const std::string& body) {
  const base::Result<BodyText> text = unwrap_body(encoding, body);
  return text ? std::string(text->text()) : "error: " + text.error().message;
}

TEST(ClickstreamBody, IsFoundInEveryWrapping) {
  const std::string text = "[" + test_event() + "]";
  const std::string packed = codec::gzip(text);
  EXPECT_EQ(unwrapped("", text), text);
  EXPECT_EQ(unwrapped("", packed), text);
  EXPECT_EQ(unwrapped("", codec::encode_base64(packed)), text);
  EXPECT_EQ(unwrapped("gzip", packed), text);
  EXPECT_EQ(unwrapped("gzip", codec::gzip(codec::encode_base64(packed))), text);
  EXPECT_EQ(unwrapped("zstd", codec::zstd(text)), text);
  EXPECT_EQ(unwrapped("identity", text), text);
}

TEST(ClickstreamBody, HeaderLeftBehindByAProxyIsIgnored) {
  EXPECT_EQ(unwrapped("gzip", "[]"), "[]");
}

TEST(ClickstreamBody, DamagedGzipIsARejectionNotALoss) {
  const std::string packed = codec::gzip("[" + test_event() + "]");
  const std::string body = packed.substr(0, packed.size() - 12);
  const Decoded decoded = decode(test_record(body));
  ASSERT_THAT(decoded.rejections, SizeIs(1));
  EXPECT_EQ(decoded.rejections[0].code, "body_not_unpackable");
  EXPECT_THAT(decoded.rejections[0].record, Not(IsEmpty()));
}

TEST(ClickstreamBody, BombIsARejection) {
  const std::string body = codec::gzip(std::string(std::size_t{40} << 20U, ' '));
  const Decoded decoded = decode(test_record(body));
  ASSERT_THAT(decoded.rejections, SizeIs(1));
  EXPECT_EQ(decoded.rejections[0].code, "body_too_large_unpacked");
}

TEST(ClickstreamBody, MoreThanTwentyThousandEventsAndItemsAreOneRejection) {
  std::string units = "{}";
  for (int i = 1; i < 20'000; ++i) {
    units += ",{}";
  }
  const std::string most = "[" + units + "]";
  EXPECT_THAT(decode(test_record(most)).rejections, SizeIs(20'000));
  const std::string items = "[" + test_event(",\"items\":" + most) + "]";
  for (const std::string& body : {"[" + units + ",{}]", items}) {
    const Decoded decoded = decode(test_record(body));
    ASSERT_THAT(decoded.rejections, SizeIs(1));
    EXPECT_EQ(decoded.rejections[0].code, "too_many_events");
    EXPECT_EQ(decoded.rejections[0].record, body);
    EXPECT_EQ(review(test_record(body), [](std::string_view) { return true; }).rejected, 1U);
  }
}

TEST(ClickstreamBody, LongUserAgentIsNotRepeatedWithoutEnd) {
  std::string body = "[" + test_event();
  for (int i = 1; i < 3000; ++i) {
    body += "," + test_event();
  }
  body += "]";
  const std::string agent(30'000, 'u');
  event::Record record = test_record(body);
  EXPECT_THAT(decode(record).events, SizeIs(3000));
  record.user_agent = agent;
  EXPECT_THAT(decode(record).events, IsEmpty());
  EXPECT_EQ(decode(record).rejections.at(0).code, "too_many_events");
}

TEST(ClickstreamAddress, LeftmostValidOne) {
  EXPECT_EQ(leftmost_address("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(leftmost_address(" 203.0.113.7 , 10.0.0.1"), "203.0.113.7");
  EXPECT_EQ(leftmost_address("2001:db8::1, 10.0.0.1"), "2001:db8::1");
  EXPECT_EQ(leftmost_address("[2001:db8::1]:443"), "2001:db8::1");
  EXPECT_EQ(leftmost_address("192.0.2.1:5000"), "192.0.2.1");
  EXPECT_EQ(leftmost_address("unknown, 300.1.1.1, 192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(leftmost_address(""), "");
  EXPECT_EQ(leftmost_address(",,"), "");
  EXPECT_EQ(leftmost_address("evil'; --"), "");
}

TEST(ClickstreamItems, PresetKeysAreColumnsAndAllKeysProperties) {
  const Event event = decode_event(test_event(
      R"(,"items":[{"id":"b0","name":"Rack","category":"house","category2":"hall","price":167,)"
      R"("quantity":"2","brand":"B","currency":"USD","creative_name":"c","creative_slot":"s",)"
      R"("location_id":"L","colour":"red"},{"item_id":5,"item_name":"N"}])"));
  ASSERT_THAT(event.items, SizeIs(2));
  const event::Item& item = event.items[0];
  EXPECT_EQ(item.item_id, "b0");
  EXPECT_EQ(item.name, "Rack");
  EXPECT_EQ(item.category, "house");
  EXPECT_EQ(item.category2, "hall");
  EXPECT_EQ(item.price, 167);
  EXPECT_EQ(item.quantity, 2);
  EXPECT_EQ(item.brand, "B");
  EXPECT_EQ(item.currency, "USD");
  EXPECT_EQ(item.creative_name, "c");
  EXPECT_EQ(item.creative_slot, "s");
  EXPECT_EQ(item.location_id, "L");
  EXPECT_THAT(item.properties, HasSubstr(R"("colour":"red")"));
  EXPECT_EQ(event.items[1].item_id, "5");
  EXPECT_EQ(event.items[1].name, "N");
  EXPECT_EQ(event.properties, "{}");
  EXPECT_EQ(event.limit_errors, "");
}

TEST(ClickstreamItems, OneObjectIsOneItemAndStrangersAreKept) {
  EXPECT_THAT(decode_event(test_event(R"(,"items":{"id":"a"})")).items, SizeIs(1));
  const Event event = decode_event(test_event(R"(,"items":[{"id":"a"},7])"));
  EXPECT_THAT(event.items, SizeIs(1));
  EXPECT_EQ(event.properties, R"({"items":[{"id":"a"},7]})");
  EXPECT_THAT(event.limit_errors, HasSubstr("an element of items is not an object"));
}

TEST(ClickstreamUser, AttributesOfEveryEventBecomeChangesOfThePerson) {
  const Event event = decode_event(test_event(
      R"(,"unique_id":"dev","user":{"_user_id":{"value":"0202d0e1","set_timestamp":1695006816345},)"
      R"("username":{"value":"carl","set_timestamp":1695006816345},"age":30,)"
      R"("gone":{"value":null,"set_timestamp":5}})"));
  EXPECT_EQ(event.user_id, "0202d0e1");
  EXPECT_EQ(event.user_id_kind, "user");
  EXPECT_THAT(event.person.identities,
              ElementsAre(Identity{"device", "dev"}, Identity{"user", "0202d0e1"}));
  EXPECT_EQ(event.person.app_id, "shop");
  EXPECT_FALSE(event.person.booked);
  EXPECT_EQ(event.person.time_us, 1'667'877'566'697'000);
  ASSERT_THAT(event.person.properties, SizeIs(4));
  EXPECT_EQ(event.person.properties[1].key, "username");
  EXPECT_EQ(event.person.properties[1].value_json, "\"carl\"");
  EXPECT_EQ(event.person.properties[1].set_time_ms, 1'695'006'816'345);
  EXPECT_EQ(event.person.properties[2].value_json, "30");
  EXPECT_EQ(event.person.properties[2].set_time_ms, 1'667'877'566'697);
  EXPECT_EQ(event.person.properties[3].op, PropertyOp::kDelete);
  EXPECT_EQ(event.properties, "{}");
}

TEST(ClickstreamUser, DeviceAloneIsAPersonAndNobodyKeepsTheObject) {
  EXPECT_THAT(decode_event(test_event(R"(,"unique_id":"dev")")).person.identities,
              ElementsAre(Identity{"device", "dev"}));
  const Event nobody = decode_event(test_event(R"(,"user":{"age":{"value":3}})"));
  EXPECT_THAT(nobody.person.identities, IsEmpty());
  EXPECT_EQ(nobody.properties, R"({"user":{"age":{"value":3}}})");
}

TEST(ClickstreamUser, NumberAsUserIdIsText) {
  EXPECT_EQ(decode_event(test_event(R"(,"user":{"_user_id":{"value":42}})")).user_id, "42");
}

struct LimitCase {
  std::string more;     ///< Members of an event just over a limit.
  std::string allowed;  ///< The same, just within it.
  std::string mark;
};

std::string counted_members(std::size_t count, const std::string& value) {
  std::string members = "{";
  for (std::size_t index = 0; index < count; ++index) {
    members += (index == 0 ? "\"k" : ",\"k") + std::to_string(index) + "\":" + value;
  }
  return members + "}";
}

std::string counted_items(std::size_t count) {
  std::string items = "[";
  for (std::size_t index = 0; index < count; ++index) {
    items += index == 0 ? R"({"id":"a"})" : R"(,{"id":"a"})";
  }
  return items + "]";
}

std::string text_of(std::size_t characters) {
  std::string text;
  for (std::size_t index = 0; index < characters; ++index) {
    text += "\xc3\xa9";  // Two bytes: limits count characters.
  }
  return "\"" + text + "\"";
}

std::string attributes(const std::string& members) { return ",\"attributes\":" + members; }
std::string user(const std::string& members) { return ",\"unique_id\":\"d\",\"user\":" + members; }
std::string custom_item(std::size_t count) {
  std::string item = counted_members(count, "1");
  item.insert(1, "\"id\":\"a\",");
  return ",\"items\":[" + item + "]";
}

TEST(ClickstreamLimits, ExceedingOneStoresTheEventAndMarksIt) {
  const std::string name50(50, 'n');
  const std::vector<LimitCase> cases = {
      {attributes(counted_members(501, "1")), attributes(counted_members(500, "1")),
       "the event has 501 attributes, the limit is 500"},
      {attributes("{\"" + name50 + "n\":1}"), attributes("{\"" + name50 + "\":1}"),
       "has 51 characters, the limit is 50"},
      {attributes(R"({"1st":1})"), attributes(R"({"first_1":1})"),
       R"(attribute name \"1st\" is not)"},
      {attributes(R"({"a b":1})"), attributes(R"({"_ab":1})"), R"(attribute name \"a b\" is not)"},
      {attributes("{\"v\":" + text_of(1025) + "}"), attributes("{\"v\":" + text_of(1024) + "}"),
       R"(attribute \"v\" has a value of 1025 characters, the limit is 1024)"},
      {user(counted_members(101, "1")), user(counted_members(100, "1")),
       "the event has 101 user attributes, the limit is 100"},
      {user("{\"v\":{\"value\":" + text_of(257) + "}}"),
       user("{\"v\":{\"value\":" + text_of(256) + "}}"),
       R"(user attribute \"v\" has a value of 257 characters, the limit is 256)"},
      {user("{\"" + name50 + "n\":1}"), user("{\"" + name50 + "\":1}"), "user attribute name"},
      {",\"items\":" + counted_items(101), ",\"items\":" + counted_items(100),
       "the event has 101 items, the limit is 100"},
      {",\"items\":[{\"id\":\"a\",\"v\":" + text_of(257) + "}]",
       ",\"items\":[{\"id\":\"a\",\"v\":" + text_of(256) + "}]",
       R"(item attribute \"v\" has a value of 257 characters)"},
      {custom_item(11), custom_item(10), "11 custom attributes in one item, the limit is 10"},
  };
  for (const LimitCase& item : cases) {
    EXPECT_THAT(decode_event(test_event(item.more)).limit_errors, HasSubstr(item.mark));
    EXPECT_EQ(decode_event(test_event(item.allowed)).limit_errors, "") << item.mark;
  }
}

TEST(ClickstreamLimits, EventNameIsMarked) {
  const std::string body = R"({"event_type":")" + std::string(51, 'e') +
                           R"(","event_id":"e","timestamp":1,"app_id":"shop"})";
  EXPECT_THAT(decode_event(body).limit_errors, HasSubstr("event name"));
  EXPECT_THAT(
      decode_event(R"({"event_type":"Viewed Page","event_id":"e","timestamp":1,"app_id":"shop"})")
          .limit_errors,
      HasSubstr("letters, digits and underscores"));
}

TEST(ClickstreamLimits, LongValuesOfReservedAttributesAreNotMarked) {
  const std::string url = "\"https://a.example/" + std::string(2000, 'x') + "\"";
  const Event event = decode_event(test_event(attributes("{\"_page_url\":" + url + "}")));
  EXPECT_EQ(event.limit_errors, "");
  EXPECT_EQ(event.page_url.size(), url.size() - 2);
}

TEST(ClickstreamLimits, AppInQuarantineModePutsTheEventAside) {
  const std::string body = test_event(attributes(R"({"a b":1})"));
  event::Record record = test_record(body);
  record.notes = {{"limits", "quarantine"}};
  const Decoded decoded = decode(record);
  EXPECT_THAT(decoded.events, IsEmpty());
  ASSERT_THAT(decoded.rejections, SizeIs(1));
  EXPECT_EQ(decoded.rejections[0].code, "limit_exceeded");
  EXPECT_EQ(decoded.rejections[0].record, body);
}

TEST(ClickstreamContent, RepairedTextIsMarkedAndValid) {
  const Event event = decode_event(test_event(attributes(R"({"s":"\ud800x","n":1e400})")));
  EXPECT_EQ(event.properties, "{\"s\":\"\xef\xbf\xbdx\",\"n\":\"1e400\"}");
  EXPECT_THAT(event.limit_errors, HasSubstr("lone surrogates"));
  EXPECT_THAT(event.limit_errors, HasSubstr("beyond the range of a double"));
}

TEST(ClickstreamContent, OfDuplicateKeysTheLastWins) {
  const Event event = decode_event(
      test_event(R"(,"model":"A","model":"B","extra":1,"extra":2,"attributes":{"a":1,"a":2})"));
  EXPECT_EQ(event.model, "B");
  EXPECT_EQ(event.properties, R"({"a":2,"extra":2})");
}

TEST(ClickstreamContent, TenThousandAttributesAreStoredAndTheMarksBounded) {
  const Event event = decode_event(test_event(attributes(counted_members(10'000, "\"\\u0000\""))));
  const base::Result<json::Document> properties = json::Document::parse(event.properties);
  ASSERT_TRUE(properties);
  EXPECT_EQ(properties->root().size(), 10'000U);
  std::string bad_names = "{\"a b\":1";
  for (int index = 0; index < 1000; ++index) {
    bad_names += ",\"a b" + std::to_string(index) + "\":1";
  }
  const Event marked = decode_event(test_event(attributes(bad_names + "}")));
  EXPECT_THAT(marked.limit_errors, HasSubstr("more"));
  EXPECT_LT(marked.limit_errors.size(), 30'000U);
}

}  // namespace
}  // namespace api::clickstream
