#include "api/clevertap/glance.h"

#include "api/clevertap/decode.h"
#include "api/clevertap/test_record.h"
#include "base/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace api::clevertap {
namespace {

using testing::ElementsAre;
using testing::Optional;

constexpr std::string_view kGood =
    R"({"type":"event","evtName":"View","identity":"u1","ts":1468308340,)"
    R"("evtData":{"a":["b",-1.5]}})";

std::optional<std::vector<std::string>> glance_at(std::string_view body) {
  return glance(test_record(body));
}

std::string changed(std::string_view from, std::string_view to) {
  std::string record(kGood);
  record.replace(record.find(from), from.size(), to);
  return batch_of(std::string(kGood) + "," + record);
}

TEST(CleverTapGlance, SeesTheNamesOfEvents) {
  EXPECT_THAT(glance_at(kVendorPayload), Optional(ElementsAre("Product viewed", "Charged")));
  for (const char* identifier :
       {R"("identity":7)", R"("FBID":"7 ")", R"("GPID":"a")", R"("objectId":"_a-9")"}) {
    EXPECT_THAT(glance_at(changed(R"("identity":"u1")", identifier)),
                Optional(ElementsAre("View", "View")));
  }
}

TEST(CleverTapGlance, LeavesWhatIsNotPlainToTheFullReading) {
  std::string many = "1";
  for (int i = 0; i < 255; ++i) {
    many += ",1";
  }
  for (const std::string& body : {
           std::string(),
           std::string("{}"),
           batch_of(""),
           "[" + std::string(kGood) + "]",
           batch_of(kGood) + "x",
           changed("event", "profile"),
           changed("\"event\"", "null"),
           changed("\"type\":\"event\",", ""),
           changed("View", ""),
           changed("View", " "),
           changed("View", "App Launched"),
           changed("View", "\\u0041"),
           changed("View", std::string(121, 'x')),
           changed("\"evtName\"", "\"name\""),
           changed("\"u1\"", "\"\""),
           changed("\"u1\"", "\" \""),
           changed("\"u1\"", "null"),
           changed("\"u1\"", "1.5"),
           changed("\"identity\"", "\"objectId\":\"a b\",\"identity\""),
           changed("\"identity\"", "\"identity\":\"u2\",\"identity\""),
           changed("1468308340", "0"),
           changed("1468308340", "14683083400"),
           changed("1468308340", "\"1468308340\""),
           changed("\"ts\"", "\"evtData\""),
           changed("{\"a\":[\"b\",-1.5]}", "[]"),
           changed("\"a\"", quoted(121)),
           changed("\"b\"", quoted(513)),
           changed("\"b\"", many),
           changed("\"b\"", std::string(513, '9')),
           changed("\"b\"", "[[[[[[[[1]]]]]]]]"),
           changed("\"b\"", R"({"c":{"d":"\n"}})"),
       }) {
    EXPECT_FALSE(glance_at(body)) << body;
  }
  for (const char* note : {"content-encoding", "refused_event_types"}) {
    const std::string body = batch_of(kGood);
    event::Record record = test_record(body);
    record.headers.push_back({note, "identity"});
    record.notes.push_back({note, "[]"});
    EXPECT_FALSE(glance(record)) << note;
  }
}

TEST(CleverTapGlance, LeavesMoreRowsThanARequestMayHaveToTheFullReading) {
  std::string records(kGood);
  std::string items = "1";
  for (int i = 0; i < 200; ++i) {
    items += ",1";
  }
  const std::string record =
      R"({"type":"event","evtName":"v","identity":1,"evtData":{"Items":[)" + items + "]}}";
  for (int i = 0; i < 98; ++i) {
    records += "," + record;
  }
  EXPECT_TRUE(glance_at(batch_of(records)));
  EXPECT_FALSE(glance_at(batch_of(records + "," + record)));
}

TEST(CleverTapGlance, NeverDisagreesWithTheFullReading) {
  base::SeededRandom random(9);
  const std::string start = batch_of(std::string(kGood) + "," + std::string(kGood));
  static constexpr std::string_view kBytes =
      "\"\\{}[]:, \n\x01\xFF"
      "0e.-_vtyd9";
  int seen = 0;
  for (int round = 0; round < 4000; ++round) {
    std::array<std::uint8_t, 4> dice{};
    random.fill(dice);
    std::string body = start;
    body[dice[0] % body.size()] = kBytes[dice[1] % kBytes.size()];
    if (round % 2 == 0) {
      body[dice[2] % body.size()] = kBytes[dice[3] % kBytes.size()];
    }
    const std::optional<std::vector<std::string>> names = glance_at(body);
    if (!names) {
      continue;
    }
    ++seen;
    const Verdict verdict = examine(test_record(body));
    ASSERT_FALSE(verdict.refusal) << body;
    EXPECT_TRUE(verdict.decoded.profiles.empty() && verdict.decoded.rejections.empty()) << body;
    std::vector<std::string> full;
    for (const event::Event& event : verdict.decoded.events) {
      full.push_back(event.event_name);
    }
    EXPECT_EQ(full, *names) << body;
  }
  EXPECT_GT(seen, 200);
}

}  // namespace
}  // namespace api::clevertap
