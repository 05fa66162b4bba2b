#include "api/mobile_analytics/kpi_endpoint.h"

#include "api/sigv4/presented.h"
#include "api/test_edge.h"
#include "codec/hash.h"
#include "query/test_kpis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace api::mobile_analytics {
namespace {

using testing::HasSubstr;

registry::CredentialInput credentials(const char* app_id, const char* key) {
  registry::CredentialInput input;
  input.mobile_analytics_app_id = app_id;
  input.aws_access_key_id = key;
  input.aws_secret_access_key = "secret";
  return input;
}

class KpiEndpointTest : public testing::Test {
 protected:
  void SetUp() override {
    // The other's id is what "shop" sends its events under.
    ASSERT_TRUE(edge_.edge.registry.create_app("ma-shop", {}, credentials("ma-other", "AKOTHER")));
    folder_ = testing::TempDir() + "/kpi_endpoint_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    kpis_ = std::make_unique<query::TestKpis>(folder_, edge_.clock);
    endpoint_ = make_kpi_endpoint({.clock = edge_.clock,
                                   .registry = edge_.edge.registry,
                                   .kpis = kpis_->kpis,
                                   .pool = kpis_->pool});
  }
  void TearDown() override {
    kpis_.reset();
    std::filesystem::remove_all(folder_);
  }

  http::Reply send(const TestRequest& test) {
    http::Request request;
    request.method = test.method;
    request.target = test.target;
    request.path = request.target.substr(0, request.target.find('?'));
    request.query = request.target.substr(std::min(request.path.size() + 1, request.target.size()));
    for (const auto& [key, value] : test.headers) {
      request.headers.emplace_back(key, value);
    }
    request.request_id = "0af70af70af74af78af70af70af70af7";
    request.trouble = test.trouble;
    std::promise<http::Reply> promise;
    endpoint_->handle(request, http::Responder([&promise](http::Reply reply) {
                        promise.set_value(std::move(reply));
                      }));
    return promise.get_future().get();
  }

  http::Reply get_signed(const std::string& target, const std::string& key = "AKSHOP") {
    const std::string time = sigv4::iso_basic(edge_.clock.now());
    const sigv4::Scope scope{time.substr(0, 8), "us-east-1", "mobileanalytics"};
    TestRequest request{"GET", target, {{"Host", "localhost"}, {"X-Amz-Date", time}}};
    const std::vector<std::pair<std::string_view, std::string_view>> headers(
        request.headers.begin(), request.headers.end());
    const std::size_t question = std::min(target.find('?'), target.size());
    const std::string canonical = *sigv4::canonical_request(
        {"GET", target.substr(0, question), target.substr(std::min(question + 1, target.size())),
         headers, ""},
        {"host", "x-amz-date"}, codec::to_hex(codec::sha256("")));
    const std::string signature = sigv4::signature(sigv4::signing_key("secret", scope),
                                                   sigv4::string_to_sign(time, scope, canonical));
    request.headers.emplace_back(
        "Authorization", "AWS4-HMAC-SHA256 Credential=" + key + "/" + sigv4::to_text(scope) +
                             ", SignedHeaders=host;x-amz-date, Signature=" + signature);
    return send(request);
  }

  http::Reply get_with_token(const std::string& target, const std::string& app_id) {
    const auto token = edge_.edge.registry.create_token(registry::Role::kAnalyst, app_id);
    return send({"GET", target, {{"Authorization", "Bearer " + *token}}});
  }

  TestEdge edge_{"kpi_endpoint", credentials("ma-shop", "AKSHOP")};
  std::string folder_;
  std::unique_ptr<http::Handler> endpoint_;
  std::unique_ptr<query::TestKpis> kpis_;
};

TEST_F(KpiEndpointTest, AnApplicationsKeyReadsItsKpisUnderEitherId) {
  for (const char* target :
       {"/2016-07-01/apps/ma-shop/kpis/dau/count", "/2016-07-01/apps/shop/kpis/dau/count",
        "/kpis/dau/count?app-id=shop", "/events/level%20up/count?app-id=ma-shop&format=json",
        "/2016-07-01/apps/ma-shop/events/a%2Fb/sum?metric=Score&start-date=2023-11-01"}) {
    const http::Reply reply = get_signed(target);
    EXPECT_EQ(reply.status, 200) << target << reply.body;
    EXPECT_EQ(header_of(reply, "x-amzn-RequestId"), "0af70af7-0af7-4af7-8af7-0af70af70af7");
  }
  EXPECT_THAT(get_signed("/2016-07-01/apps/ma-shop/kpis/dau/count").body,
              HasSubstr(R"("app_id":"ma-shop")"));
}

TEST_F(KpiEndpointTest, AnotherApplicationIsDeniedInTheWordsOfIam) {
  const http::Reply reply = get_signed("/2016-07-01/apps/ma-other/kpis/dau/count");
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(header_of(reply, "x-amzn-ErrorType"), "AccessDeniedException");
  EXPECT_THAT(reply.body, HasSubstr("mobileanalytics:GetReports"));
  EXPECT_THAT(get_signed("/2016-07-01/apps/ma-other/kpis/daily-revenue/sum").body,
              HasSubstr("mobileanalytics:GetFinancialReports"));
  EXPECT_EQ(get_signed("/2016-07-01/apps/shop/kpis/dau/count", "AKOTHER").status, 403);
  EXPECT_EQ(get_signed("/2016-07-01/apps/ma-shop/kpis/dau/count", "AKOTHER").status, 200)
      << "the caller's own application has that id";
}

TEST_F(KpiEndpointTest, AnApplicationMayLetItsKeysOnlySend) {
  edge_.set("keys_read_kpis", "false");
  EXPECT_EQ(get_signed("/2016-07-01/apps/ma-shop/kpis/dau/count").status, 403);
  EXPECT_EQ(get_with_token("/2016-07-01/apps/ma-shop/kpis/dau/count", "shop").status, 200);
}

TEST_F(KpiEndpointTest, ATokenReadsAllApplicationsOrItsOwn) {
  EXPECT_EQ(get_with_token("/2016-07-01/apps/ma-shop/kpis/dau/count", "").status, 200);
  EXPECT_EQ(get_with_token("/2016-07-01/apps/shop/kpis/dau/count", "shop").status, 200);
  EXPECT_EQ(get_with_token("/2016-07-01/apps/ma-other/kpis/dau/count", "shop").status, 403);
  const http::Reply unknown = send({"GET", "/kpis/dau/count", {{"Authorization", "Bearer none"}}});
  EXPECT_EQ(unknown.status, 403);
  EXPECT_EQ(header_of(unknown, "x-amzn-ErrorType"), "UnrecognizedClientException");
}

TEST_F(KpiEndpointTest, WithoutCredentialsNothingIsSaid) {
  for (const char* target : {"/2016-07-01/apps/none/kpis/none/count", "/kpis/dau/count"}) {
    const http::Reply reply = send({"GET", target, {{"Host", "localhost"}}});
    EXPECT_EQ(reply.status, 403);
    EXPECT_EQ(header_of(reply, "x-amzn-ErrorType"), "MissingAuthenticationTokenException");
  }
}

TEST_F(KpiEndpointTest, WrongQuestionsNameWhatIsWrong) {
  const auto expect = [this](const std::string& target, int status, const std::string& names) {
    const http::Reply reply = get_signed(target);
    EXPECT_EQ(reply.status, status) << target;
    EXPECT_EQ(header_of(reply, "x-amzn-ErrorType"),
              status == 404 ? "NotFoundException" : "BadRequestException");
    EXPECT_THAT(reply.body, HasSubstr(names)) << target;
  };
  const std::string app = "/2016-07-01/apps/ma-shop";
  expect("/2016-07-01/apps/none/kpis/dau/count", 404, R"(\"none\")");
  expect(app + "/kpis/none/count", 404, "/kpis/none/count");
  expect(app + "/kpis/dau", 404, "/kpis/dau");
  expect(app, 404, "");
  expect("/kpis/dau/count?app-id=none", 404, R"(\"none\")");
  expect("/kpis/dau/count", 400, "app-id");
  expect("/kpis/dau/count?app-id=shop&app-id=shop", 400, "app-id");
  expect(app + "/kpis/dau/count?app-id=shop", 400, "app-id");
  expect(app + "/kpis/dau/count?start-date=soon", 400, "start-date");
  expect(app + "/kpis/dau/count?colour=red", 400, "colour");
  expect(app + "/kpis/dau/count?start-date=2020-01-01&end-date=2023-01-01", 400, "start-date");
  expect(app + "/events/level/sum", 400, "metric");
}

TEST_F(KpiEndpointTest, WhatIsNotLoadedYetAndTooManyQuestionsArePushedBack) {
  const std::string target = "/2016-07-01/apps/ma-shop/kpis/dau/count?not_before=";
  EXPECT_EQ(get_signed(target + "7").status, 200);
  const http::Reply early = get_signed(target + "8");
  EXPECT_EQ(early.status, 503);
  EXPECT_EQ(header_of(early, "x-amzn-ErrorType"), "ServiceUnavailableException");
  EXPECT_EQ(header_of(early, "x-amzn-RequestId"), "0af70af7-0af7-4af7-8af7-0af70af70af7");

  query::WorkerPool full{0, 0};
  endpoint_ = make_kpi_endpoint(
      {.clock = edge_.clock, .registry = edge_.edge.registry, .kpis = kpis_->kpis, .pool = full});
  const http::Reply busy = get_signed(target + "7");
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(header_of(busy, "Retry-After"), "1");
}

TEST_F(KpiEndpointTest, OtherMethodsAreRefused) {
  for (const char* method : {"HEAD", "POST", "PUT", "DELETE", "OPTIONS"}) {
    const http::Reply reply = send({method, "/kpis/dau/count", {}});
    EXPECT_EQ(reply.status, 405) << method;
    EXPECT_EQ(header_of(reply, "Allow"), "GET");
  }
}

}  // namespace
}  // namespace api::mobile_analytics
