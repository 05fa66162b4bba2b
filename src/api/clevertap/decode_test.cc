#include "api/clevertap/decode.h"

#include "api/clevertap/test_record.h"
#include "codec/compression.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace api::clevertap {
namespace {

event::Decoded decode_body(std::string_view body) { return decode(test_record(body)); }
event::Decoded decode_records(std::string_view records) { return decode_body(batch_of(records)); }

event::Decoded decode_noted(std::string_view body, std::string_view key, std::string_view value) {
  event::Record record = test_record(body);
  record.notes.push_back({key, value});
  return decode(record);
}

/// An event record with these members besides type, name and identity.
std::string event_with(std::string_view more, std::string_view data = "{}") {
  std::string out = R"({"type":"event","evtName":"View","identity":"u1","evtData":)";
  out += data;
  return out + std::string(more) + "}";
}

/// "code: reason" of the only rejection of the only record.
std::string refusal(std::string_view record) {
  const event::Decoded decoded = decode_records(record);
  if (decoded.rejections.size() != 1) {
    return "accepted";
  }
  EXPECT_TRUE(decoded.events.empty() && decoded.profiles.empty());
  return decoded.rejections.front().code + ": " + decoded.rejections.front().reason;
}

TEST(Decode, VendorPayloadBecomesTwoEvents) {
  const event::Decoded decoded = decode_body(kVendorPayload);
  ASSERT_EQ(decoded.events.size(), 2U);
  EXPECT_TRUE(decoded.rejections.empty());
  const event::Event& viewed = decoded.events[0];
  EXPECT_EQ(viewed.app_id, "shop");
  EXPECT_EQ(viewed.api, event::Api::kClevertap);
  EXPECT_EQ(viewed.event_id, "");
  EXPECT_EQ(viewed.event_name, "Product viewed");
  EXPECT_EQ(viewed.event_timestamp, 1'468'308'340'000'000);
  EXPECT_EQ(viewed.received_at, kTestReceivedUs);
  EXPECT_EQ(viewed.user_id, "34322423");
  EXPECT_EQ(viewed.user_id_kind, "fbid");
  EXPECT_EQ(viewed.user_pseudo_id, "");
  EXPECT_EQ(viewed.peer_ip, "198.51.100.9");
  EXPECT_EQ(viewed.ip, "");
  EXPECT_EQ(viewed.user_agent, "node-fetch/1.0");
  EXPECT_EQ(viewed.limit_errors, "");
  EXPECT_FALSE(viewed.event_value);
  EXPECT_TRUE(viewed.items.empty());
  EXPECT_EQ(viewed.properties,
            R"({"Product name":"Casio Chronograph Watch","Category":"Mens Watch","Price":59.99,)"
            R"("Currency":"USD"})");
  EXPECT_EQ(viewed.person.identities, (std::vector<event::Identity>{{"fbid", "34322423"}}));
  EXPECT_EQ(viewed.person.time_us, 1'468'308'340'000'000);
  EXPECT_FALSE(viewed.person.booked);
}

TEST(Decode, ChargedFillsValueCurrencyAndItems) {
  const event::Event charged = decode_body(kVendorPayload).events.at(1);
  EXPECT_EQ(charged.event_value, 300.0);
  EXPECT_EQ(charged.currency, "USD");
  ASSERT_EQ(charged.items.size(), 2U);
  EXPECT_EQ(charged.items[1].name, "Achieving inner zen");
  EXPECT_EQ(charged.items[1].category, "books");
  EXPECT_EQ(charged.items[1].quantity, 4.0);
  EXPECT_EQ(charged.items[1].properties,
            R"({"Category":"books","Book name":"Achieving inner zen","Quantity":4})");
  EXPECT_NE(charged.properties.find(R"("Delivery By":"$D_1468322268")"), std::string::npos);
  EXPECT_NE(charged.properties.find(R"("Items":[{"Category")"), std::string::npos);
}

TEST(Decode, ItemKeysAreReadWhateverTheirCaseAndBlanks) {
  const event::Decoded decoded = decode_records(
      R"({"type":"event","evtName":"charged","objectId":"o1","evtData":{"Amount":"19.5","Items":[)"
      R"({"product_id":7,"Title":"T","BRAND":"B","category2":"c2","Price":"9.75","qty":2,)"
      R"("currency":"EUR"},"loose"]}})");
  const event::Event& event = decoded.events.at(0);
  EXPECT_EQ(event.event_value, 19.5);
  ASSERT_EQ(event.items.size(), 1U);
  const event::Item& item = event.items[0];
  EXPECT_EQ(item.item_id + item.name + item.brand + item.category2 + item.currency, "7TBc2EUR");
  EXPECT_EQ(item.price, 9.75);
  EXPECT_EQ(item.quantity, 2.0);
  EXPECT_NE(event.properties.find("loose"), std::string::npos);
}

TEST(Decode, EveryIdentifierIsKeptWithItsKind) {
  const event::Decoded decoded = decode_records(
      R"({"type":"event","evtName":"a","evtData":{},"identity":" 42 "},)"
      R"({"type":"event","evtName":"a","evtData":{},"GPID":42},)"
      R"({"type":"event","evtName":"a","evtData":{},"objectId":"-g1"},)"
      R"({"type":"event","evtName":"a","evtData":{},"GPID":"g","FBID":"f","identity":"i",)"
      R"("objectId":"o"})");
  ASSERT_EQ(decoded.events.size(), 4U);
  EXPECT_EQ(decoded.events[0].user_id, "42");
  EXPECT_EQ(decoded.events[0].user_id_kind, "identity");
  EXPECT_EQ(decoded.events[1].user_id, "42");
  EXPECT_EQ(decoded.events[1].user_id_kind, "gpid");
  EXPECT_EQ(decoded.events[2].user_pseudo_id, "-g1");
  EXPECT_EQ(decoded.events[2].user_id, "");
  EXPECT_EQ(decoded.events[2].user_id_kind, "objectid");
  EXPECT_EQ(decoded.events[3].user_pseudo_id, "o");
  EXPECT_EQ(decoded.events[3].user_id, "i");
  EXPECT_EQ(decoded.events[3].person.identities,
            (std::vector<event::Identity>{
                {"objectid", "o"}, {"identity", "i"}, {"fbid", "f"}, {"gpid", "g"}}));
}

TEST(Decode, UnknownKeysOfTheRecordAreKeptBehindTheProperties) {
  const event::Decoded decoded =
      decode_records(event_with(R"(,"source":"Segment","a":2)", R"({"a":1,"empty":"","n":null})"));
  EXPECT_EQ(decoded.events.at(0).properties,
            R"({"a":1,"empty":"","n":null,"source":"Segment","record.a":2})");
}

TEST(Decode, MissingTimeIsTheReceiveTime) {
  EXPECT_EQ(decode_records(event_with("")).events.at(0).event_timestamp, kTestReceivedUs);
  for (const char* time : {"1468308340", "1468308340.0", "\"1468308340\""}) {
    const event::Decoded decoded = decode_records(event_with(",\"ts\":" + std::string(time)));
    EXPECT_EQ(decoded.events.at(0).event_timestamp, 1'468'308'340'000'000) << time;
  }
}

TEST(Decode, TimesThatAreNoEpochSecondsAre525) {
  for (const char* time : {"0", "-1", "1468308340.5", "1468308340000", "\"2016-07-12\"", "\"\"",
                           "null", "true", "[]", "{}", "1e400"}) {
    EXPECT_EQ(
        refusal(event_with(",\"ts\":" + std::string(time))),
        "525: Timestamp should be present in the Unix Epoch format. Skipped record number : 1")
        << time;
  }
}

TEST(Decode, EventNamesAreChecked) {
  constexpr std::string_view kMissing =
      "509: Event Name is incorrect. ErrorCode: 509 - Event name is mandatory. Skipped record "
      "number : 1";
  EXPECT_EQ(refusal(R"({"type":"event","identity":"u","evtData":{}})"), kMissing);
  EXPECT_EQ(refusal(R"({"type":"event","identity":"u","evtData":{},"evtName":" "})"), kMissing);
  EXPECT_EQ(refusal(R"({"type":"event","identity":"u","evtData":{},"evtName":7})"), kMissing);
  for (const char* name : {"App Launched", "applaunched", "NOTIFICATION  SENT", "Stayed"}) {
    EXPECT_EQ(refusal(R"({"type":"event","identity":"u","evtData":{},"evtName":")" +
                      std::string(name) + "\"}"),
              "513: Event Name is incorrect. ErrorCode: 513 - Trying to raise a restricted system "
              "event. Skipped record number : 1")
        << name;
  }
}

TEST(Decode, StructureIsChecked) {
  EXPECT_EQ(refusal("7"),
            "512: Event structure is incorrect. ErrorCode: 512 - A record must be an object. "
            "Skipped record number : 1");
  constexpr std::string_view kNoData =
      "512: Event structure is incorrect. ErrorCode: 512 - evtData must be an object. Skipped "
      "record number : 1";
  EXPECT_EQ(refusal(R"({"type":"event","evtName":"a","identity":"u"})"), kNoData);
  EXPECT_EQ(refusal(R"({"type":"event","evtName":"a","identity":"u","evtData":[]})"), kNoData);
}

TEST(Decode, IdentifierAndTypeAreChecked) {
  constexpr std::string_view kNobody =
      "523: One of identity, FBID, GPID or objectId is mandatory. Skipped record number : 1";
  EXPECT_EQ(refusal(R"({"type":"event","evtName":"a","evtData":{}})"), kNobody);
  EXPECT_EQ(refusal(R"({"type":"profile","identity":" ","profileData":{}})"), kNobody);
  EXPECT_EQ(refusal(R"({"type":"event","evtName":"a","evtData":{},"identity":{}})"), kNobody);
  constexpr std::string_view kNoType =
      "524: Type should be event, profile or token. Skipped record number : 1";
  EXPECT_EQ(refusal(R"({"type":"Event","evtName":"a","evtData":{},"identity":"u"})"), kNoType);
  EXPECT_EQ(refusal("{}"), kNoType);
  EXPECT_EQ(refusal(R"({"type":"event","evtName":"a","evtData":{},"objectId":"a b"})"),
            "526: objectId is not valid. Skipped record number : 1");
  EXPECT_EQ(refusal(R"({"type":"event","evtName":"a","evtData":{},"objectId":)" + quoted(65) + "}"),
            "526: objectId is not valid. Skipped record number : 1");
}

TEST(Decode, RecordsAreCountedFromOneAndEchoedAsSent) {
  const event::Decoded decoded =
      decode_records(event_with("") + R"(,{"z":1,"type":"other","a":[]},)" + event_with(""));
  EXPECT_EQ(decoded.events.size(), 2U);
  ASSERT_EQ(decoded.rejections.size(), 1U);
  EXPECT_EQ(decoded.rejections[0].index, 1U);
  EXPECT_EQ(decoded.rejections[0].record, R"({"z":1,"type":"other","a":[]})");
  EXPECT_TRUE(decoded.rejections[0].reason.ends_with("Skipped record number : 2"));
}

TEST(Limits, KeysOf120CharactersAndValuesOf512BytesPass) {
  std::string key;
  for (int i = 0; i < 120; ++i) {
    key += "\xC3\xA9";
  }
  EXPECT_EQ(refusal(event_with("", "{\"" + key + "\":" + quoted(512) + "}")), "accepted");
  EXPECT_EQ(refusal(event_with("", "{\"k\":1e300,\"n\":[[[[1]]]]}")), "accepted");
}

TEST(Limits, LongerOnesAre512AndNamed) {
  const std::string start = "512: Event structure is incorrect. ErrorCode: 512 - ";
  const std::string end = ". Skipped record number : 1";
  EXPECT_EQ(refusal(event_with("", "{\"Note\":" + quoted(513) + "}")),
            start + "the value of property \"Note\" has 513 bytes, at most 512 are allowed" + end);
  EXPECT_EQ(refusal(event_with("", "{\"Note\":[{\"a\":" + quoted(513) + "}]}")),
            start + "the value of property \"a\" has 513 bytes, at most 512 are allowed" + end);
  const std::string key = refusal(event_with("", "{" + quoted(121) + ":1}"));
  EXPECT_TRUE(key.starts_with(start + "property key \"xxx")) << key;
  EXPECT_TRUE(key.ends_with("has 121 characters, at most 120 are allowed" + end)) << key;
  EXPECT_TRUE(
      refusal(R"({"type":"event","identity":"u","evtData":{},"evtName":)" + quoted(121) + "}")
          .starts_with(start + "evtName "));
}

std::string many_properties(int count) {
  std::string out = "{";
  for (int i = 0; i < count; ++i) {
    out += (i > 0 ? ",\"p" : "\"p") + std::to_string(i) + "\":1";
  }
  return out + "}";
}

TEST(Limits, The257thPropertyIs522) {
  EXPECT_EQ(refusal(event_with("", many_properties(256))), "accepted");
  EXPECT_EQ(refusal(event_with("", many_properties(257))),
            "522: Event structure is incorrect. ErrorCode: 522 - 257 properties, at most 256 are "
            "allowed. Skipped record number : 1");
}

TEST(Limits, TheEdgeNamesEventTypesBeyondThe512th) {
  const event::Decoded decoded = decode_noted(
      batch_of(event_with("") + R"(,{"type":"event","evtName":"New","identity":"u","evtData":{}})"),
      "refused_event_types", "[\"New\"]");
  EXPECT_EQ(decoded.events.size(), 1U);
  ASSERT_EQ(decoded.rejections.size(), 1U);
  EXPECT_EQ(decoded.rejections[0].code, "512");
  EXPECT_EQ(
      decoded.rejections[0].reason,
      "Event structure is incorrect. ErrorCode: 512 - event type \"New\" would be number 513, "
      "at most 512 are allowed. Skipped record number : 2");
}

TEST(Limits, LenientStoresWholeAndMarks) {
  const std::string long_value = quoted(600);
  const event::Decoded decoded =
      decode_noted(batch_of(event_with("", "{\"Note\":" + long_value + "}")), "limits", "lenient");
  ASSERT_EQ(decoded.events.size(), 1U);
  EXPECT_EQ(decoded.events[0].properties, "{\"Note\":" + long_value + "}");
  EXPECT_EQ(decoded.events[0].limit_errors,
            R"(["the value of property \"Note\" has 600 bytes, at most 512 are allowed"])");
}

TEST(Limits, MoreThanAThousandRecordsRefuseTheRequest) {
  std::string records = event_with("");
  for (int i = 1; i < 1000; ++i) {
    records += ',' + event_with("");
  }
  EXPECT_EQ(decode_records(records).events.size(), 1000U);
  records += ',' + event_with("");
  const std::string body = batch_of(records);
  const Verdict verdict = examine(test_record(body));
  ASSERT_TRUE(verdict.refusal);
  EXPECT_EQ(verdict.refusal->code, "too_many_records");
  EXPECT_EQ(verdict.refusal->reason, "1001 records, at most 1000 are allowed in one request");
  EXPECT_TRUE(verdict.decoded.events.empty());
  EXPECT_EQ(decode_noted(body, "limits", "lenient").events.size(), 1001U);
}

TEST(Limits, TwentyThousandRowsAreTheMostThatARequestMakes) {
  std::string items = "{}";
  for (int i = 1; i < 19'999; ++i) {
    items += ",{}";
  }
  const auto charged = [](const std::string& list) {
    return batch_of(R"({"identity":"a","ts":1,"type":"event","evtName":"Charged",)"
                    R"("evtData":{"Items":[)" +
                    list + "]}}");
  };
  const std::string allowed = charged(items);
  EXPECT_FALSE(examine(test_record(allowed)).refusal);
  const std::string body = charged(items + ",{}");
  const Verdict verdict = examine(test_record(body));
  ASSERT_TRUE(verdict.refusal);
  EXPECT_EQ(verdict.refusal->reason,
            "20001 records and items, at most 20000 are taken in one request");
  EXPECT_EQ(decode_noted(body, "limits", "lenient").rejections.size(), 1U);
}

TEST(Content, IsRepairedAndMarked) {
  const event::Decoded decoded = decode_records(
      event_with("", "{\"a\":\"\\ud800\",\"b\":1e400,\"c\":\"\xFF\",\"d\":1,\"d\":\"\\u0000\"}"));
  ASSERT_EQ(decoded.events.size(), 1U);
  EXPECT_EQ(decoded.events[0].properties,
            "{\"a\":\"\xEF\xBF\xBD\",\"b\":\"1e400\",\"c\":\"\xEF\xBF\xBD\",\"d\":\"\\u0000\"}");
  EXPECT_EQ(decoded.events[0].limit_errors,
            R"(["bytes that are not UTF-8 were replaced by U+FFFD",)"
            R"("lone surrogates were replaced by U+FFFD",)"
            R"("a number beyond the range of a double was stored as text",)"
            R"("of members with equal keys the last was stored"])");
}

TEST(Content, BrokenRequestsAreOneRejection) {
  const std::vector<std::pair<std::string, std::string>> examples = {
      {"", "an empty text where JSON was expected"},
      {"[]", "the body must be an object with the key \"d\""},
      {"{}", "the key \"d\", an array of records, is missing"},
      {"{\"d\":{}}", "\"d\" must be an array of records"},
      {"{\"d\":[] // time\n}", "a comment, which JSON does not have, at byte 8"},
  };
  for (const auto& [body, reason] : examples) {
    const event::Decoded decoded = decode_body(body);
    ASSERT_EQ(decoded.rejections.size(), 1U) << body;
    EXPECT_EQ(decoded.rejections[0].code, "malformed_request");
    EXPECT_EQ(decoded.rejections[0].reason, reason);
    EXPECT_EQ(decoded.rejections[0].record, body);
  }
  EXPECT_TRUE(decode_body("{\"d\":[]}").rejections.empty());
}

TEST(Content, RefusedRequestsKeepBodyAndReason) {
  event::Record record = test_record("{\"d\":\xFF");
  record.kind = event::RecordKind::kRefused;
  record.notes = {{"code", "too_many_records"}, {"reason", "1001 records"}};
  const event::Decoded decoded = decode(record);
  ASSERT_EQ(decoded.rejections.size(), 1U);
  EXPECT_EQ(decoded.rejections[0].code, "too_many_records");
  EXPECT_EQ(decoded.rejections[0].reason, "1001 records");
  EXPECT_EQ(decoded.rejections[0].record, "{\"d\":\xEF\xBF\xBD");
}

TEST(Content, MayBeCompressed) {
  const std::string packed = codec::gzip(kVendorPayload);
  event::Record record = test_record(packed);
  record.headers = {{"content-encoding", "gzip"}};
  EXPECT_EQ(decode(record).events.size(), 2U);
}

TEST(ChangeId, IsMadeOfIdempotencyKeyIndexAndRecord) {
  const std::string record = R"({"identity":"a","type":"profile","profileData":{"n":{"$incr":1}}})";
  const std::string body = batch_of(record + "," + record);
  const event::Decoded first = decode_noted(body, "idempotency_key", "k1");
  const event::Decoded again = decode_noted(body, "idempotency_key", "k1");
  const event::Decoded other = decode_noted(body, "idempotency_key", "k2");
  ASSERT_EQ(first.profiles.size(), 2U);
  EXPECT_EQ(first.profiles[0].change_id.size(), 32U);
  EXPECT_EQ(first.profiles[0].change_id, again.profiles.at(0).change_id);
  EXPECT_NE(first.profiles[0].change_id, first.profiles[1].change_id);
  EXPECT_NE(first.profiles[0].change_id, other.profiles.at(0).change_id);
  EXPECT_EQ(decode(test_record(body)).profiles.at(0).change_id, "");
}

TEST(EventId, IsMadeOfIdempotencyKeyIndexAndRecord) {
  const std::string body = batch_of(event_with("") + "," + event_with(""));
  const event::Decoded first = decode_noted(body, "idempotency_key", "k1");
  const event::Decoded again = decode_noted(body, "idempotency_key", "k1");
  const event::Decoded other = decode_noted(body, "idempotency_key", "k2");
  EXPECT_EQ(first.events.at(0).event_id.size(), 32U);
  EXPECT_EQ(first.events.at(0).event_id, again.events.at(0).event_id);
  EXPECT_NE(first.events.at(0).event_id, first.events.at(1).event_id);
  EXPECT_NE(first.events.at(0).event_id, other.events.at(0).event_id);
  const std::string changed = batch_of(event_with(",\"ts\":7"));
  EXPECT_NE(decode_noted(changed, "idempotency_key", "k1").events.at(0).event_id,
            first.events.at(0).event_id);
}

}  // namespace
}  // namespace api::clevertap
