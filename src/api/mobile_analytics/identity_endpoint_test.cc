#include "api/mobile_analytics/identity_endpoint.h"

#include "api/test_edge.h"
#include "base/random.h"
#include "json/value.h"

#include <gtest/gtest.h>

namespace api::mobile_analytics {
namespace {

constexpr const char* kPool = "us-east-1:11111111-2222-3333-4444-555555555555";

registry::CredentialInput key(const char* id, const char* token) {
  registry::CredentialInput input;
  input.aws_access_key_id = id;
  input.aws_secret_access_key = "secret";
  input.aws_session_token = token;
  return input;
}

class Others final : public http::Handler {
 public:
  void handle(const http::Request& /*request*/, http::Responder respond) override {
    http::Reply reply;
    reply.status = 404;
    respond(std::move(reply));
  }
};

class IdentityEndpointTest : public testing::Test {
 protected:
  void SetUp() override { edge_.set("cognito_identity_pool_id", kPool); }

  http::Reply call(const std::string& operation, const std::string& body) {
    return edge_.send(
        *endpoint_,
        {"POST", "/", {{"X-Amz-Target", "AWSCognitoIdentityService." + operation}}, body});
  }
  std::string member(const http::Reply& reply, std::string_view name) {
    const auto document = json::Document::parse(reply.body);
    return document ? json::to_text(document->root()[name]) : reply.body;
  }
  std::string identity() {
    return member(call("GetId", R"({"IdentityPoolId":")" + std::string(kPool) + "\"}"),
                  "IdentityId");
  }

  TestEdge edge_{"identity", key("AKSHOP", "token-1")};
  Others others_;
  base::SeededRandom random_{7};
  std::unique_ptr<http::Handler> endpoint_ =
      make_identity_endpoint(edge_.clock, random_, edge_.edge.registry, others_);
};

TEST_F(IdentityEndpointTest, WithoutTheSettingThereIsNothing) {
  EXPECT_EQ(call("GetId", R"({"IdentityPoolId":")" + std::string(kPool) + "\"}").status, 404);
  EXPECT_EQ(edge_.send(*endpoint_, {"OPTIONS", "/", {}, ""}).status, 404);
}

TEST_F(IdentityEndpointTest, APoolGivesAnIdentityAndThatAKey) {
  edge_.set("cognito_identities", "true");
  const std::string id = identity();
  EXPECT_NE(identity(), id);
  EXPECT_EQ(id.size(), 46U);
  EXPECT_TRUE(id.starts_with("us-east-1:")) << id;
  const http::Reply reply = call("GetCredentialsForIdentity", R"({"IdentityId":")" + id + "\"}");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(header_of(reply, "Content-Type"), "application/x-amz-json-1.1");
  EXPECT_EQ(reply.body, R"({"IdentityId":")" + id +
                            R"(","Credentials":{"AccessKeyId":"AKSHOP","SecretKey":"secret",)"
                            R"("SessionToken":"token-1","Expiration":1700003600}})");
}

TEST_F(IdentityEndpointTest, AnIdentityOfAnotherPoolIsUnknown) {
  edge_.set("cognito_identities", "true");
  std::string id = identity();
  id.back() = id.back() == '0' ? '1' : '0';
  for (const std::string& wrong :
       {id, std::string(kPool), std::string("us-east-1:"), std::string("x"), std::string()}) {
    const http::Reply reply =
        call("GetCredentialsForIdentity", R"({"IdentityId":")" + wrong + "\"}");
    EXPECT_EQ(reply.status, 400) << wrong;
    EXPECT_EQ(header_of(reply, "x-amzn-ErrorType"), "ResourceNotFoundException");
  }
  edge_.set("cognito_identity_pool_id", "us-east-1:another");
  EXPECT_EQ(call("GetId", R"({"IdentityPoolId":")" + std::string(kPool) + "\"}").status, 400);
}

TEST_F(IdentityEndpointTest, WhatIsNoSuchCallIsRefusedOrLeftToOthers) {
  edge_.set("cognito_identities", "true");
  EXPECT_EQ(header_of(call("GetId", "[]"), "x-amzn-ErrorType"), "SerializationException");
  EXPECT_EQ(header_of(call("GetOpenIdToken", "{}"), "x-amzn-ErrorType"),
            "UnknownOperationException");
  EXPECT_EQ(call("GetId", std::string(70'000, ' ')).status, 413);
  EXPECT_EQ(edge_.send(*endpoint_, {"POST", "/", {}, "{}"}).status, 404);
  EXPECT_EQ(edge_.send(*endpoint_, {"GET", "/", {}, ""}).status, 404);
  EXPECT_EQ(edge_.send(*endpoint_, {"OPTIONS", "/", {}, ""}).status, 204);
}

TEST(IdentityEndpoint, AKeyWithoutASessionTokenIsNotGivenAway) {
  TestEdge edge("identity_plain");
  edge.set("cognito_identity_pool_id", kPool);
  edge.set("cognito_identities", "true");
  Others others;
  base::SeededRandom random(7);
  const auto endpoint = make_identity_endpoint(edge.clock, random, edge.edge.registry, others);
  const auto call = [&](const std::string& operation, const std::string& body) {
    return edge.send(
        *endpoint,
        {"POST", "/", {{"X-Amz-Target", "AWSCognitoIdentityService." + operation}}, body});
  };
  const http::Reply id = call("GetId", R"({"IdentityPoolId":")" + std::string(kPool) + "\"}");
  EXPECT_EQ(header_of(call("GetCredentialsForIdentity", id.body), "x-amzn-ErrorType"),
            "InvalidIdentityPoolConfigurationException");
}

}  // namespace
}  // namespace api::mobile_analytics
