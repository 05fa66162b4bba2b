#include "engine/receipt.h"

#include "engine/test_pipeline.h"

namespace engine {
namespace {

class ReceiptTest : public PipelineTest {
 protected:
  base::Result<Receipt> receipt(event::Position position, const std::string& app_id = "") {
    return find_receipt(*files_, *pipeline_, {.position = position, .app_id = app_id});
  }
};

TEST_F(ReceiptTest, TellsWhatBecameOfEachRequest) {
  const event::Position stored = send("shop", hit("one"));
  const event::Position again = send("shop", hit("one"));
  const event::Position bad = send("shop", "no json");
  load();
  EXPECT_EQ(receipt_json(*receipt(stored)),
            R"({"position":1,"journalled":{"received_at":"2023-11-14 22:13:20.000000",)"
            R"("app_id":"shop","api":"segmentstream","rid":"rid-1","refused":false},)"
            R"("loaded":{"stored":1,"duplicate":0,"rejected":0}})");
  EXPECT_EQ(receipt(again)->loaded->stored, 0U);
  EXPECT_EQ(receipt(again)->loaded->duplicate, 1U);
  EXPECT_EQ(receipt(bad)->loaded->rejected, 1U);
  EXPECT_EQ(receipt(bad)->loaded->duplicate, 0U);
}

TEST_F(ReceiptTest, ProfileRecordsRepeatedUnderAnIdempotencyKeyAreDuplicates) {
  event::Record upload;
  upload.api = event::Api::kClevertap;
  upload.app_id = "shop";
  upload.received_at = clock_.now();
  upload.notes = {{"idempotency_key", "k"}};
  upload.body = R"({"d":[{"type":"profile","identity":"u","profileData":{"Points":1}},)"
                R"({"type":"event","identity":"u","evtName":"Viewed","evtData":{}}]})";
  const event::Position first = put(upload);
  const event::Position again = put(upload);
  load();
  EXPECT_EQ(receipt(first)->loaded->stored, 2U);
  EXPECT_EQ(receipt(first)->loaded->duplicate, 0U);
  EXPECT_EQ(receipt(again)->loaded->stored, 0U);
  EXPECT_EQ(receipt(again)->loaded->duplicate, 2U);
}

TEST_F(ReceiptTest, APositionNeverGivenIsNotFound) {
  send("shop", hit("one"));
  EXPECT_EQ(receipt(0).error().code, base::Code::kNotFound);
  EXPECT_EQ(receipt(2).error().code, base::Code::kNotFound);
}

TEST_F(ReceiptTest, AnotherApplicationsRequestLooksLikeNone) {
  const event::Position position = send("shop", hit("one"));
  load();
  EXPECT_TRUE(receipt(position, "shop"));
  const auto refused = receipt(position, "other");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::kNotFound);
  EXPECT_EQ(refused.error().message, "no request was given position 1");
}

TEST(Receipt, WhatIsNotLoadedIsNull) {
  Receipt receipt{.position = 7, .journalled = {}, .loaded = {}};
  EXPECT_EQ(receipt_json(receipt), R"({"position":7,"journalled":null,"loaded":null})");
}

}  // namespace
}  // namespace engine
