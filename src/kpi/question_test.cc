#include "kpi/question.h"

#include <gtest/gtest.h>

namespace kpi {
namespace {

constexpr std::int64_t kToday = 20'000;

Subject subject() {
  return {"game", "Europe/Berlin", base::Time(std::chrono::days(kToday) + std::chrono::hours(5))};
}

std::string error_of(const Parameters& parameters, std::string_view path = "/kpis/dau/count") {
  const auto question = read_question(path, parameters, subject());
  return question ? "none" : question.error().message;
}

DayRange days(const Parameters& parameters) {
  const auto question = read_question("/kpis/dau/count", parameters, subject());
  const auto range = days_of(*question, kToday);
  return range ? *range : DayRange{-1, -1};
}

TEST(Question, DaysAreTheLast30WhenNoneAreNamed) {
  EXPECT_EQ(days({}).first, kToday - 29);
  EXPECT_EQ(days({}).last, kToday);
  EXPECT_EQ(days({{"end-date", "1970-02-10"}}).first, 11);
  EXPECT_EQ(days({{"start-date", "2024-10-01"}}).last, kToday);
  EXPECT_EQ(days({{"start-date", "2024-10-01T22:00:00-05:00"}}).first, 19'998);
}

TEST(Question, SpanIsAtMost366Days) {
  const Parameters fits = {{"start-date", "2024-01-01"}, {"end-date", "2024-12-31"}};
  const Parameters more = {{"start-date", "2024-01-01"}, {"end-date", "2025-01-01"}};
  EXPECT_EQ(days(fits).last - days(fits).first + 1, 366);
  const auto question = read_question("/kpis/dau/count", more, subject());
  EXPECT_EQ(days_of(*question, kToday).error().message,
            "parameter \"start-date\": expected at most 366 days up to end-date, seen 367");
}

TEST(Question, FiltersOfOneNameAreGathered) {
  const auto question = read_question("/events/level/sum",
                                      {{"platform", "iOS"},
                                       {"country", "de"},
                                       {"platform", ""},
                                       {"attribute.a.b", "x"},
                                       {"metric.m", "1.5"},
                                       {"metric", "points"},
                                       {"group-by", "attribute.kind"}},
                                      subject());
  ASSERT_TRUE(question) << question.error().message;
  EXPECT_EQ(question->filters, (std::vector<Filter>{{Dimension::kPlatform, "", {"iOS", ""}},
                                                    {Dimension::kCountry, "", {"DE"}},
                                                    {Dimension::kAttribute, "a.b", {"x"}},
                                                    {Dimension::kMetric, "m", {"1.5"}}}));
  EXPECT_EQ(question->group_by, (Grouping{Dimension::kAttribute, "kind", "attribute.kind"}));
}

TEST(Question, WrongParametersAreNamed) {
  EXPECT_EQ(error_of({{"start-date", "yesterday"}}),
            "parameter \"start-date\": expected YYYY-MM-DD or ISO 8601, seen \"yesterday\"");
  EXPECT_EQ(error_of({{"start-date", "2024-01-02"}, {"end-date", "2024-01-01"}}),
            "parameter \"end-date\": expected a day not before start-date, seen an earlier one");
  EXPECT_TRUE(error_of({{"plattform", "x"}}).starts_with("parameter \"plattform\" is unknown"));
  EXPECT_EQ(error_of({{"api", "pinpoint"}}),
            "parameter \"api\": expected clickstream, clevertap, mobile_analytics or "
            "segmentstream, seen \"pinpoint\"");
  EXPECT_EQ(error_of({{"include", "all"}}),
            "parameter \"include\": expected sessionless, seen \"all\"");
  EXPECT_EQ(error_of({{"api", "clevertap"}, {"api", "clevertap"}}),
            "parameter \"api\": expected it once, seen \"clevertap\"");
  EXPECT_EQ(error_of({{"platform", std::string(1001, 'x')}}).substr(0, 48),
            "parameter \"platform\": expected at most 1000 byte");
  EXPECT_EQ(error_of({{"platform", "\xff"}}).substr(0, 50),
            "parameter \"platform\": expected UTF-8 without NUL, ");
  EXPECT_EQ(error_of(Parameters(101, {"platform", "x"})),
            "expected at most 100 parameters, seen 101");
}

TEST(Question, ParametersBelongToKindsOfKpis) {
  EXPECT_NE(error_of({{"metric", "points"}}), "none");
  EXPECT_NE(error_of({{"attribute.kind", "a"}}), "none");
  EXPECT_NE(error_of({{"group-by", "attribute.kind"}}), "none");
  EXPECT_NE(error_of({{"currency", "USD"}}), "none");
  EXPECT_NE(error_of({}, "/events/level/sum"), "none");
  EXPECT_NE(error_of({{"metric.m", "many"}}, "/events/level/count"), "none");
  EXPECT_EQ(error_of({{"currency", "usd"}}, "/kpis/arpdau/ratio"), "none");
}

TEST(Question, AppsZoneIsTakenAndForbidsTimesOfDay) {
  const auto question = read_question("/kpis/dau/count", {{"time-zone", "app"}}, subject());
  EXPECT_EQ(question->time_zone, "Europe/Berlin");
  EXPECT_NE(error_of({{"time-zone", "app"}, {"end-date", "2024-01-01T00:00:00Z"}}), "none");
  EXPECT_EQ(error_of({{"time-zone", "app"}, {"end-date", "2024-01-01"}}), "none");
}

TEST(Catalog, EveryPathFindsItsKpi) {
  for (const Kpi& kpi : all_kpis()) {
    const auto found = find_kpi(kpi.path);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->measure, kpi.measure);
    EXPECT_EQ(found->span, kpi.span);
  }
  EXPECT_EQ(find_kpi("events/a/b/count")->event, "a/b");
  EXPECT_EQ(find_kpi("/events/a/b/count")->measure, Measure::kEventCount);
}

TEST(Catalog, UnknownPathsAreNotFound) {
  for (const char* path : {"", "/", "/kpis", "/kpis/dau", "/kpis/dau/sum", "/events/count",
                           "/events//count", "/events/a/avg", "/kpis/day-2-retention/count"}) {
    const auto found = find_kpi(path);
    ASSERT_FALSE(found) << path;
    EXPECT_EQ(found.error().code, base::Code::kNotFound);
  }
}

}  // namespace
}  // namespace kpi
