#include "query/api.h"

#include "json/value.h"
#include "query/test_kpis.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <set>

namespace query {
namespace {

class ApiTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "/query_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    registry_ = *registry::Registry::open(folder_, clock_, random_);
    ASSERT_TRUE(registry_->create_app("shop", {}, {}));
    admin_ = *registry_->create_token(registry::Role::kAdmin, "");
    bound_ = *registry_->create_token(registry::Role::kAnalyst, "shop");
    kpis_ = std::make_unique<TestKpis>(folder_, clock_);
    api_ = make_api({.registry = *registry_,
                     .store = kpis_->store,
                     .kpis = kpis_->kpis,
                     .pool = kpis_->pool,
                     .status_json = [] { return std::string("{}"); },
                     .wait_visible = [](event::Position position,
                                        std::chrono::milliseconds) { return position <= 7; },
                     .receipt_json = [](event::Position position,
                                        const std::string& app_id) -> base::Result<std::string> {
                       if (position > 7) {
                         return base::fail(base::Code::kNotFound, "no request was given it");
                       }
                       return "receipt:" + std::to_string(position) + app_id;
                     }},
                    {});
  }
  void TearDown() override {
    kpis_.reset();
    api_.reset();
    registry_.reset();
    std::filesystem::remove_all(folder_);
  }

  struct Ask {
    std::string method = "POST";
    std::string path = "/api/v1/sql";
    std::string query;
    std::string token;
    std::string type;
    std::string body;
  };

  http::Reply ask(const Ask& ask) {
    http::Request request;
    const std::string authorization = "Bearer " + ask.token;
    request.method = ask.method;
    request.path = ask.path;
    request.query = ask.query;
    request.body = ask.body;
    request.headers = {{"Authorization", authorization}, {"Content-Type", ask.type}};
    std::promise<http::Reply> promise;
    api_->handle(request, http::Responder([&promise](http::Reply reply) {
                   promise.set_value(std::move(reply));
                 }));
    return promise.get_future().get();
  }

  std::string folder_;
  base::ManualClock clock_{base::from_us(0)};
  base::SeededRandom random_{1};
  std::unique_ptr<registry::Registry> registry_;
  std::string admin_;
  std::string bound_;
  std::unique_ptr<http::Handler> api_;
  std::unique_ptr<TestKpis> kpis_;
};

TEST_F(ApiTest, SqlIsTakenAsTextOrAsJson) {
  EXPECT_EQ(ask({.token = admin_, .body = "SELECT 1"}).body, "json:SELECT 1");
  EXPECT_EQ(ask({.query = "format=csv", .token = admin_, .body = "SELECT 1"}).body, "csv:SELECT 1");
  EXPECT_EQ(ask({.token = admin_,
                 .type = "application/json",
                 .body = R"({"sql": "SELECT 2", "format": "csv", "not_before": 7})"})
                .body,
            "csv:SELECT 2");
}

TEST_F(ApiTest, WithoutATokenNothingIsAnswered) {
  for (const char* path : {"/api/v1/sql", "/api/v1/status", "/api/v1/apps", "/api/v1/none"}) {
    EXPECT_EQ(ask({.path = path, .token = "wrong", .body = "SELECT 1"}).status, 401) << path;
  }
}

TEST_F(ApiTest, ATokenOfOneAppSeesThatAppAndNoSql) {
  ASSERT_TRUE(registry_->create_app("other", {}, {}));
  EXPECT_EQ(ask({.token = bound_, .body = "SELECT 1"}).status, 403);
  EXPECT_EQ(ask({.method = "GET", .path = "/api/v1/status", .token = bound_}).status, 403);
  const std::string apps = ask({.method = "GET", .path = "/api/v1/apps", .token = bound_}).body;
  EXPECT_NE(apps.find("shop"), std::string::npos);
  EXPECT_EQ(apps.find("other"), std::string::npos);
}

/// A path of the OpenAPI file with something that exists for each of its parameters.
std::string filled_in(std::string_view path) {
  std::string out(path);
  for (const auto& [name, value] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"{position}", "7"},
           {"{app_id}", "shop"},
           {"{kpi}", "dau"},
           {"{measure}", "count"},
           {"{name}", "level%2Fup"},
           {"{aggregate}", "count"}}) {
    if (const std::size_t at = out.find(name); at != std::string::npos) {
      out.replace(at, name.size(), value);
    }
  }
  return out;
}

TEST_F(ApiTest, TheOpenApiFileListsThePathsAndMethodsThereAre) {
  std::ifstream in(CATCHMENT_DOCS "/openapi.json");
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const base::Result<json::Document> document = json::Document::parse(text);
  ASSERT_TRUE(document) << document.error().message;
  std::size_t paths = 0;
  for (const json::Member& path : document->root()["paths"].members()) {
    ++paths;
    for (const auto& [method, name] : {std::pair("GET", "get"), std::pair("POST", "post")}) {
      Ask request{.method = method, .path = filled_in(path.key), .token = admin_};
      request.body = "SELECT 1";
      const int status = ask(request).status;
      EXPECT_EQ(status, path.value[name] ? 200 : 405) << method << " " << path.key;
    }
  }
  EXPECT_EQ(paths, 7U);
}

TEST_F(ApiTest, AReceiptIsOfOnePositionAndOfTheTokensApplication) {
  const auto get = [this](const std::string& position, const std::string& token) {
    return ask({.method = "GET", .path = "/api/v1/receipts/" + position, .token = token});
  };
  EXPECT_EQ(get("7", admin_).body, "receipt:7\n");
  EXPECT_EQ(get("7", bound_).body, "receipt:7shop\n");
  EXPECT_EQ(get("8", admin_).status, 404);
  EXPECT_EQ(get("99999999999999999999999", admin_).status, 404);
  for (const char* wrong : {"", "x", "7x", "-7", "+7", "7/", "0x7", " 7", "7.0"}) {
    EXPECT_EQ(get(wrong, admin_).status, 400) << wrong;
  }
  EXPECT_EQ(get("7", "wrong").status, 401);
}

TEST_F(ApiTest, TheOpenApiFileNamesEveryKpi) {
  std::ifstream in(CATCHMENT_DOCS "/openapi.json");
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const base::Result<json::Document> document = json::Document::parse(text);
  ASSERT_TRUE(document) << document.error().message;
  std::set<std::string, std::less<>> words;
  const json::Value path = document->root()["paths"]["/api/v1/apps/{app_id}/kpis/{kpi}/{measure}"];
  for (const json::Value parameter : path["get"]["parameters"].elements()) {
    for (const json::Value word : parameter["schema"]["enum"].elements()) {
      words.insert(std::string(word.string().value_or("")));
    }
  }
  for (const kpi::Kpi& each : kpi::all_kpis()) {
    const std::string name = each.path.substr(std::string_view("/kpis/").size());
    const std::size_t slash = name.find('/');
    EXPECT_TRUE(words.contains(name.substr(0, slash))) << name;
    EXPECT_TRUE(words.contains(name.substr(slash + 1))) << name;
  }
}

TEST_F(ApiTest, KpisAreOfOneApplication) {
  ASSERT_TRUE(registry_->create_app("other", {}, {}));
  const auto status = [this](const std::string& path, const std::string& token,
                             const std::string& query = "") {
    return ask({.method = "GET", .path = "/api/v1/apps/" + path, .query = query, .token = token})
        .status;
  };
  EXPECT_EQ(status("shop/kpis/dau/count", bound_), 200);
  EXPECT_EQ(status("sh%6Fp/kpis/dau/count", bound_), 200);
  EXPECT_EQ(status("shop/events/a%2Fb%20%C3%BC/count", bound_), 200);
  EXPECT_EQ(status("shop/report", bound_), 200);
  EXPECT_EQ(status("other/kpis/dau/count", bound_), 403);
  EXPECT_EQ(status("other/report", bound_), 403);
  EXPECT_EQ(status("other/kpis/dau/count", admin_), 200);
  EXPECT_EQ(status("nobody/kpis/dau/count", admin_), 404);
  EXPECT_EQ(status("shop/kpis/dau/count", "wrong"), 401);
  for (const char* path :
       {"shop", "shop/", "shop/kpis", "shop/kpis/", "shop/kpis/dau", "shop/kpis/none/count",
        "shop/events/count", "shop/events/a/average", "shop/report/", "", "/kpis/dau/count"}) {
    EXPECT_EQ(status(path, admin_), 404) << path;
  }
  for (const char* method : {"HEAD", "POST", "PUT", "DELETE", "OPTIONS"}) {
    const http::Reply reply =
        ask({.method = method, .path = "/api/v1/apps/shop/kpis/dau/count", .token = admin_});
    EXPECT_EQ(reply.status, 405) << method;
  }
}

TEST_F(ApiTest, WrongRequestsSayWhatIsWrong) {
  EXPECT_EQ(ask({.token = admin_, .body = "DROP TABLE event"}).status, 400);
  EXPECT_EQ(ask({.token = admin_, .type = "application/json", .body = "{}"}).status, 400);
  EXPECT_EQ(ask({.query = "format=xml", .token = admin_, .body = "SELECT 1"}).status, 400);
  EXPECT_EQ(ask({.query = "not_before=8", .token = admin_, .body = "SELECT 1"}).status, 503);
  EXPECT_EQ(ask({.method = "GET", .token = admin_}).status, 405);
  EXPECT_EQ(ask({.path = "/api/v1/none", .token = admin_}).status, 404);
}

TEST_F(ApiTest, ErrorsNameNoFolders) {
  const http::Reply reply = ask({.token = admin_, .body = "FAIL"});
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.body.find("/srv"), std::string::npos) << reply.body;
  EXPECT_NE(reply.body.find("'manifest'"), std::string::npos) << reply.body;
}

}  // namespace
}  // namespace query
