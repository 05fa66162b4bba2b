#include "api/edge.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace api {
namespace {

std::string header_of(const http::Reply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) {
      return value;
    }
  }
  return "(none)";
}

http::Request request_from(std::string_view origin) {
  http::Request request;
  if (!origin.empty()) {
    request.headers.emplace_back("Origin", origin);
  }
  return request;
}

constexpr CorsRules kRules{"GET, POST", "Content-Type", "", true};

TEST(Cors, AnAllowedOriginIsEchoedWithCredentials) {
  http::Reply reply;
  const std::vector<std::string> origins = {"https://a.example"};
  add_cors(request_from("https://a.example"), origins, kRules, reply);
  EXPECT_EQ(header_of(reply, "Access-Control-Allow-Origin"), "https://a.example");
  EXPECT_EQ(header_of(reply, "Access-Control-Allow-Credentials"), "true");
}

TEST(Cors, AnOriginThatOnlyContainsAnAllowedOneGetsNothing) {
  const std::vector<std::string> origins = {"https://a.example"};
  for (const char* origin : {"https://a.example.evil.test", "http://a.example", "", "null"}) {
    http::Reply reply;
    add_cors(request_from(origin), origins, kRules, reply);
    EXPECT_TRUE(reply.headers.empty()) << origin;
  }
}

TEST(Cors, AStarWithoutCredentialsIsAnsweredAsAStar) {
  http::Reply reply;
  const std::vector<std::string> origins = {"*"};
  add_cors(request_from("https://b.example"), origins, {"POST", "x-amz-date", "", false}, reply);
  EXPECT_EQ(header_of(reply, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header_of(reply, "Access-Control-Allow-Credentials"), "(none)");
}

TEST(EventNames, RefusesOneMoreThanTheLimitButKnowsTheOldOnes) {
  EventNames names;
  EXPECT_TRUE(names.admit("shop", event::Api::kClevertap, "a", 2));
  names.observe("shop", event::Api::kClevertap, "b");
  EXPECT_FALSE(names.admit("shop", event::Api::kClevertap, "c", 2));
  EXPECT_TRUE(names.admit("shop", event::Api::kClevertap, "b", 2));
  EXPECT_TRUE(names.admit("shop", event::Api::kMobileAnalytics, "c", 2));
}

TEST(EventNames, AskingAddsNothing) {
  EventNames names;
  EXPECT_FALSE(names.is_known("shop", event::Api::kClevertap, "a"));
  EXPECT_EQ(names.count("shop", event::Api::kClevertap), 0U);
  names.observe("shop", event::Api::kClevertap, "a");
  EXPECT_TRUE(names.is_known("shop", event::Api::kClevertap, "a"));
  EXPECT_EQ(names.count("shop", event::Api::kClevertap), 1U);
  EXPECT_EQ(names.count("other", event::Api::kClevertap), 0U);
}

TEST(IdempotencyKeys, RepeatTheFirstAnswerOnceItIsSettled) {
  const base::ManualClock clock(base::from_us(0));
  IdempotencyKeys keys(clock);
  IdempotencyKeys::Answer answer;
  EXPECT_EQ(keys.claim("shop", "k", answer), IdempotencyKeys::Claim::kFirst);
  EXPECT_EQ(keys.claim("shop", "k", answer), IdempotencyKeys::Claim::kInProgress);
  keys.settle("shop", "k", {200, "body", 7});
  EXPECT_EQ(keys.claim("shop", "k", answer), IdempotencyKeys::Claim::kAnswered);
  EXPECT_EQ(answer.body, "body");
  EXPECT_EQ(answer.position, 7U);
  EXPECT_EQ(keys.claim("other", "k", answer), IdempotencyKeys::Claim::kFirst);
}

TEST(IdempotencyKeys, AHeldKeyIsFreeAgainWhicheverWayItsRequestEnds) {
  const base::ManualClock clock(base::from_us(0));
  IdempotencyKeys keys(clock);
  IdempotencyKeys::Answer answer;
  ASSERT_EQ(keys.claim("shop", "k", answer), IdempotencyKeys::Claim::kFirst);
  {
    IdempotencyKeys::Hold hold(keys, "shop", "k");
    const IdempotencyKeys::Hold moved(std::move(hold));
    EXPECT_EQ(keys.claim("shop", "k", answer), IdempotencyKeys::Claim::kInProgress);
  }
  EXPECT_EQ(keys.claim("shop", "k", answer), IdempotencyKeys::Claim::kFirst);
}

TEST(IdempotencyKeys, AnAnswerOutlivesItsHold) {
  const base::ManualClock clock(base::from_us(0));
  IdempotencyKeys keys(clock);
  IdempotencyKeys::Answer answer;
  ASSERT_EQ(keys.claim("shop", "k", answer), IdempotencyKeys::Claim::kFirst);
  {
    IdempotencyKeys::Hold(keys, "shop", "k").settle({200, "body", 7});
  }
  keys.release("shop", "k");
  EXPECT_EQ(keys.claim("shop", "k", answer), IdempotencyKeys::Claim::kAnswered);
  EXPECT_EQ(answer.body, "body");
}

TEST(IdempotencyKeys, AnswersAreForgottenAfterADayAndClaimsAreNot) {
  base::ManualClock clock(base::from_us(0));
  IdempotencyKeys keys(clock);
  IdempotencyKeys::Answer answer;
  keys.settle("shop", "old", {200, "", 1});
  EXPECT_EQ(keys.claim("shop", "running", answer), IdempotencyKeys::Claim::kFirst);
  clock.advance(std::chrono::hours(24));
  keys.settle("shop", "young", {200, "", 2});
  EXPECT_EQ(keys.claim("shop", "old", answer), IdempotencyKeys::Claim::kAnswered);
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(keys.claim("shop", "old", answer), IdempotencyKeys::Claim::kFirst);
  EXPECT_EQ(keys.claim("shop", "young", answer), IdempotencyKeys::Claim::kAnswered);
  EXPECT_EQ(keys.claim("shop", "running", answer), IdempotencyKeys::Claim::kInProgress);
}

TEST(IdempotencyKeys, BeyondTheirBytesTheOldestAnswersAreForgotten) {
  const base::ManualClock clock(base::from_us(0));
  IdempotencyKeys keys(clock, 100'000);
  IdempotencyKeys::Answer answer;
  EXPECT_EQ(keys.claim("shop", "running", answer), IdempotencyKeys::Claim::kFirst);
  const std::string body(1000, 'b');
  for (int i = 0; i < 1000; ++i) {
    keys.settle("shop", std::to_string(i), {200, body, 1});
  }
  EXPECT_EQ(keys.claim("shop", "running", answer), IdempotencyKeys::Claim::kInProgress);
  int kept = 0;
  while (kept < 1000 && keys.claim("shop", std::to_string(999 - kept), answer) ==
                            IdempotencyKeys::Claim::kAnswered) {
    ++kept;
  }
  EXPECT_GE(kept, 70);
  EXPECT_LE(kept, 100);
  EXPECT_EQ(keys.claim("shop", "0", answer), IdempotencyKeys::Claim::kFirst);
}

TEST(IdempotencyKeys, AnAnswerGivenAnewTakesItsMemoryOnce) {
  const base::ManualClock clock(base::from_us(0));
  IdempotencyKeys keys(clock, 10'000);
  keys.settle("shop", "other", {200, "", 1});
  for (int i = 0; i < 100; ++i) {
    keys.settle("shop", "k", {200, std::string(1000, 'b'), 1});
  }
  IdempotencyKeys::Answer answer;
  EXPECT_EQ(keys.claim("shop", "other", answer), IdempotencyKeys::Claim::kAnswered);
}

}  // namespace
}  // namespace api
