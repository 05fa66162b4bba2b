#include "load/events.h"

namespace load {
namespace {

// The order of members is that of the web SDK.
constexpr std::string_view kWebHead =
    R"(,"event_id":"<id>","device_id":"<user>","unique_id":"<user>","app_id":"<app>",)"
    R"("timestamp":<ms>,<device>,"sdk_name":"aws-solution-clickstream-sdk",)"
    R"("sdk_version":"0.12.6",)";
constexpr std::string_view kWebUser =
    R"("user":{"_user_first_touch_timestamp":{"value":<first_ms>,"set_timestamp":<first_ms>}},)"
    R"("attributes":{)";
constexpr std::string_view kWebTail =
    R"("_session_id":"<user_short>-<session>","_session_start_timestamp":<session_ms>,)"
    R"("_session_duration":<session_length>,"_session_number":<visits>,"_page_title":"<title>",)"
    R"("_page_url":"https://shop.example<page>","_latest_referrer":"<referrer>"}})";
constexpr std::string_view kWebItem =
    R"("items":[{"id":"<product>","name":"<product_name>","brand":"Example",)"
    R"("category":"<category>",)"
    R"("price":<price>,"quantity":<quantity>,"currency":"EUR"}],)";

std::string web_event(std::string_view name, std::string_view items, std::string_view attributes) {
  std::string out = R"({"event_type":")";
  for (const std::string_view part :
       {name, std::string_view("\""), kWebHead, items, kWebUser, attributes, kWebTail}) {
    out.append(part);
  }
  return out;
}

std::vector<EventKind> web_events() {
  return {
      {web_event("_page_view", "",
                 R"("_page_referrer":"https://shop.example/","_page_referrer_title":"Shop",)"
                 R"("_entrances":0,"_previous_timestamp":<session_ms>,)"
                 R"("_engagement_time_msec":<score>,)"),
       45},
      {web_event("_user_engagement", "", R"("_engagement_time_msec":<score>,)"), 20},
      {web_event("_scroll", "", R"("_engagement_time_msec":<score>,)"), 10},
      {web_event("_click", "",
                 R"("_link_classes":"btn btn-primary","_link_domain":"partner.example",)"
                 R"("_link_id":"more","_link_url":"https://partner.example/<product>",)"
                 R"("_outbound":true,)"),
       8},
      {web_event("product_view", kWebItem,
                 R"("productId":"<product>","list":"<category>","position":<quantity>,)"),
       10},
      {web_event("add_to_cart", kWebItem, R"("cartValue":<price>,"cartItems":<quantity>,)"), 5},
      {web_event("purchase", kWebItem,
                 R"("order_id":"<trace>","_value":<price>,"_currency":"EUR","coupon":"AUTUMN",)"),
       2},
  };
}

constexpr std::array<std::string_view, 6> kWebDevices = {
    R"("host_name":"shop.example","locale":"en-US","system_language":"en",)"
    R"("country_code":"US","zone_offset":-18000000,"make":"Gecko","platform":"Web",)"
    R"("screen_height":1080,"screen_width":1920,"viewport_height":937,)"
    R"("viewport_width":1905)",
    R"("host_name":"shop.example","locale":"de-DE","system_language":"de",)"
    R"("country_code":"DE","zone_offset":3600000,"make":"Gecko","platform":"Web",)"
    R"("screen_height":1440,"screen_width":2560,"viewport_height":1297,)"
    R"("viewport_width":2545)",
    R"("host_name":"shop.example","locale":"fr-FR","system_language":"fr",)"
    R"("country_code":"FR","zone_offset":3600000,"make":"Gecko","platform":"Web",)"
    R"("screen_height":844,"screen_width":390,"viewport_height":664,"viewport_width":390)",
    R"("host_name":"shop.example","locale":"ja-JP","system_language":"ja",)"
    R"("country_code":"JP","zone_offset":32400000,"make":"Gecko","platform":"Web",)"
    R"("screen_height":915,"screen_width":412,"viewport_height":785,"viewport_width":412)",
    R"("host_name":"shop.example","locale":"es-ES","system_language":"es",)"
    R"("country_code":"ES","zone_offset":3600000,"make":"Gecko","platform":"Web",)"
    R"("screen_height":900,"screen_width":1440,"viewport_height":764,)"
    R"("viewport_width":1440)",
    R"("host_name":"shop.example","locale":"pt-BR","system_language":"pt",)"
    R"("country_code":"BR","zone_offset":-10800000,"make":"Gecko","platform":"Web",)"
    R"("screen_height":800,"screen_width":360,"viewport_height":668,"viewport_width":360)"};

// A record of the vendor's page, and what its integrations add.
constexpr std::string_view kRecordHead =
    R"({"identity":"<run>.<user_number>","ts":<seconds>,"type":"event","evtName":)";

std::string record(std::string_view rest) {
  std::string out(kRecordHead);
  out.append(rest);
  return out;
}

std::vector<EventKind> records() {
  return {
      {record(
           R"("Product viewed","evtData":{"Product name":"<product_name>",)"
           R"("Category":"<category>","Price":<price>,"Currency":"USD","Product ID":"<product>",)"
           R"("In stock":true,"Page":"<page>"}})"),
       55},
      {record(R"("Searched","evtData":{"Query":"<product_name>","Results":<score>,)"
              R"("Category":"<category>","Sorted by":"price"}})"),
       20},
      {record(R"("Added to cart","evtData":{"Product name":"<product_name>",)"
              R"("Product ID":"<product>","Category":"<category>","Price":<price>,)"
              R"("Quantity":<quantity>,"Currency":"USD"}})"),
       20},
      {record(R"("Charged","evtData":{"Amount":<price>,"Currency":"USD",)"
              R"("Payment mode":"Credit Card","Charged ID":"<trace>","Items":[{)"
              R"("Category":"<category>","Product name":"<product_name>","Quantity":<quantity>},{)"
              R"("Category":"books","Product name":"Achieving inner zen","Quantity":4}]}})"),
       5},
  };
}

// The session names the run, the trace keeps events of one moment apart.
std::string game_event(std::string_view name, std::string_view attributes,
                       std::string_view metrics) {
  std::string out = R"({"eventType":")";
  out.append(name);
  out.append(R"(","timestamp":"<iso>","version":"v2.0","session":{)"
             R"("id":"<run>-<user_short>-<session>","startTimestamp":"<session_iso>"},)"
             R"("attributes":{"Trace":"<trace>")");
  out.append(attributes);
  out.append(R"(},"metrics":{)");
  out.append(metrics);
  out.append("}}");
  return out;
}

std::vector<EventKind> game_events() {
  return {
      {game_event("LevelComplete",
                  R"(,"LevelName":"<category>","CharacterClass":"Warrior","Successful":"True",)"
                  R"("Difficulty":"hard")",
                  R"("Score":<score>,"TimeInLevel":<price>)"),
       50},
      {game_event("LevelStart",
                  R"(,"LevelName":"<category>","CharacterClass":"Warrior","Difficulty":"hard")",
                  R"("Lives":<quantity>)"),
       30},
      {game_event("_session.start", "", ""), 15},
      {game_event("_monetization.purchase",
                  R"(,"_product_id":"gems.<quantity>","_currency":"USD",)"
                  R"("_item_price_formatted":"$<price>","_store":"Google Play",)"
                  R"("_transaction_id":"<trace>")",
                  R"("_quantity":<quantity>,"_item_price":<price>)"),
       5},
  };
}

// The vendor's example of POST /track, and the objects its events carry.
std::string hit(std::string_view event) {
  std::string out = R"({"hitId":"<id>","sentAt":"<iso>","event":{)";
  out.append(event);
  out.append(R"(,"user":{"anonymousId":"<user>","userId":"u<user_number>",)"
             R"("emailHash":"eff8c37862c7a2f0019448289bdd0869c30ae7f07060e4be9d",)"
             R"("firstName":"John","lastName":"Doe"},"nonInteraction":false},<device>})");
  return out;
}

std::vector<EventKind> hits() {
  return {
      {hit(R"("name":"Viewed Page","category":"Content","page":{"type":"listing",)"
           R"("category":"<category>","url":"https://shop.example<page>","path":"<page>",)"
           R"("title":"<title>","referrer":"<referrer>"})"),
       55},
      {hit(R"("name":"Viewed Product Detail","category":"Ecommerce","product":{"id":"<product>",)"
           R"("name":"<product_name>","currency":"EUR","unitPrice":<price>,)"
           R"("unitSalePrice":<price>,"category":["<category>"],"manufacturer":"Example"})"),
       25},
      {hit(R"("name":"Registered","category":"Auth","label":"some label")"), 10},
      {hit(R"("name":"Completed Transaction","category":"Ecommerce","transaction":{)"
           R"("orderId":"<trace>","isReturning":true,"total":<price>,"currency":"EUR",)"
           R"("lineItems":[{"product":{"id":"<product>","name":"<product_name>",)"
           R"("category":["<category>"],"unitPrice":<price>,"unitSalePrice":<price>},)"
           R"("quantity":<quantity>}]})"),
       10},
  };
}

constexpr std::array<std::string_view, 3> kHitDevices = {
    R"("context":{"ip":"198.51.100.17","device":{"type":"desktop"},"browser":{)"
    R"("name":"Chrome","version":"125.0.0.0","major":"125"}})",
    R"("context":{"ip":"203.0.113.9","device":{"type":"mobile","vendor":"Apple",)"
    R"("model":"iPhone"},"browser":{"name":"Mobile Safari","version":"17.4",)"
    R"("major":"17"}})",
    R"("context":{"ip":"192.0.2.140","device":{"type":"tablet","vendor":"Samsung",)"
    R"("model":"SM-X710"},"browser":{"name":"Chrome","version":"124.0.0.0",)"
    R"("major":"124"}})"};

constexpr std::array<std::string_view, 1> kNoDevices = {""};

constexpr std::array<std::string_view, 4> kBrowsers = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/125.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0"};

}  // namespace

std::string_view to_text(Api api) {
  switch (api) {
    case Api::kClickstream: return "clickstream";
    case Api::kClevertap: return "clevertap";
    case Api::kMobile: return "mobile";
    default: return "segmentstream";
  }
}

std::vector<EventKind> event_kinds(Api api) {
  switch (api) {
    case Api::kClickstream: return web_events();
    case Api::kClevertap: return records();
    case Api::kMobile: return game_events();
    default: return hits();
  }
}

std::span<const std::string_view> devices(Api api) {
  switch (api) {
    case Api::kClickstream: return kWebDevices;
    case Api::kSegmentstream: return kHitDevices;
    default: return kNoDevices;
  }
}

std::string_view client_context() {
  return R"({"client":{"client_id":"<user>","app_title":"My App","app_version_name":"V2.0",)"
         R"("app_version_code":"3","app_package_name":"com.example.my_app"},)"
         R"("custom":{"plan":"gold"},"env":{"platform":"ANDROID","model":"Nexus",)"
         R"("make":"Samsung","platform_version":"4.0.4","locale":"en_US"},)"
         R"("services":{"mobile_analytics":{"app_id":"<app>"}}})";
}

std::span<const std::string_view> browsers() { return kBrowsers; }

}  // namespace load
