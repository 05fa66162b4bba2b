#include "api/mobile_analytics/endpoint.h"

#include "api/mobile_analytics/decode.h"
#include "api/mobile_analytics/test_record.h"
#include "api/sigv4/presented.h"
#include "api/test_edge.h"
#include "codec/compression.h"
#include "codec/hash.h"
#include "codec/text.h"
#include "json/value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace api::mobile_analytics {
namespace {

using testing::HasSubstr;

registry::CredentialInput credentials(const char* app_id, const char* key, const char* secret) {
  registry::CredentialInput input;
  input.mobile_analytics_app_id = app_id;
  input.aws_access_key_id = key;
  input.aws_secret_access_key = secret;
  return input;
}

/// A request as the guide writes it; sign() is called last.
class Put {
 public:
  explicit Put(base::Time now) : now_(now) {
    request.target = "/2014-06-05/events";
    request.body = batch_of({std::string(kGuideEvent)});
    request.headers = {{"Host", "localhost:8080"},
                       {"X-Amz-Date", sigv4::iso_basic(now)},
                       {"x-amz-Client-Context", std::string(kGuideContext)},
                       {"Content-Type", "application/json"}};
  }

  Put& body(std::string text) {
    request.body = std::move(text);
    return *this;
  }
  Put& header(const std::string& name, std::string value) {
    for (auto& [key, old] : request.headers) {
      if (sigv4::equal_ignoring_case(key, name)) {
        old = std::move(value);
        return *this;
      }
    }
    request.headers.emplace_back(name, std::move(value));
    return *this;
  }
  Put& context(std::string text) { return header("x-amz-Client-Context", std::move(text)); }

  Put& sign(const std::string& secret = "secret", const std::string& key = "AK") {
    const sigv4::Scope scope{sigv4::iso_basic(now_).substr(0, 8), "eu-west-1", "mobileanalytics"};
    std::vector<std::string> names;
    std::string list;
    for (const auto& [name, value] : request.headers) {
      std::string lower;
      for (const char c : name) {
        lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      }
      list += (list.empty() ? "" : ";") + lower;
      names.push_back(std::move(lower));
    }
    const std::vector<std::pair<std::string_view, std::string_view>> views(request.headers.begin(),
                                                                           request.headers.end());
    const std::string canonical =
        *sigv4::canonical_request({request.method, request.target, "", views, request.body}, names,
                                  codec::to_hex(codec::sha256(request.body)));
    const std::string signature =
        sigv4::signature(sigv4::signing_key(secret, scope),
                         sigv4::string_to_sign(sigv4::iso_basic(now_), scope, canonical));
    return header("Authorization", "AWS4-HMAC-SHA256 Credential=" + key + "/" +
                                       sigv4::to_text(scope) + ", SignedHeaders=" + list +
                                       ", Signature=" + signature);
  }

  TestRequest request;

 private:
  base::Time now_;
};

class MobileAnalyticsEndpoint : public testing::Test {
 protected:
  Put put() { return Put(test_.clock.now()); }
  http::Reply send(const Put& put) { return test_.send(*endpoint_, put.request); }
  event::Decoded decode_last() { return decode(test_.intake.at(test_.intake.count() - 1)); }

  /// The error type, after checking that header and body agree.
  static std::string type_of(const http::Reply& reply) {
    const base::Result<json::Document> body = json::Document::parse(reply.body);
    EXPECT_TRUE(body) << reply.body;
    EXPECT_EQ(body ? json::to_text(body->root()["__type"]) : "",
              header_of(reply, "x-amzn-ErrorType"));
    EXPECT_EQ(header_of(reply, "Content-Type"), "application/json");
    return header_of(reply, "x-amzn-ErrorType");
  }

  TestEdge test_{"mobile_analytics", credentials("ma-1", "AK", "secret")};
  std::unique_ptr<http::Handler> endpoint_ = make_endpoint(test_.edge);
};

TEST_F(MobileAnalyticsEndpoint, ARowNamesTheKeyThatSigned) {
  send(put().sign());
  EXPECT_EQ(decode_last().events.at(0).access_key_id, "AK");
}

TEST_F(MobileAnalyticsEndpoint, AStoredBatchIsA202WithoutABody) {
  const http::Reply reply = send(put().sign());
  EXPECT_EQ(reply.status, 202) << reply.body;
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(header_of(reply, "Content-Type"), "application/json");
  EXPECT_EQ(header_of(reply, "x-amzn-RequestId"), "0af70af7-0af7-4af7-8af7-0af70af70af7");
  EXPECT_EQ(header_of(reply, "X-Catchment-Position"), "1");
  ASSERT_EQ(test_.intake.count(), 1U);
  EXPECT_EQ(test_.intake.at(0).app_id, "shop");
  EXPECT_EQ(test_.intake.at(0).header("authorization"), "");
  EXPECT_EQ(decode_last().events.at(0).event_name, "LevelComplete");
}

TEST_F(MobileAnalyticsEndpoint, WithoutASignatureTheAnswerIs403InTheWordsOfAws) {
  const http::Reply reply = send(put());
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(type_of(reply), "MissingAuthenticationTokenException");
  EXPECT_THAT(reply.body, HasSubstr(R"("message":"Missing Authentication Token")"));
  EXPECT_EQ(header_of(reply, "x-amzn-RequestId"), "0af70af7-0af7-4af7-8af7-0af70af70af7");
}

TEST_F(MobileAnalyticsEndpoint, EveryKindOfBadSignatureHasItsType) {
  EXPECT_EQ(type_of(send(put().sign("guess"))), "InvalidSignatureException");
  EXPECT_EQ(type_of(send(put().sign("secret", "OTHER"))), "UnrecognizedClientException");
  EXPECT_EQ(type_of(send(put().header("Authorization", "AWS4-HMAC-SHA256 Credential=AK"))),
            "IncompleteSignatureException");
  EXPECT_EQ(type_of(send(put().header("X-Amz-Security-Token", "tok").sign())),
            "UnrecognizedClientException");
  EXPECT_EQ(type_of(send(put().sign().body("{}"))), "InvalidSignatureException");
  EXPECT_EQ(type_of(send(put().sign().context("{}"))), "InvalidSignatureException");
  EXPECT_EQ(test_.intake.count(), 0U) << "what is not authenticated is not kept";
}

TEST_F(MobileAnalyticsEndpoint, TheClockMayDifferByTheSettingAndNoMore) {
  const Put sent = put().sign();
  test_.clock.advance(std::chrono::minutes(15));
  EXPECT_EQ(send(sent).status, 202);
  test_.clock.advance(std::chrono::seconds(1));
  const http::Reply reply = send(sent);
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(type_of(reply), "InvalidSignatureException");
  EXPECT_THAT(reply.body, HasSubstr("Signature expired"));
  endpoint_ = make_endpoint(test_.edge, {.clock_skew_max = std::chrono::days(90'000)});
  EXPECT_EQ(send(sent).status, 202);
}

TEST_F(MobileAnalyticsEndpoint, PresignedQueriesAreVerifiedAndNotKept) {
  Put sent = put();
  const std::string time = sigv4::iso_basic(test_.clock.now());
  const sigv4::Scope scope{time.substr(0, 8), "us-east-1", "mobileanalytics"};
  sent.request.headers = {{"Host", "h"}, {"x-amz-client-context", std::string(kGuideContext)}};
  const std::string query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" +
                            codec::encode_percent("AK/" + sigv4::to_text(scope), false) +
                            "&X-Amz-Date=" + time +
                            "&X-Amz-SignedHeaders=host%3Bx-amz-client-context";
  const std::vector<std::pair<std::string_view, std::string_view>> views(
      sent.request.headers.begin(), sent.request.headers.end());
  const std::string canonical = *sigv4::canonical_request(
      {"POST", "/2014-06-05/events", query, views, sent.request.body},
      {"host", "x-amz-client-context"}, codec::to_hex(codec::sha256(sent.request.body)));
  sent.request.target = "/2014-06-05/events?" + query + "&X-Amz-Signature=" +
                        sigv4::signature(sigv4::signing_key("secret", scope),
                                         sigv4::string_to_sign(time, scope, canonical));
  EXPECT_EQ(send(sent).status, 202);
  EXPECT_EQ(test_.intake.at(0).target, "/2014-06-05/events");
  // A header that is no signature changes nothing.
  sent.request.headers.emplace_back("Authorization", "Bearer of-somebody");
  EXPECT_EQ(send(sent).status, 202);
  EXPECT_EQ(test_.intake.at(1).target, "/2014-06-05/events");
}

TEST_F(MobileAnalyticsEndpoint, AKeyOfAnotherAppIsDenied) {
  ASSERT_TRUE(test_.edge.registry.create_app("other", {}, credentials("ma-2", "AK2", "secret2")));
  for (const char* const app_id : {"ma-2", "nobody"}) {
    const http::Reply reply = send(put().context(with(kGuideContext, "ma-1", app_id)).sign());
    EXPECT_EQ(reply.status, 403);
    EXPECT_EQ(type_of(reply), "AccessDeniedException");
    EXPECT_THAT(reply.body,
                HasSubstr("is not authorized to perform: mobileanalytics:PutEvents on resource: "
                          "arn:aws:mobileanalytics:us-east-1:"));
  }
  EXPECT_EQ(send(put().sign("secret2", "AK2")).status, 403);
  EXPECT_EQ(test_.intake.count(), 0U);
}

TEST_F(MobileAnalyticsEndpoint, AnAppIdThatIsNoTextIsABadContextAndNotAnotherApp) {
  const http::Reply reply = send(put().context(with(kGuideContext, "\"ma-1\"", "7")).sign());
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(type_of(reply), "BadRequestException");
  EXPECT_THAT(reply.body, HasSubstr("services.mobile_analytics.app_id must be a string"));
  EXPECT_EQ(test_.intake.count(), 1U);
}

TEST_F(MobileAnalyticsEndpoint, AnyContentTypeIsRead) {
  for (const char* const type : {"application/x-amz-json-1.0", "application/x-amz-json-1.1",
                                 "application/x-amz-json-", "text/plain;charset=UTF-8", ""}) {
    EXPECT_EQ(send(put().header("Content-Type", type).sign()).status, 202) << type;
  }
}

TEST_F(MobileAnalyticsEndpoint, AndroidSignsItsGzipAndSendsBase64) {
  const std::string body =
      codec::gzip(batch_of({R"({"eventType":"a","timestamp":"2014-06-30T19:07:47.885Z",)"
                            R"("session":{"startTimestamp":"1970-01-01T00:00:00.000Z"}})"}));
  const http::Reply reply =
      send(put()
               .body(body)
               .context(codec::encode_base64(kGuideContext))
               .header("x-amz-Client-Context-Encoding", "base64")
               .header("x-amzn-ClientSDKVersion", "AmazonMobileAnalyticsSDK-2.2.0")
               .header("Content-Encoding", "gzip")
               .header("Content-Type", "application/x-amz-json-1.0")
               .header("User-Agent", "aws-sdk-android/2.2.0 Linux/3.4 Dalvik/2.1.0 en_US")
               .sign());
  EXPECT_EQ(reply.status, 202) << reply.body;
  const event::Event row = decode_last().events.at(0);
  EXPECT_EQ(row.sdk_name, "aws-sdk-android");
  EXPECT_EQ(row.session_id, "");
}

TEST_F(MobileAnalyticsEndpoint, ContentIsRefusedNamingTheMemberAndKept) {
  const http::Reply reply = send(put().body(R"({"events":[{"eventType":"a"}]})").sign());
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(type_of(reply), "BadRequestException");
  EXPECT_THAT(reply.body, HasSubstr("events[0].timestamp is required"));
  ASSERT_EQ(test_.intake.count(), 1U);
  EXPECT_EQ(test_.intake.at(0).kind, event::RecordKind::kRefused);
  const event::Decoded decoded = decode_last();
  EXPECT_EQ(decoded.rejections.at(0).code, "invalid_event");
  EXPECT_EQ(decoded.rejections.at(0).record, R"({"events":[{"eventType":"a"}]})");
}

TEST_F(MobileAnalyticsEndpoint, EveryKindOfBadContentHasItsTypeAndIsKept) {
  EXPECT_EQ(type_of(send(put().body("not json").sign())), "SerializationException");
  EXPECT_EQ(type_of(send(put().body("{}").sign())), "BadRequestException");
  EXPECT_EQ(type_of(send(put().context("test").sign())), "BadRequestException");
  EXPECT_EQ(type_of(send(put().context("{}").sign())), "BadRequestException");
  EXPECT_EQ(type_of(send(put().header("Content-Encoding", "gzip").sign())), "BadRequestException");
  EXPECT_EQ(test_.intake.count(), 5U);
  EXPECT_THAT(send(put().context("test").sign()).body,
              HasSubstr("Client context is malformed or missing."));
}

TEST_F(MobileAnalyticsEndpoint, AnEmptyBodyOrListIsRefusedAndThereIsNothingToKeep) {
  EXPECT_EQ(send(put().body("").sign()).status, 400);
  EXPECT_EQ(send(put().body(R"({"events":[]})").sign()).status, 400);
  EXPECT_EQ(test_.intake.count(), 0U);
  EXPECT_EQ(
      send(put().body(R"({"events":[]})").header("User-Agent", "aws-sdk-nodejs/2.1693.0").sign())
          .status,
      202);
  EXPECT_EQ(test_.intake.count(), 0U);
}

TEST_F(MobileAnalyticsEndpoint, IosGetsContentRefusalsWithoutABody) {
  const std::string agent = "aws-sdk-iOS/2.4.16 iOS/11.2.2 en_US";
  const http::Reply reply = send(put().body("{}").header("User-Agent", agent).sign());
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(header_of(reply, "x-amzn-ErrorType"), "BadRequestException");
  EXPECT_EQ(test_.intake.count(), 1U);
  const http::Reply denied = send(put().header("User-Agent", agent).sign("guess"));
  EXPECT_EQ(type_of(denied), "InvalidSignatureException") << "only content has no body";
}

TEST_F(MobileAnalyticsEndpoint, QuarantineAcceptsTheBatchWithItsBadEvents) {
  test_.set("limits", "quarantine");
  const std::string body = batch_of({std::string(kGuideEvent), R"({"eventType":"bad"})"});
  EXPECT_EQ(send(put().body(body).sign()).status, 202);
  EXPECT_EQ(decode_last().events.size(), 1U);
  EXPECT_EQ(decode_last().rejections.size(), 1U);
  EXPECT_EQ(send(put().body("not json").sign()).status, 400);
}

TEST_F(MobileAnalyticsEndpoint, LenientStoresWhatIsTooLong) {
  const std::string body =
      batch_of({with(kGuideEvent, "\"Level1\"", "\"" + std::string(201, 'x') + "\"")});
  EXPECT_EQ(send(put().body(body).sign()).status, 400);
  test_.set("limits", "lenient");
  EXPECT_EQ(send(put().body(body).sign()).status, 202);
  EXPECT_THAT(decode_last().events.at(0).limit_errors, HasSubstr("the limit is 200"));
}

TEST_F(MobileAnalyticsEndpoint, TheTypeAfterThe1500thIsStoredAndMarkedForGood) {
  for (std::size_t i = 0; i < kCustomTypesMax; ++i) {
    test_.edge.names.observe("shop", event::Api::kMobileAnalytics, "type" + std::to_string(i));
  }
  EXPECT_EQ(send(put().sign()).status, 202);
  EXPECT_THAT(decode_last().events.at(0).limit_errors, HasSubstr("custom event types"));
  const std::string known = with(kGuideEvent, "LevelComplete", "type7");
  const std::string reserved = with(kGuideEvent, "LevelComplete", "_session.start");
  EXPECT_EQ(send(put().body(batch_of({known, reserved})).sign()).status, 202);
  EXPECT_EQ(decode_last().events.at(0).limit_errors, "");
  EXPECT_EQ(decode_last().events.at(1).limit_errors, "");
}

TEST_F(MobileAnalyticsEndpoint, MoreThan1024KbIs413AndNotKept) {
  TestRequest large = put().request;
  large.trouble = http::Trouble::kBodyTooLarge;
  const http::Reply reply = test_.send(*endpoint_, large);
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(type_of(reply), "RequestEntityTooLarge");
  EXPECT_EQ(send(put().body(std::string((1U << 20U) + 1, ' ')).sign()).status, 413);
  const std::string bomb = codec::gzip(std::string(std::size_t{8} << 20U, ' '));
  EXPECT_EQ(send(put().body(bomb).header("Content-Encoding", "gzip").sign()).status, 413);
  EXPECT_EQ(test_.intake.count(), 0U);
}

TEST_F(MobileAnalyticsEndpoint, AJournalThatFailsPushesBack) {
  test_.intake.failure = base::fail(base::Code::kUnavailable, "disk is full");
  const http::Reply reply = send(put().sign());
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(type_of(reply), "ServiceUnavailableException");
  EXPECT_NE(header_of(reply, "Retry-After"), "(none)");
  const http::Reply browser =
      send(put().header("X-Amz-User-Agent", "aws-sdk-js/2.1693.0 callback").sign());
  EXPECT_EQ(browser.status, 400);
  EXPECT_EQ(type_of(browser), "ThrottlingException");
}

TEST_F(MobileAnalyticsEndpoint, TroubleHasItsAnswer) {
  TestRequest request = put().request;
  request.trouble = http::Trouble::kOverloaded;
  EXPECT_EQ(test_.send(*endpoint_, request).status, 503);
  request.trouble = http::Trouble::kBodyTimeout;
  EXPECT_EQ(test_.send(*endpoint_, request).status, 408);
  request.trouble = http::Trouble::kNone;
  request.method = "GET";
  const http::Reply reply = test_.send(*endpoint_, request);
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(header_of(reply, "Allow"), "POST, OPTIONS");
}

TEST_F(MobileAnalyticsEndpoint, BrowsersAreAnsweredWithoutCredentials) {
  test_.set("cors_origins", "https://game.example");
  TestRequest ask{.method = "OPTIONS",
                  .target = "/2014-06-05/events",
                  .headers = {{"Origin", "https://game.example"}}};
  const http::Reply preflight = test_.send(*endpoint_, ask);
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Credentials"), "(none)");
  EXPECT_THAT(header_of(preflight, "Access-Control-Allow-Headers"),
              HasSubstr("x-amz-client-context"));
  EXPECT_EQ(header_of(preflight, "Access-Control-Max-Age"), "86400");
  const auto origin_of = [this](const Put& put) {
    return header_of(send(put), "Access-Control-Allow-Origin");
  };
  EXPECT_EQ(origin_of(put().sign().header("Origin", "https://game.example")), "*");
  EXPECT_EQ(origin_of(put().header("Origin", "https://game.example")), "*") << "errors too";
  EXPECT_EQ(origin_of(put().sign().header("Origin", "https://evil.example")), "(none)");
  EXPECT_THAT(header_of(send(put().header("Origin", "https://game.example")),
                        "Access-Control-Expose-Headers"),
              HasSubstr("x-amzn-ErrorType"));
}

}  // namespace
}  // namespace api::mobile_analytics
