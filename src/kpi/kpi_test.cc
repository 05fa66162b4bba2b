#include "kpi/report.h"
#include "kpi/test_world.h"
#include "loader/state/sqlite.h"

namespace kpi {
namespace {

class Kpis : public KpiWorld {};

/// One user starts on days 1, 2 and 8, one on day 1, one on day 2, who buys two things at 1.99.
class ReferenceCase : public KpiWorld {
 protected:
  void SetUp() override {
    KpiWorld::SetUp();
    send(start(1, "A"));
    send(start(1, "B"));
    send(start(2, "A"));
    send(start(2, "C"));
    event::Event buy = make(2, "C", "_monetization.purchase");
    buy.metrics = R"({"_item_price":1.99,"_quantity":2})";
    send(buy);
    send(start(8, "A"));
    load();
  }
};

TEST_F(ReferenceCase, CountsUsersAndSessions) {
  EXPECT_EQ(values("/kpis/dau/count", 8), "2 2 0 0 0 0 0 1");
  EXPECT_EQ(values("/kpis/new-users/count", 8), "2 1 0 0 0 0 0 0");
  EXPECT_EQ(values("/kpis/sessions/count", 8), "2 2 0 0 0 0 0 1");
  EXPECT_EQ(values("/kpis/mau/count", 8), "2 3 3 3 3 3 3 3");
  EXPECT_EQ(values("/kpis/mau/count", 38).substr(16),
            "3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 "
            "2 1 1 1 1 1 1 0");
  EXPECT_EQ(values("/kpis/new-users/lifetime-count", 3), "2 3 3");
  EXPECT_EQ(to_text(ask("/kpis/new-users/lifetime-count")->series[0].total), "3");
}

TEST_F(ReferenceCase, CountsWhoPays) {
  EXPECT_EQ(values("/kpis/daily-revenue/sum", 3), "0 1.99 0");
  EXPECT_EQ(values("/kpis/pdau/count", 8), "0 1 0 0 0 0 0 0");
  EXPECT_EQ(values("/kpis/pmau/count", 8), "0 1 1 1 1 1 1 1");
  EXPECT_EQ(values("/kpis/daily-paying-users/count", 3), "0 1 0");
  EXPECT_EQ(values("/kpis/arpdau/ratio", 3), "0 0.995 -");
  EXPECT_EQ(values("/kpis/arppdau/ratio", 3), "- 1.99 -");
}

TEST_F(ReferenceCase, CountsWhoCameBack) {
  EXPECT_EQ(values("/kpis/day-1-retention/count", 8), "1 0 0 0 0 0 0 0");
  EXPECT_EQ(values("/kpis/day-7-retention/count", 8), "1 0 0 0 0 0 0 0");
  EXPECT_EQ(values("/kpis/week-1-retention/count", 8), "1 1 0 0 0 0 0 0");
  EXPECT_EQ(values("/kpis/week-2-retention/count", 8), "0 0 0 0 0 0 0 0");
  EXPECT_EQ(values("/kpis/sticky-factor/ratio", 2), "1 0.6666666666666666");
  EXPECT_EQ(values("/kpis/sessions-per-dau/ratio", 3), "1 1 -");
}

TEST_F(ReferenceCase, CountsEventsAndTheirNumbers) {
  EXPECT_EQ(values("/events/_monetization.purchase/count", 3), "0 1 0");
  const Parameters quantity = {{"metric", "_quantity"}};
  EXPECT_EQ(values("/events/_monetization.purchase/sum", 3, quantity), "0 2 0");
  EXPECT_EQ(values("/events/_monetization.purchase/min", 3, quantity), "- 2 -");
  EXPECT_EQ(values("/events/_monetization.purchase/max", 3, {{"metric", "_item_price"}}),
            "- 1.99 -");
}

TEST_F(Kpis, WindowThatIsNotOverIsNull) {
  send(start(1, "A"));
  send(start(2, "A"));
  set_day(3);
  load();
  EXPECT_EQ(values("/kpis/day-1-retention/count", 4), "1 - - -");
  EXPECT_EQ(values("/kpis/week-1-retention/count", 4), "- - - -");
  EXPECT_EQ(values("/kpis/dau/count", 4), "1 1 0 -");
  EXPECT_EQ(values("/kpis/sticky-factor/ratio", 4), "1 1 0 -");
  set_day(9);
  EXPECT_EQ(values("/kpis/week-1-retention/count", 3), "1 - -");
}

TEST_F(Kpis, LateEventsAndDuplicatesChangeWhatTheySay) {
  event::Event event = start(5, "A");
  event.event_id = "one";
  send(event);
  load();
  EXPECT_EQ(values("/kpis/new-users/count", 5), "0 0 0 0 1");
  send(event);
  send(start(2, "A"));
  load();
  EXPECT_EQ(values("/kpis/new-users/count", 5), "0 1 0 0 0");
  EXPECT_EQ(values("/kpis/sessions/count", 5), "0 1 0 0 1");
  EXPECT_EQ(values("/kpis/day-3-retention/count", 5), "0 1 0 0 0");
}

TEST_F(Kpis, EventsWithoutASessionAreOnlySeenUnlessTheyAreIncluded) {
  event::Event event = start(1, "A");
  event.session_id.clear();
  send(event);
  load();
  const Parameters include = {{"include", "sessionless"}};
  EXPECT_EQ(values("/kpis/dau/count", 2), "0 0");
  EXPECT_EQ(values("/kpis/dau/count", 2, include), "1 0");
  EXPECT_EQ(values("/kpis/new-users/lifetime-count", 2), "1 1");
  EXPECT_EQ(values("/events/_session.start/count", 2), "0 0");
  EXPECT_EQ(values("/events/_session.start/count", 2, include), "1 0");
}

TEST_F(Kpis, PriceIsAMetricElseANumericAttributeOfPurchasesAlone) {
  event::Event buy = make(1, "A", "_monetization.purchase");
  buy.attributes = R"({"_item_price":"2.50","_currency":"eur"})";
  send(buy);
  buy = make(2, "A", "_monetization.purchase");
  buy.metrics = R"({"_item_price":3})";
  buy.attributes = R"({"_item_price":"2.50"})";
  send(buy);
  buy = make(3, "A", "offer");
  buy.metrics = R"({"_item_price":9})";
  send(buy);
  buy = make(4, "A", "_monetization.purchase");
  buy.attributes = R"({"_item_price":"2.50 EUR"})";
  send(buy);
  load();
  EXPECT_EQ(values("/kpis/daily-revenue/sum", 4), "2.5 3 0 0");
  EXPECT_EQ(values("/kpis/daily-paying-users/count", 4), "1 1 0 1");
}

TEST_F(Kpis, CurrenciesAreKeptApart) {
  const auto buy = [this](std::int64_t day, const std::string& amount,
                          const std::string& currency) {
    event::Event event = make(day, "A", "Charged", Api::kClevertap);
    event.properties = R"({"Amount":)" + amount + R"(,"Currency":")" + currency + "\"}";
    send(event);
  };
  buy(1, "0.1", "usd");
  buy(1, "0.2", "");
  load();
  EXPECT_EQ(values("/kpis/daily-revenue/sum", 2), "0.3 0");
  EXPECT_EQ(ask("/kpis/daily-revenue/sum", {{"start-date", "2024-01-01"}})->currency, "USD");
  EXPECT_EQ(values("/kpis/daily-revenue/sum", 2, {{"currency", "Usd"}}), "0.3 0");
  EXPECT_EQ(values("/kpis/daily-revenue/sum", 2, {{"currency", "JPY"}}), "0 0");
  buy(2, "5", "EUR");
  load();
  EXPECT_EQ(values("/kpis/daily-revenue/sum", 2), "- -");
  EXPECT_EQ(values("/kpis/daily-revenue/sum", 2, {{"currency", "USD"}}), "0.1 0");
  EXPECT_EQ(values("/kpis/arpdau/ratio", 2, {{"currency", "EUR"}}), "0 5");
  const auto answer = ask("/kpis/daily-revenue/sum", {{"start-date", "2024-01-01"}});
  const auto& first = answer->series[0].points[0].currencies;
  EXPECT_EQ(first.size(), 2U);
  EXPECT_EQ(to_text(first.at("")), "0.2");
  EXPECT_EQ(to_text(answer->series[0].points[1].currencies.at("EUR")), "5");
}

TEST_F(Kpis, AmountsOfNoCurrencyAreInNoneThatNobodyNames) {
  event::Event event = make(1, "A", "Charged", Api::kClevertap);
  for (const char* currency : {"", "US$", "euro", "E\u00dc"}) {
    event.properties = std::string(R"({"Amount":2,"Currency":")") + currency + "\"}";
    send(event);
  }
  load();
  EXPECT_EQ(values("/kpis/daily-revenue/sum", 1), "8");
  EXPECT_EQ(values("/kpis/daily-revenue/sum", 1, {{"currency", "JPY"}}), "0");
  const auto told = ask("/kpis/daily-revenue/sum", {{"start-date", "2024-01-01"}});
  EXPECT_EQ(told->series[0].points[0].currencies.size(), 1U);
  EXPECT_EQ(to_text(told->series[0].points[0].currencies.at("")), "8");
}

TEST_F(Kpis, RollupsThatDoNotHoldAllEventsAreNotUsed) {
  send(start(1, "A"));
  load();
  const auto change = [this](const std::string& sql) {
    const auto state = loader::state::Database::open(stepper_->state().path(),
                                                     loader::state::Database::Mode::kReadWrite);
    ASSERT_TRUE(state) << state.error().message;
    ASSERT_TRUE((*state)->run(("UPDATE applied SET " + sql).c_str()));
  };
  const auto dau = [this] {
    const auto told = ask("/kpis/dau/count", {{"start-date", "2024-01-01"}});
    return told ? to_text(told->series[0].points[0].value) +
                      (told->from_rollups ? " from rollups" : " from events")
                : told.error().message;
  };
  EXPECT_EQ(dau(), "1 from rollups");
  change("position = 0");  // what the store has not sealed is loaded again with the state
  EXPECT_EQ(dau(), "1 from rollups");
  ASSERT_TRUE(store_->seal());
  EXPECT_EQ(dau(), "1 from events");
  const auto overview = report({"game", "UTC", clock_.now()}, {}, sources());
  ASSERT_FALSE(overview);
  EXPECT_EQ(overview.error().code, base::Code::kUnavailable);
  EXPECT_TRUE(overview.error().message.starts_with("rollups do not hold all stored events"));
  change("position = 1");
  EXPECT_EQ(dau(), "1 from rollups");
  change("first = 2");
  EXPECT_EQ(dau(), "1 from events");
  EXPECT_EQ(values("/events/x/sum", 1, {{"metric", "y"}, {"platform", ""}}), "0");
  EXPECT_FALSE(ask("/events/x/sum", {{"start-date", "2024-01-01"}, {"metric", "y"}})->from_rollups);
}

TEST_F(Kpis, ApisOfAnApplicationAddUpAndCanBeAskedApart) {
  send(start(1, "A"));
  send(make(1, "A", "Viewed", Api::kClevertap));
  send(make(1, "A", "_page_view", Api::kClickstream));
  send(make(1, "A", "_session_start", Api::kClickstream));
  load();
  EXPECT_EQ(values("/kpis/dau/count", 1), "3");
  EXPECT_EQ(values("/kpis/sessions/count", 1), "3");
  EXPECT_EQ(values("/kpis/dau/count", 1, {{"api", "clevertap"}}), "1");
  EXPECT_EQ(values("/kpis/new-users/lifetime-count", 1, {{"api", "segmentstream"}}), "0");
}

TEST_F(Kpis, DaysBeginAndEndAtMidnight) {
  for (const std::int64_t us : {-1, 0, 1}) {
    event::Event event = start(2, "A" + std::to_string(us));
    event.event_timestamp = kFirstDay * kDayUs + kDayUs + us;
    send(event);
  }
  load();
  EXPECT_EQ(values("/kpis/dau/count", 4), "1 2 0 0");
}

TEST_F(Kpis, EventsOfNoPossibleTimeCountOnTheDayOfTheirReceipt) {
  set_day(3);
  event::Event event = start(1, "A");
  event.event_timestamp = 1;
  send(event);
  event = start(1, "B");
  event.event_timestamp = *event.event_timestamp + 400 * kDayUs;
  send(event);
  load();
  EXPECT_EQ(values("/kpis/dau/count", 4), "0 0 2 -");
  EXPECT_EQ(values("/kpis/dau/count", 4, {{"time-zone", "Asia/Tokyo"}}), "0 0 2 -");
}

TEST_F(Kpis, ApplicationsMaySayWhatCounts) {
  book_->set("game", "level,_session.start", "gift:price.net:price.unit");
  send(make(1, "A", "level"));
  event::Event event = make(1, "B", "gift");
  event.attributes = R"({"price.net":"2","price.unit":"eur"})";
  send(event);
  event = make(2, "B", "gift", Api::kClevertap);
  event.properties = R"({"price":{"net":3.5,"unit":"EUR"}})";
  send(event);
  event.properties = R"({"price":[3.5]})";
  send(event);
  event = make(3, "B", "_monetization.purchase");
  event.metrics = R"({"_item_price":1})";
  send(event);
  load();
  EXPECT_EQ(values("/kpis/dau/count", 3), "1 0 0");
  EXPECT_EQ(values("/kpis/daily-revenue/sum", 3), "2 3.5 0");
  EXPECT_EQ(values("/kpis/daily-paying-users/count", 3), "1 1 0");
}

TEST_F(Kpis, OtherTimeZonesHaveOtherDays) {
  event::Event event = start(1, "A");
  event.event_timestamp = kFirstDay * kDayUs + kDayUs * 23 / 24;
  send(event);
  load();
  EXPECT_EQ(values("/kpis/dau/count", 2), "1 0");
  EXPECT_EQ(values("/kpis/dau/count", 2, {{"time-zone", "app"}}), "0 1");
  EXPECT_EQ(values("/kpis/dau/count", 2, {{"time-zone", "America/New_York"}}), "1 0");
  EXPECT_EQ(values("/kpis/dau/count", 2, {{"time-zone", "Mars/Olympus"}}),
            "parameter \"time-zone\": expected UTC, app or a name of the IANA time zone database "
            "such as Europe/Berlin, seen \"Mars/Olympus\"");
}

TEST_F(Kpis, FiltersAndGroupsPickEvents) {
  const auto level = [this](const std::string& user, const std::string& platform,
                            const std::string& country, const std::string& points) {
    event::Event event = make(1, user, "level");
    event.platform = platform;
    event.country_code = country;
    event.metrics = R"({"points":)" + points + "}";
    event.attributes = R"({"x'; --":"it's","a/b~c":"1"})";
    send(event);
  };
  level("A", "iOS", "de", "5");
  level("A", "Android", "FR", "7");
  level("B", "", "FR", "2.5");
  load();
  const std::string_view count = "/events/level/count";
  EXPECT_EQ(values(count, 1, {{"platform", "iOS"}}), "1");
  EXPECT_EQ(values(count, 1, {{"platform", "iOS"}, {"platform", ""}}), "2");
  EXPECT_EQ(values(count, 1, {{"platform", "iOS"}, {"country", "fr"}}), "0");
  EXPECT_EQ(values(count, 1, {{"metric.points", "5.0"}, {"metric.points", "7"}}), "2");
  EXPECT_EQ(values(count, 1, {{"attribute.x'; --", "it's"}}), "3");
  EXPECT_EQ(values(count, 1, {{"attribute.a/b~c", "1"}, {"attribute.x", "1"}}), "0");
  EXPECT_EQ(values(count, 1, {{"platform", "x' OR 'a'='a"}}), "0");
  EXPECT_EQ(values(count, 1, {{"group-by", "country"}}), "FR 2 | DE 1");
  EXPECT_EQ(values(count, 1, {{"group-by", "attribute.a/b~c"}}), "1 3");
  EXPECT_EQ(values("/events/level/sum", 1, {{"metric", "points"}, {"group-by", "platform"}}),
            "Android 7 | iOS 5 | none 2.5");
  EXPECT_EQ(values("/events/x'; --/count", 1), "0");
  EXPECT_EQ(values("/events/x'; --/sum", 1, {{"metric", "x'; --"}}), "0");
}

TEST_F(Kpis, NumbersThatAreNotKeptAreReadFromEvents) {
  event::Event event = make(1, "A", "odd", Api::kClevertap);
  event.properties = "{\"k0\":1";
  for (std::int64_t i = 1; i < loader::state::kMetricSeriesMax; ++i) {
    event.properties.append(",\"k").append(std::to_string(i)).append("\":1");
  }
  event.properties += "}";
  send(event);
  event.properties = R"({"more":7})";
  send(event);
  load();
  const auto told = ask("/events/odd/sum", {{"start-date", "2024-01-01"}, {"metric", "more"}});
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_FALSE(told->from_rollups);
  EXPECT_EQ(to_text(told->series[0].points[0].value), "7");
  EXPECT_TRUE(ask("/events/odd/count", {{"start-date", "2024-01-01"}})->from_rollups);
}

TEST_F(Kpis, HundredLongParametersAreOneStatement) {
  event::Event event = make(1, "A", "level");
  event.metrics = R"({"points":98})";
  send(event);
  load();
  Parameters many;
  for (int i = 0; i < 98; ++i) {
    many.emplace_back("metric.points", std::to_string(i + 1));
  }
  EXPECT_EQ(values("/events/level/count", 1, many), "1");
  const std::string quotes(980, '\'');
  many.clear();
  for (int i = 0; i < 98; ++i) {
    many.emplace_back("metric." + quotes + std::to_string(i), "1");
  }
  EXPECT_EQ(values("/events/level/count", 1, many), "0");
}

TEST_F(Kpis, TooManyGroupsAreRefused) {
  const auto devices = [this](int first, int last) {
    for (int i = first; i < last; ++i) {
      event::Event event = start(1, "A");
      event.model = "m" + std::to_string(i);
      event.session_start = i;
      send(event);
    }
    load();
  };
  const Parameters grouped = {{"start-date", "2024-01-01"}, {"group-by", "model"}};
  devices(0, 1000);
  EXPECT_EQ(ask("/kpis/sessions/count", grouped)->series.size(), 1000U);
  devices(1000, 1001);
  const auto told = ask("/kpis/sessions/count", grouped);
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code, base::Code::kTooLarge);
}

}  // namespace
}  // namespace kpi
