#include "kpi/report.h"

#include "kpi/test_world.h"

namespace kpi {
namespace {

class Reports : public KpiWorld {
 protected:
  /// Days 11 to 20, against days 1 to 10; today is day 20.
  void SetUp() override {
    KpiWorld::SetUp();
    set_day(20);
    for (const std::int64_t day : {5, 11, 12, 18, 20}) {
      send(start(day, "A"));
    }
    send(start(11, "B"));
    send(start(20, "B"));
    buy(12, "USD", "1.5");
    buy(13, "", "0.5");
    send(make(5, "A", "level"));
    load();
  }
  void buy(std::int64_t day, const std::string& currency, const std::string& amount) {
    event::Event event = make(day, "A", "_monetization.purchase");
    event.metrics = "{\"_item_price\":" + amount + "}";
    event.attributes = "{\"_currency\":\"" + currency + "\"}";
    send(event);
  }
  Report overview() const {
    const auto told = report({"game", "UTC", clock_.now()},
                             {{"start-date", "2024-01-11"}, {"end-date", "2024-01-20"}}, sources());
    EXPECT_TRUE(told) << told.error().message;
    return told ? *told : Report();
  }
};

TEST_F(Reports, ComparesWithAsManyDaysBefore) {
  const Report told = overview();
  EXPECT_EQ(told.before.first, kFirstDay);
  EXPECT_EQ(told.before.last, kFirstDay + 9);
  std::string text;
  for (const ReportLine& line : told.lines) {
    text.append(line.key).append(" ").append(line.currency.empty() ? "" : line.currency + " ");
    text.append(to_text(line.value)).append(" ").append(to_text(line.before)).append(" ");
    text.append(line.change ? to_text(*line.change) : "-").append("\n");
  }
  EXPECT_EQ(text,
            "daily_active_users 0.6 0.1 5\n"
            "monthly_active_users 2 1 1\n"
            "new_users 1 1 0\n"
            "lifetime_users 2 1 1\n"
            "sessions 6 1 5\n"
            "sessions_per_daily_active_user 1 1 0\n"
            "sticky_factor 0.3 0.16666666666666666 0.8\n"
            "day_1_retention 0.25 0 -\n"
            "day_7_retention 0.3333333333333333 1 -0.666667\n"
            "week_1_retention 0.6666666666666666 1 -0.333333\n"
            "daily_paying_users 0.2 0 -\n"
            "revenue USD 2 0 -\n"
            "arpdau USD 0.3333333333333333 0 -\n"
            "arppdau USD 1  -\n");
  ASSERT_EQ(told.events.size(), 2U);
  EXPECT_EQ(told.events[0].name, "_session.start");
  EXPECT_EQ(told.events[0].count, 6);
  EXPECT_EQ(told.events[0].before, 1);
}

TEST_F(Reports, SeveralCurrenciesHaveLinesOfTheirOwn) {
  buy(14, "EUR", "9");
  load();
  std::string text;
  for (const ReportLine& line : overview().lines) {
    text += line.key == "revenue" ? line.currency + "=" + to_text(line.value) + " " : "";
  }
  EXPECT_EQ(text, "EUR=9 USD=1.5 =0.5 ");
}

TEST_F(Reports, TextAndJsonShowEveryLine) {
  const Report told = overview();
  const std::string table = to_table(told);
  EXPECT_TRUE(
      table.starts_with("game: 2024-01-11 to 2024-01-20, before: 2024-01-01 to 2024-01-10\n\n"))
      << table;
  EXPECT_NE(table.find("\nrevenue, USD                             2       0        -\n"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("\n_session.start            6       1  +500.0%\n"), std::string::npos)
      << table;
  const std::string json = to_json(told);
  EXPECT_TRUE(json.starts_with(R"({"app_id":"game","start_date":"2024-01-11",)"
                               R"("end_date":"2024-01-20","before":{"start_date":"2024-01-01",)"
                               R"("end_date":"2024-01-10"},"numbers":[{"key":"daily_active_users",)"
                               R"("name":"active users a day","unit":"number","value":0.6,)"
                               R"("before":0.1,"change":5.0},)"))
      << json;
}

TEST_F(Reports, OtherParametersAreRefused) {
  const auto told = report({"game", "UTC", clock_.now()}, {{"platform", "iOS"}}, sources());
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().message,
            "parameter \"platform\" is unknown; expected start-date or end-date");
}

}  // namespace
}  // namespace kpi
