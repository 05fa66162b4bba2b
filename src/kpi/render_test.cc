#include "kpi/render.h"

#include "base/text.h"
#include "kpi/text_table.h"

#include <gtest/gtest.h>

namespace kpi {
namespace {

constexpr std::int64_t kDay = 17'532;  // 2018-01-01

Answer counts() {
  Answer out;
  out.kpi = *find_kpi("/kpis/dau/count");
  out.app_id = "game";
  out.range = {kDay, kDay + 2};
  out.time_zone = "UTC";
  out.series = {
      {{},
       {{kDay, std::int64_t{123}, {}}, {kDay + 1, std::int64_t{8}, {}}, {kDay + 2, {}, {}}},
       {}}};
  return out;
}

Answer money() {
  Answer out = counts();
  out.kpi = *find_kpi("/kpis/daily-revenue/sum");
  out.range.last = kDay;
  out.series[0].points = {
      {kDay, {}, {{"", Millionths{0, 200'000}}, {"USD", Millionths{-1, -990'000}}}}};
  return out;
}

TEST(Render, JsonHasAMemberForEachDay) {
  EXPECT_EQ(to_json(counts()),
            R"({"kpi":"/kpis/dau/count","app_id":"game","start_date":"2018-01-01",)"
            R"("end_date":"2018-01-03","unit":"count","values":[{"date":"2018-01-01","value":123},)"
            R"({"date":"2018-01-02","value":8},{"date":"2018-01-03","value":null}]})");
}

TEST(Render, JsonOfMoneyHasCurrencies) {
  EXPECT_EQ(to_json(money()),
            R"({"kpi":"/kpis/daily-revenue/sum","app_id":"game","start_date":"2018-01-01",)"
            R"("end_date":"2018-01-01","unit":"currency","values":[{"date":"2018-01-01",)"
            R"("value":null,"currencies":{"":0.2,"USD":-1.99}}]})");
}

TEST(Render, JsonOfGroupsTotalsAndZones) {
  Answer answer = counts();
  answer.time_zone = "Europe/Berlin";
  answer.group_by = "platform";
  answer.range.last = kDay;
  answer.series[0].points.resize(1);
  answer.series[0].group = "a\"b";
  answer.series.push_back(answer.series[0]);
  answer.series[1].group.reset();
  answer.series[1].total = std::int64_t{9};
  EXPECT_EQ(to_json(answer),
            R"({"kpi":"/kpis/dau/count","app_id":"game","start_date":"2018-01-01",)"
            R"("end_date":"2018-01-01","unit":"count","time_zone":"Europe/Berlin",)"
            R"("group_by":"platform","groups":[{"group":"a\"b","values":[{"date":"2018-01-01",)"
            R"("value":123}]},{"group":null,"total":9,"values":[{"date":"2018-01-01",)"
            R"("value":123}]}]})");
}

TEST(Render, CsvHasALineForEachDayGroupAndCurrency) {
  EXPECT_EQ(to_csv(counts()), "date,value\r\n2018-01-01,123\r\n2018-01-02,8\r\n2018-01-03,\r\n");
  Answer answer = money();
  answer.group_by = "model";
  answer.series[0].group = "x,\"y\"";
  EXPECT_EQ(to_csv(answer),
            "date,model,currency,value\r\n2018-01-01,\"x,\"\"y\"\"\",,0.2\r\n"
            "2018-01-01,\"x,\"\"y\"\"\",USD,-1.99\r\n");
}

TEST(Render, LinesAreOfTheCurrencyAskedForAlone) {
  Answer answer = money();
  answer.currency = "USD";
  answer.one_currency = true;
  answer.series[0].points[0].value = Millionths{7, 0};
  EXPECT_EQ(to_csv(answer), "date,currency,value\r\n2018-01-01,USD,7\r\n");
}

TEST(Render, BarsOfCurrenciesHaveScalesOfTheirOwn) {
  Answer answer = money();
  answer.series[0].points[0].currencies = {{"EUR", Millionths{1, 0}}, {"JPY", Millionths{160, 0}}};
  EXPECT_EQ(to_table(answer, {true, 40}),
            "date        currency  value\n"
            "----------  --------  -----\n"
            "2018-01-01  EUR           1  ███████████\n"
            "2018-01-01  JPY         160  ███████████\n");
}

TEST(Render, TableAlignsNumbersAndDrawsBarsWhenAsked) {
  EXPECT_EQ(to_table(counts(), {}),
            "date        value\n"
            "----------  -----\n"
            "2018-01-01    123\n"
            "2018-01-02      8\n"
            "2018-01-03      -\n");
  EXPECT_EQ(to_table(counts(), {true, 32}),
            "date        value\n"
            "----------  -----\n"
            "2018-01-01    123  █████████████\n"
            "2018-01-02      8  ▉\n"
            "2018-01-03      -\n");
  EXPECT_EQ(to_table(counts(), {true, 20}), to_table(counts(), {}));
}

TEST(Render, NumbersAreExactAndShort) {
  EXPECT_EQ(to_text(Millionths{5, -300'000}), "4.7");
  EXPECT_EQ(to_text(Millionths{-1, 300'000}), "-0.7");
  EXPECT_EQ(to_text(Millionths{0, -1}), "-0.000001");
  EXPECT_EQ(to_text(Millionths{1, 2'500'000}), "3.5");
  EXPECT_EQ(to_text(-0.0), "0");
  EXPECT_EQ(to_text(0.1), "0.1");
  EXPECT_EQ(to_text(Value()), "");
  EXPECT_EQ(short_text(1.0 / 3), "0.3333");
  EXPECT_EQ(short_text(2.0), "2");
}

TEST(Render, NothingSpeaksToTheTerminal) {
  EXPECT_EQ(base::printable("a\x1b[31m\nü"), "a\\x1b[31m\\x0aü");
}

}  // namespace
}  // namespace kpi
