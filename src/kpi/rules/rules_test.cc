#include "kpi/rules/rules.h"

#include <gtest/gtest.h>

namespace kpi {
namespace {

using event::Api;
using event::Event;

Event event_of(Api api, std::string name) {
  Event event;
  event.app_id = "shop";
  event.api = api;
  event.event_name = std::move(name);
  return event;
}

TEST(Rules, SessionStartsMakeActiveWhereAnApiHasThem) {
  EXPECT_TRUE(
      is_active(default_rules(Api::kClickstream), event_of(Api::kClickstream, "_session_start")));
  EXPECT_FALSE(
      is_active(default_rules(Api::kClickstream), event_of(Api::kClickstream, "_page_view")));
  EXPECT_TRUE(is_active(default_rules(Api::kMobileAnalytics),
                        event_of(Api::kMobileAnalytics, "_session.start")));
  EXPECT_TRUE(is_active(default_rules(Api::kClevertap), event_of(Api::kClevertap, "Viewed")));
  EXPECT_TRUE(
      is_active(default_rules(Api::kSegmentstream), event_of(Api::kSegmentstream, "Page View")));
}

TEST(Rules, MobileAnalyticsEventsWithoutASessionDoNotCount) {
  Event event = event_of(Api::kMobileAnalytics, "level");
  EXPECT_FALSE(counts(event));
  event.session_id = "s";
  EXPECT_TRUE(counts(event));
  EXPECT_TRUE(counts(event_of(Api::kClevertap, "level")));
}

TEST(Rules, ItemPriceIsAMetricElseANumericAttribute) {
  Event event = event_of(Api::kMobileAnalytics, "_monetization.purchase");
  event.attributes = R"({"_item_price":"2.50","_currency":"eur"})";
  event.metrics = R"({"_quantity":3})";
  auto purchase = purchase_of(default_rules(event.api), event);
  ASSERT_TRUE(purchase);
  EXPECT_EQ(purchase->amount, 2.5);
  EXPECT_EQ(purchase->currency, "EUR");
  event.metrics = R"({"_item_price":1.99})";
  EXPECT_EQ(purchase_of(default_rules(event.api), event)->amount, 1.99);
}

TEST(Rules, PurchaseWithoutAnAmountIsStillAPurchase) {
  Event event = event_of(Api::kMobileAnalytics, "_monetization.purchase");
  event.attributes = R"({"_item_price_formatted":"$1.99"})";
  const auto purchase = purchase_of(default_rules(event.api), event);
  ASSERT_TRUE(purchase);
  EXPECT_FALSE(purchase->amount);
}

TEST(Rules, EachApiHasItsOwnPurchase) {
  Event charged = event_of(Api::kClevertap, "Charged");
  charged.properties = R"({"Amount":300,"Currency":"USD"})";
  EXPECT_EQ(purchase_of(default_rules(charged.api), charged)->amount, 300);

  Event order = event_of(Api::kSegmentstream, "Completed Transaction");
  order.properties = R"({"transaction":{"total":12.5,"currency":"GBP"}})";
  EXPECT_EQ(purchase_of(default_rules(order.api), order)->amount, 12.5);
  EXPECT_EQ(purchase_of(default_rules(order.api), order)->currency, "GBP");

  Event bought = event_of(Api::kClickstream, "purchase");
  bought.event_value = 7;
  bought.currency = "USD";
  EXPECT_EQ(purchase_of(default_rules(bought.api), bought)->amount, 7);
  EXPECT_FALSE(purchase_of(default_rules(bought.api), event_of(Api::kClickstream, "view")));
}

TEST(RuleBook, ApplicationsOwnRulesReplaceTheDefaultsOneByOne) {
  RuleBook book;
  book.set("shop", "open, login", "");
  book.set("bank", "", "paid:order.sum:order.unit");
  EXPECT_EQ(book.rules("shop", Api::kClevertap).active_events,
            (std::vector<std::string>{"open", "login"}));
  EXPECT_EQ(book.rules("shop", Api::kClevertap).revenue, default_rules(Api::kClevertap).revenue);
  EXPECT_EQ(book.rules("bank", Api::kClickstream).active_events,
            default_rules(Api::kClickstream).active_events);
  EXPECT_EQ(book.rules("bank", Api::kClickstream).revenue,
            (std::vector<RevenueRule>{{"paid", "order.sum", "order.unit"}}));
  EXPECT_EQ(book.rules("other", Api::kClickstream), default_rules(Api::kClickstream));
}

TEST(RuleBook, AnyMakesEveryEventActive) {
  RuleBook book;
  book.set("shop", "any", "");
  EXPECT_TRUE(
      is_active(book.rules("shop", Api::kClickstream), event_of(Api::kClickstream, "whatever")));
}

TEST(RuleSettings, WrongTextsSayWhatIsExpected) {
  EXPECT_FALSE(parse_active_events("a,,b"));
  EXPECT_FALSE(parse_revenue("Charged"));
  EXPECT_FALSE(parse_revenue("Charged:"));
  EXPECT_FALSE(parse_revenue("a:b:c:d"));
  EXPECT_TRUE(parse_revenue("a:b, c:d:e"));
}

}  // namespace
}  // namespace kpi
