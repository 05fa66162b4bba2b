#include "api/clevertap/endpoint.h"

#include "api/clevertap/access.h"
#include "api/clevertap/decode.h"
#include "api/clevertap/test_record.h"
#include "api/test_edge.h"
#include "codec/compression.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace api::clevertap {
namespace {

constexpr std::string_view kGood =
    R"({"type":"event","evtName":"View","identity":"u","evtData":{}})";
constexpr std::string_view kBad = R"({"type":"event","evtName":"View","evtData":{}})";
constexpr std::string_view kAllGood = R"({"status":"success","processed":1,"unprocessed":[]})";
constexpr std::string_view kMalformed =
    R"({"status":"fail","error":"Malformed request","code":400})";

registry::CredentialInput credentials() {
  registry::CredentialInput input;
  input.clevertap_account_id = "ACC-1";
  input.clevertap_passcode = "P 1";
  return input;
}

class ClevertapEndpoint : public testing::Test {
 protected:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  http::Reply send(TestRequest request, const std::string& passcode = "P 1") {
    request.headers.emplace_back("X-Clevertap-Account-Id", "ACC-1");
    request.headers.emplace_back("X-CleverTap-Passcode", passcode);
    return test_.send(*endpoint_, request);
  }
  http::Reply upload(std::string_view records, const std::string& query = "",
                     const Headers& headers = {}) {
    return send({.target = "/1/upload" + query, .headers = headers, .body = batch_of(records)});
  }
  event::Decoded decode_last() { return decode(test_.intake.at(test_.intake.count() - 1)); }

  TestEdge test_{"clevertap", credentials()};
  std::unique_ptr<http::Handler> endpoint_ = make_endpoint(test_.edge);
};

TEST_F(ClevertapEndpoint, VendorPayloadIsASuccess) {
  const http::Reply reply = send({.target = "/1/upload", .body = std::string(kVendorPayload)});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"status":"success","processed":2,"unprocessed":[]})");
  EXPECT_EQ(header_of(reply, "Content-Type"), "application/json;charset=utf-8");
  EXPECT_EQ(header_of(reply, "X-Catchment-Position"), "1");
  EXPECT_EQ(test_.intake.at(0).app_id, "shop");
  EXPECT_EQ(test_.intake.at(0).note("units"), "2");
  EXPECT_EQ(decode_last().events.size(), 2U);
}

TEST_F(ClevertapEndpoint, RefusedRecordsAreAnsweredInOrderAsSent) {
  const std::string odd = R"({"z":"\ud83d\ude00","type":"x"})";
  const http::Reply reply = upload(std::string(kBad) + "," + std::string(kGood) + "," + odd);
  EXPECT_EQ(reply.body,
            R"({"status":"partial","processed":1,"unprocessed":[{"status":"fail","code":523,)"
            R"("error":"One of identity, FBID, GPID or objectId is mandatory. Skipped record )"
            R"(number : 1","record":{"type":"event","evtName":"View","evtData":{}}},)"
            R"({"status":"fail","code":524,"error":"Type should be event, profile or token. )"
            R"(Skipped record number : 3","record":{"z":")"
            "\xF0\x9F\x98\x80"
            R"(","type":"x"}}]})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(decode_last().events.size(), 1U);
  EXPECT_EQ(decode_last().rejections.size(), 2U);
}

TEST_F(ClevertapEndpoint, AllRefusedIsAFailThatIsKept) {
  const http::Reply reply = upload(kBad);
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.body.starts_with(R"({"status":"fail","processed":0,"unprocessed":[{)"));
  EXPECT_EQ(test_.intake.count(), 1U);
}

TEST_F(ClevertapEndpoint, EmptyBatchIsASuccessAndStoresNothing) {
  EXPECT_EQ(upload("").body, R"({"status":"success","processed":0,"unprocessed":[]})");
  EXPECT_EQ(test_.intake.count(), 0U);
}

TEST_F(ClevertapEndpoint, DryRunAnswersTheSameAndStoresNothing) {
  const std::string both = std::string(kGood) + "," + std::string(kBad);
  const http::Reply dry = upload(both, "?dryRun=1");
  EXPECT_EQ(test_.intake.count(), 0U);
  EXPECT_EQ(header_of(dry, "X-Catchment-Position"), "(none)");
  EXPECT_EQ(dry.body, upload(both, "?dryRun=0").body);
  EXPECT_EQ(test_.intake.count(), 1U);
  EXPECT_EQ(send({.target = "/1/upload?dryRun=1", .body = "x"}).body, kMalformed);
  EXPECT_EQ(test_.intake.count(), 1U);
}

TEST_F(ClevertapEndpoint, CredentialsAreCheckedWithTheVendorsTexts) {
  const auto answer = [](std::string_view error) {
    return R"({"status":"fail","error":")" + std::string(error) + R"(","code":401})";
  };
  const TestRequest bare{.target = "/1/upload", .body = batch_of(kGood)};
  EXPECT_EQ(test_.send(*endpoint_, bare).body, answer("12 digit account ID mandatory"));
  TestRequest unknown = bare;
  unknown.headers = {{"X-CleverTap-Account-Id", "fake-id"}, {"X-CleverTap-Passcode", "P 1"}};
  const http::Reply reply = test_.send(*endpoint_, unknown);
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.body, answer("Account ID is not valid"));
  EXPECT_EQ(send(bare, "P 2").body, answer("Passcode Invalid"));
  EXPECT_EQ(send(bare, "").body, answer("Passcode Invalid"));
  EXPECT_EQ(test_.intake.count(), 0U);
}

TEST_F(ClevertapEndpoint, SeveralPasscodesAreGoodAtOnce) {
  registry::CredentialInput second;
  second.clevertap_account_id = "ACC-1";
  second.clevertap_passcode = "P 2";
  ASSERT_TRUE(test_.edge.registry.add_credentials("shop", second));
  const TestRequest request{.target = "/1/upload", .body = batch_of(kGood)};
  EXPECT_EQ(send(request, "P 1").status, 200);
  EXPECT_EQ(send(request, "P 2").status, 200);
}

TEST_F(ClevertapEndpoint, MalformedRequestsAre400AndKept) {
  const http::Reply reply = send({.target = "/1/upload", .body = "{\"d\":[ // time\n]}"});
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.body, kMalformed);
  EXPECT_EQ(header_of(reply, "X-Catchment-Error"),
            "a comment, which JSON does not have, at byte 7");
  ASSERT_EQ(test_.intake.count(), 1U);
  EXPECT_EQ(test_.intake.at(0).kind, event::RecordKind::kRefused);
  EXPECT_EQ(decode_last().rejections.at(0).code, "malformed_request");
  EXPECT_EQ(decode_last().rejections.at(0).reason,
            "a comment, which JSON does not have, at byte 7");
}

TEST_F(ClevertapEndpoint, EmptyBodyIs400AndLeavesNothing) {
  EXPECT_EQ(send({.target = "/1/upload"}).body, kMalformed);
  EXPECT_EQ(test_.intake.count(), 0U);
}

std::string many_records(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    out += (i > 0 ? "," : "") + std::string(kGood);
  }
  return out;
}

TEST_F(ClevertapEndpoint, MoreThanAThousandRecordsAre400UnlessLenient) {
  const http::Reply reply = upload(many_records(1001));
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.body, kMalformed);
  EXPECT_EQ(header_of(reply, "X-Catchment-Error"),
            "1001 records, at most 1000 are allowed in one request");
  EXPECT_EQ(decode_last().rejections.at(0).code, "too_many_records");
  test_.set("limits", "lenient");
  EXPECT_EQ(upload(many_records(1001)).body,
            R"({"status":"success","processed":1001,"unprocessed":[]})");
  EXPECT_EQ(decode_last().events.size(), 1001U);
}

std::string named(const std::string& name) {
  return R"({"type":"event","evtName":")" + name + R"(","identity":"u","evtData":{}})";
}

TEST_F(ClevertapEndpoint, The513thEventTypeIsRefusedAlsoByTheLoader) {
  for (int i = 0; i < 511; ++i) {
    test_.edge.names.observe("shop", event::Api::kClevertap, "type " + std::to_string(i));
  }
  const std::string batch =
      named("type 7") + "," + named("A") + "," + named("B") + "," + named("A");
  const http::Reply dry = upload(batch, "?dryRun=1");
  const http::Reply reply = upload(batch);
  EXPECT_EQ(dry.body, reply.body);
  EXPECT_TRUE(reply.body.starts_with(
      R"({"status":"partial","processed":3,"unprocessed":[{"status":"fail","code":512,"error":)"
      R"("Event structure is incorrect. ErrorCode: 512 - event type \"B\" would be number 513)"))
      << reply.body;
  EXPECT_EQ(decode_last().events.size(), 3U);
  EXPECT_EQ(decode_last().rejections.size(), 1U);
  EXPECT_EQ(upload(named("B")).body.substr(0, 16), R"({"status":"fail")");
  test_.set("limits", "lenient");
  EXPECT_EQ(upload(named("B")).body, kAllGood);
  EXPECT_NE(decode_last().events.at(0).limit_errors.find("would be number 513"), std::string::npos);
}

TEST_F(ClevertapEndpoint, IdempotencyKeyRepeatsTheAnswer) {
  const Headers key = {{"Idempotency-Key", "k1"}};
  const http::Reply first = upload(kGood, "", key);
  const http::Reply again = upload(kGood, "", key);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(header_of(again, "X-Catchment-Position"), "1");
  EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
  EXPECT_EQ(test_.intake.count(), 1U);
  EXPECT_EQ(test_.intake.at(0).note("idempotency_key"), "k1");
  EXPECT_EQ(test_.intake.at(0).note("idempotency_answer"), first.body);
  EXPECT_EQ(upload(kGood, "", {{"Idempotency-Key", "k2"}}).status, 200);
  EXPECT_EQ(test_.intake.count(), 2U);
}

TEST_F(ClevertapEndpoint, WithoutAKeyEqualRequestsAreBothStored) {
  EXPECT_EQ(upload(kGood).body, kAllGood);
  EXPECT_EQ(upload(kGood).body, kAllGood);
  EXPECT_EQ(test_.intake.count(), 2U);
}

TEST_F(ClevertapEndpoint, JournalThatFailsIs503AndFreesTheKey) {
  const Headers key = {{"Idempotency-Key", "k1"}};
  test_.intake.failure = base::fail(base::Code::kUnavailable, "disk full");
  const http::Reply refused = upload(kGood, "", key);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.body,
            R"({"status":"fail","error":"Service unavailable, please retry later","code":503})");
  EXPECT_EQ(header_of(refused, "Retry-After"), "5");
  test_.intake.failure = base::fail(base::Code::kTooLarge, "record");
  EXPECT_EQ(upload(kGood, "", key).status, 413);
  test_.intake.failure.reset();
  EXPECT_EQ(upload(kGood, "", key).body, kAllGood);
}

TEST_F(ClevertapEndpoint, ARequestThatFailsHalfWayFreesTheKey) {
  const Headers key = {{"Idempotency-Key", "k1"}};
  test_.intake.throws = true;
  EXPECT_THROW(upload(kGood, "", key), std::bad_alloc);
  test_.intake.throws = false;
  EXPECT_EQ(upload(kGood, "", key).status, 200);
}

TEST_F(ClevertapEndpoint, TroubleIsAnsweredInTheApisLanguage) {
  const auto with = [this](http::Trouble trouble) {
    return send({.target = "/1/upload", .trouble = trouble});
  };
  EXPECT_EQ(with(http::Trouble::kBodyTooLarge).body,
            R"({"status":"fail","error":"Request body is larger than 7 MB","code":413})");
  EXPECT_EQ(with(http::Trouble::kBodyTimeout).status, 408);
  EXPECT_EQ(with(http::Trouble::kOverloaded).status, 503);
  const TestRequest nobody{.target = "/1/upload", .trouble = http::Trouble::kBodyTooLarge};
  EXPECT_EQ(test_.send(*endpoint_, nobody).status, 401);
}

TEST_F(ClevertapEndpoint, OtherMethodsAre405) {
  const http::Reply reply = send({.method = "GET", .target = "/1/upload"});
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.body, R"({"status":"fail","error":"Method Not Allowed","code":405})");
  EXPECT_EQ(header_of(reply, "Allow"), "POST, OPTIONS");
}

TEST_F(ClevertapEndpoint, AllowedOriginsAreAnsweredAlsoOnErrors) {
  test_.set("cors_origins", "https://shop.example");
  const Headers origin = {{"Origin", "https://shop.example"},
                          {"Access-Control-Request-Headers", "x-clevertap-passcode"}};
  const http::Reply preflight =
      test_.send(*endpoint_, {.method = "OPTIONS", .target = "/1/upload", .headers = origin});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Origin"), "https://shop.example");
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Headers"), "x-clevertap-passcode");
  const TestRequest nobody{.target = "/1/upload", .headers = origin};
  EXPECT_EQ(header_of(test_.send(*endpoint_, nobody), "Access-Control-Allow-Origin"),
            "https://shop.example");
  EXPECT_EQ(header_of(upload(kGood, "", {{"Origin", "https://other.example"}}),
                      "Access-Control-Allow-Origin"),
            "(none)");
}

TEST_F(ClevertapEndpoint, CompressedBodiesAreRead) {
  const http::Reply reply = send({.target = "/1/upload",
                                  .headers = {{"Content-Encoding", "gzip"}},
                                  .body = codec::gzip(batch_of(kGood))});
  EXPECT_EQ(reply.body, kAllGood);
  EXPECT_EQ(decode_last().events.size(), 1U);
}

TEST(InFlight, PlacesAreLimitedPerApplication) {
  InFlight in_flight;
  InFlight::Place first = in_flight.enter("a", 1);
  EXPECT_TRUE(first);
  EXPECT_FALSE(in_flight.enter("a", 1));
  EXPECT_TRUE(in_flight.enter("b", 1));
  EXPECT_TRUE(in_flight.enter("a", 0));
  first.reset();
  EXPECT_TRUE(in_flight.enter("a", 1));
}

/// Keeps what it is asked to store until it is told to answer.
class SlowIntake final : public Intake {
 public:
  void append(const event::Record&,
              std::function<void(base::Result<event::Position>)> done) override {
    waiting_.push_back(std::move(done));
  }
  void finish_all() {
    for (const auto& done : waiting_) {
      done(event::Position{1});
    }
    waiting_.clear();
  }

 private:
  std::vector<std::function<void(base::Result<event::Position>)>> waiting_;
};

class ClevertapWaiting : public ClevertapEndpoint {
 protected:
  /// Sends without waiting; `status` is set when the answer comes.
  void begin(int& status, const Headers& more = {}) {
    http::Request request;
    request.method = "POST";
    request.headers = {{"X-CleverTap-Account-Id", "ACC-1"}, {"X-CleverTap-Passcode", "P 1"}};
    for (const auto& [name, value] : more) {
      request.headers.emplace_back(name, value);
    }
    request.body = body_;
    endpoint_->handle(
        request, http::Responder([&status](const http::Reply& reply) { status = reply.status; }));
  }
  void SetUp() override { endpoint_ = make_endpoint(edge_); }

  const std::string body_ = batch_of(kGood);
  SlowIntake slow_;
  Edge edge_{slow_,          test_.edge.registry, test_.edge.clock,
             test_.edge.log, test_.edge.names,    test_.edge.idempotency};
};

TEST_F(ClevertapWaiting, TooManyRequestsAtOnceAre429) {
  test_.set("requests_in_flight_max", "1");
  int first_status = 0;
  begin(first_status);
  const http::Reply second = upload(kGood);
  EXPECT_EQ(second.status, 429);
  EXPECT_EQ(second.body, R"({"status":"fail","error":"Too many concurrent requests","code":429})");
  EXPECT_EQ(header_of(second, "Retry-After"), "1");
  slow_.finish_all();
  EXPECT_EQ(first_status, 200);
  int third_status = 0;
  begin(third_status);
  slow_.finish_all();
  EXPECT_EQ(third_status, 200);
}

TEST_F(ClevertapWaiting, KeyThatIsUnderWayIs409) {
  int first_status = 0;
  begin(first_status, {{"Idempotency-Key", "k"}});
  EXPECT_EQ(upload(kGood, "", {{"Idempotency-Key", "k"}}).status, 409);
  slow_.finish_all();
  EXPECT_EQ(first_status, 200);
}

}  // namespace
}  // namespace api::clevertap
