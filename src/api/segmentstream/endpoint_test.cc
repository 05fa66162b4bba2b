#include "api/segmentstream/endpoint.h"

#include "api/segmentstream/decode.h"
#include "api/test_edge.h"
#include "codec/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace api::segmentstream {
namespace {

using testing::HasSubstr;

constexpr const char* kHit = R"({"event":{"name":"Lead","user":{"userId":"u"}}})";

registry::CredentialInput credentials() {
  registry::CredentialInput input;
  input.api_token = "abc123";
  input.segmentstream_project_id = "proj";
  return input;
}

class SegmentstreamEndpoint : public testing::Test {
 protected:
  http::Reply track(const std::string& body, const std::string& user = "abc123:") {
    return test_.send(*endpoint_, {.target = "/track",
                                   .headers = {{"Authorization", basic(user)},
                                               {"Content-Type", "application/json"}},
                                   .body = body});
  }
  static std::string basic(const std::string& user) {
    return "Basic " + codec::encode_base64(user);
  }
  event::Decoded decode_last() { return decode(test_.intake.at(test_.intake.count() - 1)); }

  TestEdge test_{"segmentstream", credentials()};
  std::unique_ptr<http::Handler> endpoint_ = make_endpoint(test_.edge);
};

TEST_F(SegmentstreamEndpoint, AcceptedHitIsAnEmpty204) {
  const http::Reply reply = track(kHit);
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(header_of(reply, "X-Catchment-Position"), "1");
  EXPECT_EQ(test_.intake.at(0).app_id, "shop");
  EXPECT_EQ(decode_last().events.at(0).event_name, "Lead");
}

TEST_F(SegmentstreamEndpoint, EmptyBodyIsRefusedAndThereIsNothingToKeep) {
  const http::Reply reply = track("");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr("the body is empty"));
  EXPECT_EQ(test_.intake.count(), 0U);
}

TEST_F(SegmentstreamEndpoint, DocumentedHeaderIsTheToken) {
  const TestRequest request{.target = "/track",
                            .headers = {{"authorization", "Basic YWJjMTIzOg=="},
                                        {"content-type", "application/json; charset=utf-8"}},
                            .body = kHit};
  EXPECT_EQ(test_.send(*endpoint_, request).status, 204);
}

TEST_F(SegmentstreamEndpoint, TokenCountsWithOrWithoutColonAndAnyPassword) {
  EXPECT_EQ(track(kHit, "abc123").status, 204);
  EXPECT_EQ(track(kHit, "abc123:password").status, 204);
  EXPECT_EQ(track(kHit, "abc123:pass:word").status, 204);
}

TEST_F(SegmentstreamEndpoint, WrongOrMissingTokenIs401AndNothingIsKept) {
  for (const char* user : {"abc124:", "", ":abc123", "proj:"}) {
    EXPECT_EQ(track(kHit, user).status, 401) << user;
  }
  const http::Reply reply = test_.send(*endpoint_, {.target = "/track", .body = "{"});
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(header_of(reply, "WWW-Authenticate"), "Basic realm=\"track\"");
  EXPECT_THAT(reply.body, HasSubstr(R"("code":"unauthorized")"));
  const TestRequest bearer{.target = "/track", .headers = {{"Authorization", "Bearer abc123"}}};
  EXPECT_EQ(test_.send(*endpoint_, bearer).status, 401);
  EXPECT_EQ(test_.intake.count(), 0U);
}

TEST_F(SegmentstreamEndpoint, BrowserGetsNoLoginWindow) {
  const http::Reply reply =
      test_.send(*endpoint_, {.target = "/track", .headers = {{"Origin", "https://a.example"}}});
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(header_of(reply, "WWW-Authenticate"), "(none)");
}

TEST_F(SegmentstreamEndpoint, BadContentIs400AndKept) {
  const http::Reply reply = track(R"({"event": {"name": "Registered", )");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(header_of(reply, "Content-Type"), "application/json");
  EXPECT_THAT(reply.body, HasSubstr(R"("code":"invalid_json")"));
  EXPECT_THAT(reply.body, HasSubstr(R"("message":")"));
  ASSERT_EQ(test_.intake.count(), 1U);
  EXPECT_EQ(test_.intake.at(0).kind, event::RecordKind::kRefused);
  EXPECT_EQ(decode_last().rejections.at(0).code, "invalid_json");
  EXPECT_EQ(track(R"({"userId":"u"})").status, 400);
  EXPECT_EQ(track(std::string(65'537, ' ')).status, 400);
  EXPECT_EQ(test_.intake.count(), 3U);
}

TEST_F(SegmentstreamEndpoint, BodyThatWasNotReadIs400WithItsReason) {
  const http::Reply reply =
      test_.send(*endpoint_, {.target = "/track",
                              .headers = {{"Authorization", basic("abc123:")}},
                              .trouble = http::Trouble::kBodyTooLarge});
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(decode_last().rejections.at(0).code, "too_large");
}

TEST_F(SegmentstreamEndpoint, OtherContentTypesAreRefusedUnlessTheAppTakesThem) {
  TestRequest request{
      .target = "/track", .headers = {{"Authorization", basic("abc123:")}}, .body = kHit};
  EXPECT_EQ(test_.send(*endpoint_, request).status, 400);
  request.headers.emplace_back("Content-Type", "text/plain");
  EXPECT_EQ(test_.send(*endpoint_, request).status, 400);
  EXPECT_EQ(decode_last().rejections.at(0).code, "invalid_content_type");
  test_.set("any_content_type", "true");
  EXPECT_EQ(test_.send(*endpoint_, request).status, 204);
}

TEST_F(SegmentstreamEndpoint, OtherMethodsAre405AndPreflightIs204) {
  test_.set("cors_origins", "https://a.example");
  const http::Reply get = test_.send(*endpoint_, {.method = "GET", .target = "/track"});
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(header_of(get, "Allow"), "POST, OPTIONS");
  const http::Reply preflight = test_.send(
      *endpoint_, {.method = "OPTIONS",
                   .target = "/track",
                   .headers = {{"Origin", "https://a.example"},
                               {"Access-Control-Request-Headers", "authorization,content-type"}}});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Origin"), "https://a.example");
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Headers"), "authorization,content-type");
  EXPECT_EQ(header_of(preflight, "Access-Control-Max-Age"), "86400");
}

TEST_F(SegmentstreamEndpoint, JournalFailureIs503) {
  test_.intake.failure = base::fail(base::Code::kUnavailable, "disk is full");
  const http::Reply reply = track(kHit);
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(header_of(reply, "Retry-After"), "5");
  EXPECT_THAT(reply.body, HasSubstr(R"("code":"unavailable")"));
}

/// Answers /collect with take_collect(), 403 when it does not take the request.
class CollectHandler final : public http::Handler {
 public:
  explicit CollectHandler(Edge& edge) : edge_(edge) {}
  void handle(const http::Request& request, http::Responder respond) override {
    if (!take_collect(edge_, request, respond)) {
      http::Reply reply;
      reply.status = 403;
      respond(std::move(reply));
    }
  }

 private:
  Edge& edge_;
};

TEST_F(SegmentstreamEndpoint, HitOfTheBrowserSdkNeedsOnlyItsProject) {
  test_.set("cors_origins", "*");
  CollectHandler collect(test_.edge);
  const std::string body =
      R"({"event":{"name":"Viewed Page"},"projectId":"proj","anonymousId":"a","hitId":"h"})";
  const http::Reply reply = test_.send(
      collect,
      {.target = "/collect",
       .headers = {{"Content-Type", "text/plain;charset=UTF-8"}, {"Origin", "https://a.example"}},
       .body = body});
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(header_of(reply, "Access-Control-Allow-Origin"), "https://a.example");
  EXPECT_EQ(header_of(reply, "Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(test_.intake.at(0).api, event::Api::kSegmentstream);
  EXPECT_EQ(decode_last().events.at(0).event_id, "h");
}

TEST_F(SegmentstreamEndpoint, OtherBodiesAreNotTaken) {
  CollectHandler collect(test_.edge);
  for (const char* body : {"", "[]", "{", R"({"event":{},"projectId":"gone","anonymousId":"a"})",
                           R"({"projectId":"proj","anonymousId":"a"})", R"({"event":{}})"}) {
    EXPECT_EQ(test_.send(collect, {.target = "/collect", .body = body}).status, 403) << body;
  }
  EXPECT_EQ(test_.intake.count(), 0U);
  const std::string nobody = R"({"event":{},"projectId":"proj"})";
  EXPECT_EQ(test_.send(collect, {.target = "/collect", .body = nobody}).status, 400);
  EXPECT_EQ(decode_last().rejections.at(0).code, "missing_user");
}

}  // namespace
}  // namespace api::segmentstream
