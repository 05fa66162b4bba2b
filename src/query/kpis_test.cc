#include "query/kpis.h"

#include "query/test_kpis.h"

#include <gtest/gtest.h>

#include <filesystem>  // NOLINT: for the scratch folder of a test

namespace query {
namespace {

class KpisTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "/query_kpis_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    test_ = std::make_unique<TestKpis>(folder_, clock_);
    app_.id = "shop";
    app_.settings.time_zone = "Europe/Berlin";
  }
  void TearDown() override {
    test_.reset();
    std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] base::Result<http::Reply> ask(const std::string& path,
                                              const kpi::Parameters& parameters) const {
    const base::Result<KpiWork> work = test_->kpis.question(app_, {"shop", path}, parameters);
    return work ? (*work)() : work.error();
  }

  std::string folder_;
  base::ManualClock clock_{base::from_us(1'700'000'000'000'000)};  // 2023-11-14
  registry::App app_;
  std::unique_ptr<TestKpis> test_;
};

TEST_F(KpisTest, AnAnswerIsJsonOrCsv) {
  const kpi::Parameters days = {{"start-date", "2023-11-13"}, {"end-date", "2023-11-14"}};
  const auto json = ask("/kpis/dau/count", days);
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_TRUE(json->body.starts_with(R"({"kpi":"/kpis/dau/count","app_id":"shop",)")) << json->body;
  EXPECT_TRUE(json->body.ends_with("}\n"));
  EXPECT_EQ(json->headers.at(0).second, "application/json; charset=utf-8");

  kpi::Parameters as_csv = days;
  as_csv.emplace_back("format", "csv");
  const auto csv = ask("/kpis/dau/count", as_csv);
  ASSERT_TRUE(csv) << csv.error().message;
  EXPECT_TRUE(csv->body.starts_with("date,value")) << csv->body;
  EXPECT_NE(csv->body.find("2023-11-13,0"), std::string::npos) << csv->body;
  EXPECT_EQ(csv->headers.at(0).second, "text/csv; charset=utf-8");
}

TEST_F(KpisTest, TheNameOfAnEventIsDecoded) {
  const auto reply = ask("/events/level%2Fup%20%C3%BC+/count", {});
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_NE(reply->body.find("/events/level/up ü+/count"), std::string::npos) << reply->body;
  for (const char* path : {"/events/a%00b/count", "/events/%FF/count", "/events/%C3/count"}) {
    const auto refused = ask(path, {});
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().code, base::Code::kInvalid) << path;
  }
}

TEST_F(KpisTest, WhatIsWrongIsSaidBeforeAnybodyWaits) {
  const auto why = [this](const std::string& path, const kpi::Parameters& parameters) {
    const base::Result<KpiWork> work = test_->kpis.question(app_, {"shop", path}, parameters);
    return work ? "good" : work.error().message;
  };
  for (const auto& [name, value] : kpi::Parameters{{"format", "xml"},
                                                   {"not_before", "soon"},
                                                   {"not_before", ""},
                                                   {"not_before", "-1"},
                                                   {"start-date", "yesterday"},
                                                   {"colour", "red"}}) {
    const std::string said = why("/kpis/dau/count", {{name, value}});
    EXPECT_NE(said.find('"' + name + '"'), std::string::npos) << said;
  }
  EXPECT_EQ(test_->kpis.question(app_, {"shop", "/kpis/none/count"}, {}).error().code,
            base::Code::kNotFound);
  const auto report = test_->kpis.report(app_, {{"format", "csv"}});
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("\"format\""), std::string::npos);
}

TEST_F(KpisTest, AnAnswerWaitsForThePositionAskedFor) {
  EXPECT_TRUE(ask("/kpis/dau/count", {{"not_before", "7"}}));
  const auto late = ask("/kpis/dau/count", {{"not_before", "8"}});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, base::Code::kUnavailable);
}

TEST_F(KpisTest, TheReportWaitsForAStepOfTheLoaderToEnd) {
  test_->store.sealed = 5;
  const base::Result<http::Reply> reply = (*test_->kpis.report(app_, {}))();
  EXPECT_TRUE(reply) << reply.error().message;
  test_->store.sealed = 8;
  const base::Result<http::Reply> never = (*test_->kpis.report(app_, {}))();
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().code, base::Code::kUnavailable);
}

TEST_F(KpisTest, TheReportIsAnObject) {
  const base::Result<KpiWork> work = test_->kpis.report(app_, {});
  ASSERT_TRUE(work) << work.error().message;
  const base::Result<http::Reply> reply = (*work)();
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_TRUE(reply->body.starts_with('{')) << reply->body;
  const base::Result<KpiWork> wrong = test_->kpis.report(app_, {{"start-date", "never"}});
  if (wrong) {
    const auto refused = (*wrong)();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::Code::kInvalid);
  }
}

}  // namespace
}  // namespace query
