#include "api/clickstream/endpoint.h"

#include "api/clickstream/decode.h"
#include "api/clickstream/test_record.h"
#include "api/test_edge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace api::clickstream {
namespace {

using testing::HasSubstr;

class ClickstreamEndpoint : public testing::Test {
 protected:
  http::Reply post(const std::string& target, const std::string& body) {
    return test_.send(*endpoint_, {.target = target, .body = body});
  }
  event::Decoded decode_last() { return decode(test_.intake.at(test_.intake.count() - 1)); }

  TestEdge test_{"clickstream"};
  std::unique_ptr<http::Handler> endpoint_ = make_endpoint(test_.edge);
};

TEST_F(ClickstreamEndpoint, StoredBatchIsAnEmpty200WithItsPosition) {
  const http::Reply reply = post("/collect?appId=shop&platform=Web", "[" + test_event() + "]");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(header_of(reply, "X-Catchment-Position"), "1");
  EXPECT_EQ(header_of(reply, "X-Catchment-Error"), "(none)");
  ASSERT_EQ(test_.intake.count(), 1U);
  EXPECT_EQ(test_.intake.at(0).app_id, "shop");
  EXPECT_EQ(test_.intake.at(0).kind, event::RecordKind::kAccepted);
  EXPECT_EQ(decode_last().events.at(0).platform, "Web");
}

TEST_F(ClickstreamEndpoint, MissingOrUnknownAppIs403AndNothingIsKept) {
  for (const char* target : {"/collect", "/collect?appId=", "/collect?appId=other"}) {
    const http::Reply reply = post(target, "[" + test_event() + "]");
    EXPECT_EQ(reply.status, 403) << target;
    EXPECT_EQ(reply.body, "");
    EXPECT_NE(header_of(reply, "X-Catchment-Error"), "(none)");
  }
  EXPECT_EQ(test_.intake.count(), 0U);
}

TEST_F(ClickstreamEndpoint, MalformedBodyIs200AndKept) {
  const http::Reply reply = post("/collect?appId=shop", "[{");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(header_of(reply, "X-Catchment-Error"), HasSubstr("1 of 1 events"));
  EXPECT_EQ(decode_last().rejections.at(0).code, "invalid_json");
}

TEST_F(ClickstreamEndpoint, EmptyBodyIs200AndNothingIsKept) {
  EXPECT_EQ(post("/collect?appId=shop", "").status, 200);
  EXPECT_EQ(test_.intake.count(), 0U);
}

TEST_F(ClickstreamEndpoint, EventOfAnUnregisteredAppIsPutAsideWithTheRegisteredOnes) {
  const http::Reply reply =
      post("/collect?appId=shop",
           R"([{"event_type":"v","event_id":"e","timestamp":1,"app_id":"gone"}])");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(header_of(reply, "X-Catchment-Error"), HasSubstr("\"gone\""));
  const event::Decoded decoded = decode_last();
  EXPECT_EQ(decoded.rejections.at(0).code, "unknown_app");
  EXPECT_THAT(decoded.rejections.at(0).reason, HasSubstr("registered are: shop"));
}

TEST_F(ClickstreamEndpoint, BodyOverOneMebibyteIs413WithCors) {
  test_.set("cors_origins", "https://a.example");
  const TestRequest large{.target = "/collect?appId=shop",
                          .headers = {{"Origin", "https://a.example"}},
                          .trouble = http::Trouble::kBodyTooLarge};
  const http::Reply reply = test_.send(*endpoint_, large);
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(header_of(reply, "Access-Control-Allow-Origin"), "https://a.example");
  EXPECT_EQ(post("/collect?appId=shop", std::string(1'048'577, ' ')).status, 413);
  EXPECT_EQ(post("/collect?appId=shop", std::string(1'048'576, ' ')).status, 200);
  EXPECT_EQ(test_.intake.count(), 1U);
}

TEST_F(ClickstreamEndpoint, UnknownAppIs403HoweverLargeTheBody) {
  EXPECT_EQ(test_
                .send(*endpoint_,
                      {.target = "/collect?appId=other", .trouble = http::Trouble::kBodyTooLarge})
                .status,
            403);
}

TEST_F(ClickstreamEndpoint, AuthenticationCookieIsAskedForWhenTheAppHasOne) {
  test_.set("auth_cookie", "token=abc");
  TestRequest request{.target = "/collect?appId=shop", .body = "[" + test_event() + "]"};
  EXPECT_EQ(test_.send(*endpoint_, request).status, 403);
  request.headers = {{"Cookie", "token=wrong"}};
  EXPECT_EQ(test_.send(*endpoint_, request).status, 403);
  request.headers = {{"Cookie", "other=1; token=abc"}};
  EXPECT_EQ(test_.send(*endpoint_, request).status, 200);
  ASSERT_EQ(test_.intake.count(), 1U);
  EXPECT_EQ(test_.intake.at(0).header("cookie"), "");
}

TEST_F(ClickstreamEndpoint, JournalFailureIs503WithRetryAfterAndCors) {
  test_.set("cors_origins", "*");
  test_.intake.failure = base::fail(base::Code::kUnavailable, "disk is full");
  const http::Reply reply = test_.send(*endpoint_, {.target = "/collect?appId=shop",
                                                    .headers = {{"Origin", "https://b.example"}},
                                                    .body = test_event()});
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(header_of(reply, "Retry-After"), "5");
  EXPECT_EQ(header_of(reply, "Access-Control-Allow-Origin"), "https://b.example");
}

TEST_F(ClickstreamEndpoint, PreflightIs204AndTouchesNoStorage) {
  test_.set("cors_origins", "https://a.example");
  const http::Reply reply = test_.send(
      *endpoint_,
      {.method = "OPTIONS",
       .target = "/collect?appId=shop",
       .headers = {{"Origin", "https://a.example"}, {"Access-Control-Request-Method", "POST"}}});
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(header_of(reply, "Access-Control-Allow-Origin"), "https://a.example");
  EXPECT_EQ(header_of(reply, "Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(header_of(reply, "Access-Control-Allow-Methods"), "GET, POST, OPTIONS");
  EXPECT_THAT(header_of(reply, "Access-Control-Allow-Headers"),
              testing::AllOf(HasSubstr("Content-Type"), HasSubstr("X-Forwarded-For")));
  EXPECT_EQ(test_.intake.count(), 0U);
}

TEST_F(ClickstreamEndpoint, PreflightFromAnotherOriginGetsNoPermission) {
  test_.set("cors_origins", "https://a.example");
  const http::Reply reply =
      test_.send(*endpoint_, {.method = "OPTIONS",
                              .target = "/collect?appId=shop",
                              .headers = {{"Origin", "https://a.example.evil.test"}}});
  EXPECT_EQ(header_of(reply, "Access-Control-Allow-Origin"), "(none)");
}

TEST_F(ClickstreamEndpoint, ForwardedAddressIsTrustedUnlessTheAppForbids) {
  const TestRequest request{.target = "/collect?appId=shop",
                            .headers = {{"X-Forwarded-For", "203.0.113.7, 10.0.0.1"}},
                            .body = test_event()};
  test_.send(*endpoint_, request);
  EXPECT_EQ(decode_last().events.at(0).ip, "203.0.113.7");
  EXPECT_EQ(decode_last().events.at(0).peer_ip, "198.51.100.9");
  test_.set("trust_forwarded_for", "false");
  test_.send(*endpoint_, request);
  EXPECT_EQ(decode_last().events.at(0).ip, "198.51.100.9");
}

TEST_F(ClickstreamEndpoint, WrongHashCodeIsRefusedAndKeptWhenTheAppAsks) {
  const std::string target = "/collect?appId=shop&hashCode=00000000";
  EXPECT_EQ(post(target, test_event()).status, 200);
  test_.set("verify_hash_code", "true");
  const http::Reply reply = post(target, test_event());
  EXPECT_EQ(reply.status, 403);
  EXPECT_THAT(header_of(reply, "X-Catchment-Error"), HasSubstr("hashCode"));
  EXPECT_EQ(test_.intake.at(1).kind, event::RecordKind::kRefused);
  EXPECT_EQ(decode_last().rejections.at(0).code, "wrong_hash_code");
  EXPECT_EQ(post("/collect?appId=shop&hashCode=4f53cda1", "[]").status, 200);
  EXPECT_EQ(post("/collect?appId=shop", test_event()).status, 200);
}

TEST_F(ClickstreamEndpoint, PostWithoutAppIsOfferedToItsOtherOwner) {
  int offered = 0;
  const auto endpoint =
      make_endpoint(test_.edge, [&](const http::Request& request, http::Responder& respond) {
        ++offered;
        if (request.body != "mine") {
          return false;
        }
        http::Reply reply;
        reply.status = 204;
        respond(std::move(reply));
        return true;
      });
  EXPECT_EQ(test_.send(*endpoint, {.target = "/collect", .body = "mine"}).status, 204);
  EXPECT_EQ(test_.send(*endpoint, {.target = "/collect", .body = "other"}).status, 403);
  EXPECT_EQ(test_.send(*endpoint, {.target = "/collect?appId=other", .body = "mine"}).status, 403);
  EXPECT_EQ(offered, 2);
}

TEST_F(ClickstreamEndpoint, QuarantineIsWrittenIntoTheRecord) {
  test_.set("limits", "quarantine");
  post("/collect?appId=shop", test_event(R"(,"attributes":{"a b":1})"));
  EXPECT_EQ(decode_last().rejections.at(0).code, "limit_exceeded");
}

TEST_F(ClickstreamEndpoint, PingIsTheTimeAsJson) {
  const std::unique_ptr<http::Handler> ping = make_ping(test_.edge);
  const http::Reply reply = test_.send(*ping, {.method = "GET", .target = "/ping?appId=shop"});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{\"timestamp\": 1700000000.123}");
  EXPECT_EQ(header_of(reply, "Content-Type"), "application/json");
  EXPECT_EQ(test_.send(*ping, {.method = "GET", .target = "/ping"}).status, 200);
  EXPECT_EQ(test_.send(*ping, {.method = "GET", .target = "/ping?appId=other"}).status, 403);
}

}  // namespace
}  // namespace api::clickstream
