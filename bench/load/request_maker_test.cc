#include "load/request_maker.h"

#include "api/clevertap/decode.h"
#include "api/clickstream/decode.h"
#include "api/mobile_analytics/decode.h"
#include "api/segmentstream/decode.h"
#include "api/sigv4/verifier.h"
#include "codec/hash.h"
#include "codec/text.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace load {
namespace {

constexpr std::int64_t kNowMs = 1'795'324'850'729;
constexpr std::string_view kRun = "0a1b2c3d";

AppKeys test_app() {
  return {.app_id = "shop",
          .clevertap_account_id = "ACC-1",
          .clevertap_passcode = "PASS-1",
          .mobile_app_id = "ma-1",
          .aws_access_key_id = "AKIA1",
          .aws_secret_access_key = "s3cret/+",
          .segmentstream_token = "t0ken"};
}

Recipe test_recipe(Api api, unsigned batch) {
  return {.app = test_app(),
          .apis = {api},
          .batch = batch,
          .run = std::string(kRun),
          .host = "127.0.0.1:8080"};
}

/// A request as a server sees it. Lifetime: views the bytes it was made of.
struct Seen {
  std::string_view method;
  std::string_view target;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view body;

  [[nodiscard]] std::string_view header(std::string_view name) const {
    return api::sigv4::header_value(headers, name);
  }
};

Seen see(std::string_view bytes) {
  Seen out;
  const std::size_t head = bytes.find("\r\n\r\n");
  const std::string_view line = bytes.substr(0, bytes.find("\r\n"));
  const std::size_t target = line.find(' ') + 1;
  out.method = line.substr(0, target - 1);
  out.target = line.substr(target, line.rfind(' ') - target);
  EXPECT_EQ(line.substr(line.rfind(' ')), " HTTP/1.1");
  for (std::size_t at = line.size() + 2; at < head + 2;) {
    const std::size_t end = bytes.find("\r\n", at);
    const std::string_view field = bytes.substr(at, end - at);
    out.headers.emplace_back(field.substr(0, field.find(':')), field.substr(field.find(':') + 2));
    at = end + 2;
  }
  out.body = bytes.substr(head + 4);
  return out;
}

event::Decoded decode(const Made& made, const Seen& seen) {
  event::Record record;
  record.received_at = base::from_us(kNowMs * 1000 + 500);
  record.app_id = "shop";
  record.request_id = "0af70af70af74af78af70af70af70af7";
  record.method = seen.method;
  record.target = seen.target;
  record.peer_ip = "127.0.0.1";
  record.user_agent = seen.header("User-Agent");
  record.body = seen.body;
  switch (made.api) {
    case Api::kClickstream:
      record.api = event::Api::kClickstream;
      return api::clickstream::decode(record);
    case Api::kClevertap:
      record.api = event::Api::kClevertap;
      record.notes.push_back({"idempotency_key", seen.header("Idempotency-Key")});
      return api::clevertap::decode(record);
    case Api::kMobile:
      record.api = event::Api::kMobileAnalytics;
      record.headers.push_back({"x-amz-client-context", seen.header("x-amz-client-context")});
      record.notes.push_back({"client", "published"});
      return api::mobile_analytics::decode(record);
    default: record.api = event::Api::kSegmentstream; return api::segmentstream::decode(record);
  }
}

/// Makes `requests` requests of one lane, decodes them, and adds the ids of their events to `ids`.
void decode_all(const Recipe& recipe, unsigned lane, int requests, std::set<std::string>& ids) {
  RequestMaker maker(recipe, lane);
  Output out;
  for (int at = 0; at < requests; ++at) {
    const Made made = maker.make(kNowMs + at, out);
    const Seen seen = see(made.bytes);
    EXPECT_EQ(seen.header("Content-Length"), std::to_string(seen.body.size()));
    EXPECT_EQ(made.body_bytes, seen.body.size());
    const event::Decoded decoded = decode(made, seen);
    ASSERT_TRUE(decoded.rejections.empty())
        << decoded.rejections.front().reason << " in " << seen.body;
    ASSERT_EQ(decoded.events.size(), made.events);
    for (const event::Event& event : decoded.events) {
      EXPECT_EQ(event.limit_errors, "") << seen.body;
      EXPECT_FALSE(event.event_name.empty());
      ids.insert(event.event_id);
    }
  }
}

TEST(RequestMaker, BodiesDecodeToTheirNumberOfEventsWithUniqueIds) {
  for (const Api api : kApis) {
    const unsigned batch = api == Api::kSegmentstream ? 1 : 7;
    const Recipe recipe = test_recipe(api, batch);
    std::set<std::string> ids;
    decode_all(recipe, 0, 12, ids);
    decode_all(recipe, 1, 12, ids);
    EXPECT_EQ(ids.size(), std::size_t{2} * 12 * batch) << to_text(api);
  }
}

TEST(RequestMaker, EventsCarryTheRunWhereTheConditionLooksForIt) {
  for (const Api api : kApis) {
    const Recipe recipe = test_recipe(api, 3);
    RequestMaker maker(recipe, 0);
    Output out;
    const Made made = maker.make(kNowMs, out);
    const std::string run(kRun);
    for (const event::Event& event : decode(made, see(made.bytes)).events) {
      const std::string where = sql_where({api}, kRun);
      if (where.find("user_id LIKE '" + run + ".%'") != std::string::npos) {
        EXPECT_EQ(event.user_id.substr(0, 9), run + ".");
      } else if (where.find("session_id LIKE '" + run + "-%'") != std::string::npos) {
        EXPECT_EQ(event.session_id.substr(0, 9), run + "-");
      } else {
        EXPECT_NE(where.find("event_id LIKE '" + run + "-%'"), std::string::npos) << where;
        EXPECT_EQ(event.event_id.substr(0, 9), run + "-");
      }
      EXPECT_NE(where.find("api = '" + std::string(event::api_name(event.api)) + "'"),
                std::string::npos);
    }
  }
}

TEST(RequestMaker, MixedTakesTheApisInTurnAndSegmentstreamOneByOne) {
  Recipe recipe = test_recipe(Api::kClickstream, 5);
  recipe.apis.assign(kApis.begin(), kApis.end());
  RequestMaker maker(recipe, 3);
  Output out;
  for (const Api api :
       {Api::kClickstream, Api::kClevertap, Api::kMobile, Api::kSegmentstream, Api::kClickstream}) {
    const Made made = maker.make(kNowMs, out);
    EXPECT_EQ(made.api, api);
    EXPECT_EQ(made.events, api == Api::kSegmentstream ? 1U : 5U);
    EXPECT_EQ(decode(made, see(made.bytes)).events.size(), made.events);
  }
}

TEST(RequestMaker, EventsHappenedJustNowAndInTheirSession) {
  for (const Api api : kApis) {
    const Recipe recipe = test_recipe(api, 10);
    RequestMaker maker(recipe, 0);
    Output out;
    const Made made = maker.make(kNowMs, out);
    const event::Decoded decoded = decode(made, see(made.bytes));
    const std::int64_t precision_us = api == Api::kClevertap ? 1'000'000 : 1000;
    EXPECT_GT(decoded.events.back().event_timestamp.value_or(0), kNowMs * 1000 - precision_us);
    for (const event::Event& event : decoded.events) {
      EXPECT_LE(event.event_timestamp.value_or(0), kNowMs * 1000);
      EXPECT_GT(event.event_timestamp.value_or(0), kNowMs * 1000 - 2'000'000);
      EXPECT_GE(event.event_timestamp.value_or(0), event.session_start.value_or(0));
    }
  }
}

TEST(RequestMaker, PackedBodiesDecodeToTheSame) {
  Recipe recipe = test_recipe(Api::kClickstream, 10);
  recipe.gzip = true;
  std::set<std::string> ids;
  decode_all(recipe, 0, 3, ids);
  EXPECT_EQ(ids.size(), 30U);
  RequestMaker maker(recipe, 0);
  Output out;
  const Seen seen = see(maker.make(kNowMs, out).bytes);
  EXPECT_EQ(codec::query_value(seen.target, "compression"), "gzip");
  EXPECT_TRUE(seen.body.starts_with("H4sI")) << seen.body;
}

TEST(RequestMaker, HashCodeIsTheBodysDigest) {
  Recipe recipe = test_recipe(Api::kClickstream, 2);
  recipe.hash_code = true;
  RequestMaker maker(recipe, 0);
  Output out;
  const Seen seen = see(maker.make(kNowMs, out).bytes);
  EXPECT_EQ(codec::query_value(seen.target, "hashCode"),
            codec::to_hex(codec::sha256(seen.body)).substr(0, 8));
}

/// What the server's verifier says about a request signed with `app`'s key.
api::sigv4::Verdict verify(const Seen& seen, const AppKeys& app) {
  api::sigv4::Verifier verifier;
  return verifier.verify({seen.method, seen.target, "", seen.headers, seen.body},
                         {"mobileanalytics", ""}, base::from_us(kNowMs * 1000),
                         [&](std::string_view key) {
                           EXPECT_EQ(key, app.aws_access_key_id);
                           return std::optional<api::sigv4::Secret>(
                               {app.aws_secret_access_key, app.aws_session_token});
                         });
}

TEST(Signer, TheServersVerifierBelievesIt) {
  for (const std::string& token : {std::string(), std::string("t+/=")}) {
    for (const std::size_t secret_size : {8U, 40U, 100U}) {
      Recipe recipe = test_recipe(Api::kMobile, 4);
      recipe.app.aws_session_token = token;
      recipe.app.aws_secret_access_key = std::string(secret_size, 's');
      RequestMaker maker(recipe, 0);
      Output out;
      for (int at = 0; at < 3; ++at) {
        const Seen seen = see(maker.make(kNowMs, out).bytes);
        const api::sigv4::Verdict verdict = verify(seen, recipe.app);
        EXPECT_TRUE(verdict.accepted()) << verdict.denial->message;
      }
    }
  }
}

TEST(Signer, AChangedBodyOrContextIsNotBelieved) {
  const Recipe recipe = test_recipe(Api::kMobile, 1);
  RequestMaker maker(recipe, 0);
  Output out;
  const std::string bytes(maker.make(kNowMs, out).bytes);
  for (const std::string_view place : {"v2.0\",\"session", "My App"}) {
    std::string changed = bytes;
    changed[changed.find(place)] = 'w';
    EXPECT_FALSE(verify(see(changed), recipe.app).accepted()) << place;
  }
}

TEST(RequestMaker, RedisGetsTheBodyWithLpush) {
  Recipe recipe = test_recipe(Api::kClevertap, 2);
  recipe.to = Peer::kRedis;
  for (const std::string& list : {std::string(), std::string("events")}) {
    recipe.path = list;
    RequestMaker maker(recipe, 0);
    Output out;
    const Made made = maker.make(kNowMs, out);
    const std::string name = list.empty() ? "catchment-load" : list;
    const std::string head = "*3\r\n$5\r\nLPUSH\r\n$" + std::to_string(name.size()) + "\r\n" +
                             name + "\r\n$" + std::to_string(made.body_bytes) + "\r\n";
    ASSERT_EQ(made.bytes.substr(0, head.size()), head);
    EXPECT_EQ(made.bytes.size(), head.size() + made.body_bytes + 2);
    EXPECT_TRUE(made.bytes.ends_with("]}\r\n"));
    EXPECT_TRUE(made.bytes.substr(head.size()).starts_with("{\"d\":["));
  }
}

TEST(RequestMaker, AnotherPathReplacesTheTarget) {
  for (const Api api : kApis) {
    Recipe recipe = test_recipe(api, 1);
    recipe.to = Peer::kHttp;
    recipe.path = "/sink?x=1";
    RequestMaker maker(recipe, 0);
    Output out;
    EXPECT_EQ(see(maker.make(kNowMs, out).bytes).target, "/sink?x=1");
  }
}

TEST(AppFile, NamesTheMemberThatIsMissing) {
  EXPECT_EQ(read_app(R"({"app_id":"shop","clevertap":{"account_id":"a"}})").error().message,
            "clevertap.passcode is missing; expected what `catchment app create` prints");
  const auto app = read_app(
      R"({"app_id":"shop","clevertap":{"account_id":"a","passcode":"p"},"mobile_analytics":)"
      R"({"app_id":"m","access_key_id":"k","secret_access_key":"s","session_token":"t"},)"
      R"("segmentstream":{"api_token":"o","project_id":"x"}})");
  ASSERT_TRUE(app);
  EXPECT_EQ(app->aws_session_token, "t");
  EXPECT_EQ(app->segmentstream_token, "o");
}

}  // namespace
}  // namespace load
