#include "api/clevertap/decode.h"
#include "api/clevertap/test_record.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace api::clevertap {
namespace {

event::Decoded decode_records(std::string_view records) {
  return decode(test_record(batch_of(records)));
}

std::string profile(std::string_view data) {
  return R"({"type":"profile","identity":"u1","ts":1700000000,"profileData":)" + std::string(data) +
         "}";
}

std::string refusal(std::string_view record) {
  const event::Decoded decoded = decode_records(record);
  if (decoded.rejections.size() != 1) {
    return "accepted";
  }
  EXPECT_TRUE(decoded.events.empty() && decoded.profiles.empty());
  return decoded.rejections.front().code + ": " + decoded.rejections.front().reason;
}

std::string_view op_name(event::PropertyOp op) {
  switch (op) {
    case event::PropertyOp::kSet: return "set";
    case event::PropertyOp::kAdd: return "add";
    case event::PropertyOp::kRemove: return "remove";
    case event::PropertyOp::kIncrement: return "increment";
    case event::PropertyOp::kDelete: return "delete";
  }
  return "";
}

/// "key op value" of each property change of the only profile.
std::vector<std::string> changes(std::string_view data) {
  const event::Decoded decoded = decode_records(profile(data));
  std::vector<std::string> out;
  for (const event::ProfileChange& change : decoded.profiles) {
    for (const event::PropertyChange& property : change.properties) {
      EXPECT_EQ(property.set_time_ms, 1'700'000'000'000);
      out.push_back(property.key + " " + std::string(op_name(property.op)) + " " +
                    property.value_json);
    }
  }
  return out;
}

using Texts = std::vector<std::string>;

TEST(Profile, SetsWhatItLists) {
  const event::Decoded decoded = decode_records(profile(R"({"Name":"Jack","Points":7})"));
  ASSERT_EQ(decoded.profiles.size(), 1U);
  const event::ProfileChange& change = decoded.profiles[0];
  EXPECT_TRUE(change.booked);
  EXPECT_EQ(change.app_id, "shop");
  EXPECT_EQ(change.api, event::Api::kClevertap);
  EXPECT_EQ(change.time_us, 1'700'000'000'000'000);
  EXPECT_EQ(change.identities, (std::vector<event::Identity>{{"identity", "u1"}}));
  EXPECT_EQ(
      changes(R"({"Name":"Jack","Points":7,"DOB":"$D_486864000","Tags":["a"]})"),
      (Texts{"Name set \"Jack\"", "Points set 7", "DOB set \"$D_486864000\"", "Tags set [\"a\"]"}));
}

TEST(Profile, EmptyValuesAreLeftOut) {
  EXPECT_EQ(changes(R"({"a":null,"b":"","c":[],"d":{},"e":false,"f":0})"),
            (Texts{"e set false", "f set 0"}));
}

TEST(Profile, CommandsBecomeOperations) {
  EXPECT_EQ(changes(R"({"a":{"$set":["x"]},"b":{"$add":["x","y"]},"c":{"$add":"x"},)"
                    R"("d":{"$remove":["x"]},"e":{"$incr":10},"f":{"$decr":1},"g":{"$decr":0.5},)"
                    R"("Name":{"$delete":1},"h":{"$add":["p"],"$remove":["q"]}})"),
            (Texts{"a set [\"x\"]", "b add [\"x\",\"y\"]", "c add [\"x\"]", "d remove [\"x\"]",
                   "e increment 10", "f increment -1", "g increment -0.5", "Name delete ",
                   "h add [\"p\"]", "h remove [\"q\"]"}));
}

TEST(Profile, ObjectsThatAreNoCommandsAreValues) {
  EXPECT_EQ(changes(R"({"a":{"b":1},"c":{"$set":1,"x":2},"d":{"$other":1}})"),
            (Texts{"a set {\"b\":1}", "c set {\"$set\":1,\"x\":2}", "d set {\"$other\":1}"}));
}

TEST(Profile, CountersNeedNumbers) {
  EXPECT_EQ(refusal(profile(R"({"Points":{"$incr":"x"}})")),
            "512: Profile data is incorrect. $incr of property \"Points\" needs a number.Skipped "
            "record number : 1");
}

TEST(Profile, IdentityInsideNamesThePersonToo) {
  const event::Decoded decoded =
      decode_records(profile(R"({"identity":"new","Identity":7,"FBID":"f","GPID":""})"));
  EXPECT_EQ(decoded.profiles.at(0).identities,
            (std::vector<event::Identity>{
                {"identity", "u1"}, {"identity", "new"}, {"identity", "7"}, {"fbid", "f"}}));
  EXPECT_TRUE(decoded.profiles[0].properties.empty());
}

TEST(Profile, GoodReservedFieldsPass) {
  for (const char* data :
       {R"({"Gender":"M"})", R"({"Gender":"female"})", R"({"Email":"jack@gmail.com"})",
        R"({"Phone":"+14155551234"})", R"({"Employed":"Y","Married":"N"})",
        R"({"Education":"Graduate"})", R"({"Age":"18"})", R"({"Age":18})", R"({"Email":null})",
        R"({"Email":""})", R"({"Email":{"$delete":true}})", R"({"Age":{"$set":18}})"}) {
    EXPECT_EQ(refusal(profile(data)), "accepted") << data;
  }
}

TEST(Profile, BadReservedFieldsHaveTheirCodes) {
  const auto text = [](std::string_view data) { return refusal(profile(data)); };
  const std::string end = "Skipped record number : 1";
  const std::string start = "Profile data is incorrect. ";
  EXPECT_EQ(text(R"({"Gender":"X"})"), "514: " + start + "Gender is not valid." + end);
  for (const char* email : {"$$$$$", "1234", "a@b", "a@b@c.de", "@c.de", "a b@c.de", "a@.de"}) {
    EXPECT_EQ(text("{\"Email\":\"" + std::string(email) + "\"}"),
              "515: " + start + "Email is not valid." + end)
        << email;
  }
  for (const char* phone : {"\"223\"", "\"+44+441234\"", "\"92374162212\"", "14155551234"}) {
    EXPECT_EQ(text("{\"Phone\":" + std::string(phone) + "}"),
              "516: " + start + "Phone number is not valid." + end)
        << phone;
  }
  EXPECT_EQ(text(R"({"Employed":true})"), "517: " + start + "Employed needs to be Y/N." + end);
  EXPECT_EQ(text(R"({"Education":"PhD"})"),
            "518: " + start + "Education needs to be School/College/Graduate.." + end);
  EXPECT_EQ(text(R"({"Married":"no"})"), "519: " + start + "Married needs to be Y/N." + end);
  EXPECT_EQ(text(R"({"Age":"aa"})"), "520: " + start + "Age is invalid." + end);
  EXPECT_EQ(text(R"({"Age":{"$set":"aa"}})"), "520: " + start + "Age is invalid." + end);
}

TEST(Profile, TheFirstBadFieldInTheVendorsOrderIsReported) {
  EXPECT_TRUE(refusal(profile(R"({"Age":"aa","Phone":"1","Email":"1"})")).starts_with("515"));
  EXPECT_TRUE(refusal(R"({"type":"profile","identity":"u","ts":0,"profileData":{"Email":"1"}})")
                  .starts_with("525"));
}

TEST(Profile, LimitsHold) {
  EXPECT_EQ(refusal(R"({"type":"profile","identity":"u"})"),
            "512: Profile data is incorrect. profileData must be an object.Skipped record number : "
            "1");
  EXPECT_EQ(refusal(profile("{\"Note\":" + quoted(513) + "}")),
            "512: Profile data is incorrect. the value of property \"Note\" has 513 bytes, at most "
            "512 are allowed.Skipped record number : 1");
  std::string many = R"({"Name":"n")";
  for (int i = 0; i < 257; ++i) {
    many += ",\"p" + std::to_string(i) + "\":1";
  }
  EXPECT_EQ(
      refusal(profile(many + "}")),
      "522: Profile data is incorrect. 257 properties, at most 256 are allowed.Skipped record "
      "number : 1");
}

std::string token(std::string_view object_id, std::string_view data) {
  return R"({"type":"token","objectId":")" + std::string(object_id) + R"(","tokenData":)" +
         std::string(data) + "}";
}

TEST(Token, BecomesAPropertyOfTheDevice) {
  const event::Decoded decoded =
      decode_records(token("__g1", R"({"id":"t1","type":"fcm","keys":{"auth":"a"}})"));
  ASSERT_EQ(decoded.profiles.size(), 1U);
  const event::ProfileChange& change = decoded.profiles[0];
  EXPECT_TRUE(change.booked);
  EXPECT_EQ(change.identities, (std::vector<event::Identity>{{"objectid", "__g1"}}));
  ASSERT_EQ(change.properties.size(), 1U);
  EXPECT_EQ(change.properties[0].key, "token.fcm");
  EXPECT_EQ(change.properties[0].value_json, R"({"id":"t1","type":"fcm","keys":{"auth":"a"}})");
}

TEST(Token, ProblemsHaveTheirCodes) {
  const std::string end = "Skipped record number : 1";
  const std::string start = "Token data is incorrect. ";
  EXPECT_EQ(refusal(R"({"type":"token","identity":"u","tokenData":{"id":"t","type":"fcm"}})"),
            "530: " + start + "objectId is not valid." + end);
  EXPECT_EQ(refusal(token("o", "7")), "531: " + start + "tokenData must be an object." + end);
  EXPECT_EQ(refusal(token("o", R"({"type":"fcm"})")), "532: " + start + "id is mandatory." + end);
  EXPECT_EQ(refusal(token("o", R"({"id":"t"})")), "533: " + start + "type is mandatory." + end);
  EXPECT_EQ(refusal(token("-g1", R"({"id":"t","type":"fcm"})")),
            "534: " + start + "type does not fit the platform of objectId." + end);
  EXPECT_EQ(refusal(token("o", R"({"id":"t","type":"pigeon"})")),
            "535: " + start + "type must be apns, gcm, fcm, wns, mpns or chrome." + end);
  EXPECT_EQ(refusal(token("-g1", R"({"id":"t","type":"apns"})")), "accepted");
  EXPECT_EQ(refusal(token("mine", R"({"id":"t","type":"apns"})")), "accepted");
}

}  // namespace
}  // namespace api::clevertap
