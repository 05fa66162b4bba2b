// The shapes, held against the records the vendor's documents print: requests go through the real
// decoder on their way.

#include "exports/shape.h"

#include "api/mobile_analytics/decode.h"
#include "base/time_text.h"
#include "exports/test_rows.h"
#include "json/value.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace exports {
namespace {

constexpr std::string_view kIosContext =
    R"({"client":{"client_id":"A1B2C3D4-E5F6-G7H8-I9J0-K1L2M3N4O5P6","app_title":"ExampleApp",)"
    R"("app_version_name":"5.03","app_version_code":"5.03.1",)"
    R"("app_package_name":"com.example.package"},"custom":{},)"
    R"("env":{"platform":"iOS","platform_version":"11.2.5","make":"apple","model":"iPhone",)"
    R"("locale":"zh_CN"},"services":{"mobile_analytics":)"
    R"({"app_id":"a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6"}}})";

constexpr std::string_view kPurchase =
    R"({"events":[{"eventType":"_monetization.purchase","timestamp":"2018-02-02T02:14:22.978Z",)"
    R"("version":"v2.0","session":{"id":"e79da94c-9BD1DF63-20180202-021345277",)"
    R"("startTimestamp":"2018-02-02T02:13:45.277Z","duration":152021},)"
    R"("attributes":{"_currency":"CNY","_product_id":"product_id",)"
    R"("_transaction_id":"123456789012345","_item_price_formatted":"¥128.00"},)"
    R"("metrics":{"_item_price":76.5811965811966,"_quantity":1.0}}]})";

/// The purchase of the User Guide, without the context among its attributes.
constexpr std::string_view kGuidePurchase =
    R"({"application_key":"a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6","account_id":"111122223333",)"
    R"("event_type":"_monetization.purchase","timestamp":1517537662978,)"
    R"("arrival_timestamp":1517537778020,"unique_id":"A1B2C3D4-E5F6-G7H8-I9J0-K1L2M3N4O5P6",)"
    R"("cognito_id":"us-east-1:a1b2c3d4-e5f6-g7h8-i9j0-k1l2m3n4o5p6",)"
    R"("cognito_identity_pool_id":"us-east-1:a1b2c3d4-e5f6-g7h8-i9j0-k1l2m3n4o5p6",)"
    R"("platform":"iOS","model":"iPhone","platform_version":"11.2.5","make":"apple",)"
    R"("locale":"zh_CN","sdk_version":"2.6.5","sdk_name":"aws-sdk-iOS",)"
    R"("app_package_name":"com.example.package","app_version_name":"5.03",)"
    R"("app_version_code":"5.03.1","user_agent":"aws-sdk-iOS/2.6.5 iOS/11.2.5 zh_CN",)"
    R"("app_title":"ExampleApp","attributes":{"_currency":"CNY","_product_id":"product_id",)"
    R"("_transaction_id":"123456789012345","_item_price_formatted":"¥128.00",)"
    R"("_clientContext":CONTEXT,"_session.duration":"152021",)"
    R"("_session.id":"e79da94c-9BD1DF63-20180202-021345277",)"
    R"("_session.startTime":"1517537625277"},)"
    R"("metrics":{"_item_price":76.5811965811966,"_quantity":1.0}})";

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string out(text);
  out.replace(out.find(what), what.size(), by);
  return out;
}

Owner guide_owner() {
  Owner owner;
  owner.app_id = "shop";
  owner.account_id = "111122223333";
  owner.cognito_identity_pool_id = "us-east-1:a1b2c3d4-e5f6-g7h8-i9j0-k1l2m3n4o5p6";
  owner.cognito_ids["AKIDIOS"] = "us-east-1:a1b2c3d4-e5f6-g7h8-i9j0-k1l2m3n4o5p6";
  return owner;
}

/// One request with one event, decoded; a test changes the row as it likes.
event::Event decoded(std::string_view context, std::string_view body,
                     std::string_view user_agent = "aws-sdk-iOS/2.6.5 iOS/11.2.5 zh_CN") {
  event::Record record;
  record.api = event::Api::kMobileAnalytics;
  record.app_id = "shop";
  record.received_at = *base::parse_iso8601("2018-02-02T02:16:18.020Z");
  record.user_agent = user_agent;
  record.headers = {{"x-amz-client-context", context}};
  record.notes = {{"access_key_id", "AKIDIOS"}};
  record.body = body;
  event::Decoded out = api::mobile_analytics::decode(record);
  EXPECT_EQ(out.events.size(), 1U) << (out.rejections.empty() ? "" : out.rejections[0].reason);
  return out.events.empty() ? event::Event() : std::move(out.events[0]);
}

std::string line(Shape shape, const event::Event& row, const Owner& owner = guide_owner(),
                 const ChosenColumns& chosen = {}) {
  std::string out;
  const auto fields = fields_of(row, columns());
  make_line_writer(shape, owner, chosen)->write(Row(fields), out);
  return out;
}

/// As parsed and written again, so that only the content counts.
std::string same(std::string_view json) {
  const auto document = json::Document::parse(json);
  EXPECT_TRUE(document) << document.error().message << ": " << json;
  return document ? json::write(document->root()) : std::string();
}

json::Document parsed(const std::string& text) { return *json::Document::parse(text); }

TEST(Shape, ThePurchaseOfTheGuideLeavesAsTheGuidePrintsIt) {
  const event::Event row = decoded(kIosContext, kPurchase);
  std::string quoted = "\"";
  for (const char c : row.context) {
    quoted += c == '"' ? std::string("\\\"") : std::string(1, c);
  }
  quoted += '"';
  EXPECT_EQ(same(line(Shape::kFlat, row)), same(replaced(kGuidePurchase, "CONTEXT", quoted)));
  EXPECT_EQ(same(row.context), same(kIosContext));
}

TEST(Shape, ThePurchaseOfTheGuideAsANestedRecord) {
  const event::Event row = decoded(kIosContext, kPurchase);
  EXPECT_EQ(
      line(Shape::kNested, row),
      R"({"event_type":"_monetization.purchase","event_timestamp":1517537662978,)"
      R"("arrival_timestamp":1517537778020,"event_version":"3.0",)"
      R"("application":{"app_id":"a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6",)"
      R"("cognito_identity_pool_id":"us-east-1:a1b2c3d4-e5f6-g7h8-i9j0-k1l2m3n4o5p6",)"
      R"("package_name":"com.example.package","sdk":{"name":"aws-sdk-iOS","version":"2.6.5"},)"
      R"("title":"ExampleApp","version_name":"5.03","version_code":"5.03.1"},)"
      R"("client":{"client_id":"A1B2C3D4-E5F6-G7H8-I9J0-K1L2M3N4O5P6",)"
      R"("cognito_id":"us-east-1:a1b2c3d4-e5f6-g7h8-i9j0-k1l2m3n4o5p6"},)"
      R"("device":{"locale":{"code":"zh_CN","country":"CN","language":"zh"},"make":"apple",)"
      R"("model":"iPhone","platform":{"name":"ios","version":"11.2.5"}},)"
      R"("session":{"session_id":"e79da94c-9BD1DF63-20180202-021345277",)"
      R"("start_timestamp":1517537625277},)"
      R"("attributes":{"_currency":"CNY","_product_id":"product_id",)"
      R"("_transaction_id":"123456789012345","_item_price_formatted":"¥128.00"},)"
      R"("metrics":{"_item_price":76.5811965811966,"_quantity":1.0}})"
      "\n");
}

TEST(Shape, ThePurchaseOfTheGuideAsARowOfRedshift) {
  const event::Event row = decoded(kIosContext, kPurchase);
  ChosenColumns chosen;
  chosen.attributes = {"_Currency", "_currency"};
  chosen.metrics = {"_quantity"};
  EXPECT_EQ(line(Shape::kRedshift, row, guide_owner(), chosen),
            "_monetization.purchase,2018-02-02 02:14:22.978,2018-02-02 02:16:18.020,3.0,"
            "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6,us-east-1:a1b2c3d4-e5f6-g7h8-i9j0-k1l2m3n4o5p6,"
            "com.example.package,aws-sdk-iOS,2.6.5,ExampleApp,5.03,5.03.1,"
            "A1B2C3D4-E5F6-G7H8-I9J0-K1L2M3N4O5P6,"
            "us-east-1:a1b2c3d4-e5f6-g7h8-i9j0-k1l2m3n4o5p6,zh_CN,CN,zh,apple,iPhone,ios,11.2.5,"
            "e79da94c-9BD1DF63-20180202-021345277,2018-02-02 02:13:45.277,,123456789012345,,"
            "product_id,1.0,¥128.00,76.5811965811966,CNY,,,CNY,1.0\n");
  const std::string header = make_line_writer(Shape::kRedshift, {}, chosen)->header();
  EXPECT_TRUE(header.starts_with("event_type,event_timestamp,")) << header;
  EXPECT_TRUE(header.ends_with(",a__currency,a__currency,m__quantity\n")) << header;
  EXPECT_EQ(std::ranges::count(header, ','),
            std::ranges::count(line(Shape::kRedshift, row, guide_owner(), chosen), ','));
}

TEST(Shape, MissingFactsAreLeftOut) {
  constexpr std::string_view kBare =
      R"({"client":{"client_id":"c-1"},"env":{},"services":{"mobile_analytics":)"
      R"({"app_id":"ma-1","sdk_name":"aws-sdk-mobile-analytics-js","sdk_version":"0.9.2:2.4"}}})";
  const event::Event row =
      decoded(kBare, R"({"events":[{"eventType":"a","timestamp":"2018-02-02T00:00:00Z"}]})", "");
  Owner owner;
  owner.app_id = "shop";
  EXPECT_EQ(line(Shape::kNested, row, owner),
            R"({"event_type":"a","event_timestamp":1517529600000,)"
            R"("arrival_timestamp":1517537778020,"event_version":"3.0",)"
            R"("application":{"app_id":"ma-1",)"
            R"("sdk":{"name":"aws-sdk-mobile-analytics-js","version":"0.9.2:2.4"}},)"
            R"("client":{"client_id":"c-1"},"attributes":{},"metrics":{}})"
            "\n");
  const std::string flat = line(Shape::kFlat, row, owner);
  const json::Document document = parsed(flat);
  EXPECT_EQ(document.root()["attributes"].size(), 1U) << flat;  // the context
  EXPECT_FALSE(document.root()["account_id"]);
}

TEST(Shape, AStoppedSessionHasItsStopAndLength) {
  const event::Event row = decoded(
      kIosContext,
      R"({"events":[{"eventType":"_session.stop","timestamp":"2018-02-02T00:00:09Z","session":)"
      R"({"id":"s","startTimestamp":"2018-02-02T00:00:01Z","duration":null,)"
      R"("stopTimestamp":"2018-02-02T00:00:05.500Z"}}]})");
  const std::string flat = line(Shape::kFlat, row);
  const json::Document of_flat = parsed(flat);
  EXPECT_EQ(of_flat.root()["attributes"]["_session.duration"].string(), "4500");
  EXPECT_EQ(of_flat.root()["attributes"]["_session.stopTime"].string(), "1517529605500");
  const std::string nested = line(Shape::kNested, row);
  EXPECT_EQ(parsed(nested).root()["session"]["stop_timestamp"].integer(), 1517529605500);
}

TEST(Shape, AnAttributeOfTheAppIsNotOverwritten) {
  const event::Event row = decoded(
      kIosContext, R"({"events":[{"eventType":"a","timestamp":"2018-02-02T00:00:09Z","attributes":)"
                   R"({"_session.id":"mine"},"session":)"
                   R"({"id":"theirs","startTimestamp":"2018-02-02T00:00:01Z"}}]})");
  const std::string flat = line(Shape::kFlat, row);
  EXPECT_EQ(parsed(flat).root()["attributes"]["_session.id"].string(), "mine");
  EXPECT_EQ(parsed(flat).root()["attributes"].repairs(), 0);
}

TEST(Shape, PropertiesOfOtherApisLeaveAsTexts) {
  event::Event row;
  row.app_id = "shop";
  row.api = event::Api::kClickstream;
  row.event_name = "view";
  row.access_key_id = "AKIDIOS";
  row.context = R"({"services":{"mobile_analytics":{"app_id":"no"}}})";
  row.properties = R"({"n":1.5,"list":[1,"x"],"text":"a\"b","none":null,"yes":true})";
  row.received_at = 0;
  EXPECT_EQ(line(Shape::kNested, row),
            R"({"event_type":"view","arrival_timestamp":0,"event_version":"3.0",)"
            R"("application":{"app_id":"shop",)"
            R"("cognito_identity_pool_id":"us-east-1:a1b2c3d4-e5f6-g7h8-i9j0-k1l2m3n4o5p6"},)"
            R"("attributes":{"n":"1.5","list":"[1,\"x\"]","text":"a\"b","none":"","yes":"true"},)"
            R"("metrics":{}})"
            "\n");
  ChosenColumns chosen;
  chosen.attributes = {"text"};
  chosen.metrics = {"n"};
  const std::string csv = line(Shape::kRedshift, row, {}, chosen);
  EXPECT_TRUE(csv.ends_with(",\"a\"\"b\",1.5\n")) << csv;
}

TEST(Shape, ARowWithoutAKeyHasTheIdentityThatAllKeysShare) {
  registry::App app;
  app.id = "shop";
  registry::Credential key;
  key.kind = registry::CredentialKind::kMobileAnalytics;
  key.cognito_id = "us-east-1:one";
  app.credentials = {key, key, registry::Credential{}};
  EXPECT_EQ(owner_of(app).common_cognito_id, "us-east-1:one");
  event::Event row = decoded(kIosContext, kPurchase);
  row.access_key_id.clear();
  const auto shown = [&row](const Owner& owner) {
    return std::string(
        parsed(line(Shape::kFlat, row, owner)).root()["cognito_id"].string().value_or("-"));
  };
  EXPECT_EQ(shown(owner_of(app)), "us-east-1:one");
  app.credentials[1].cognito_id = "us-east-1:two";
  EXPECT_EQ(shown(owner_of(app)), "-");
}

TEST(Shape, NamesReadBack) {
  for (const Shape shape : {Shape::kNested, Shape::kFlat, Shape::kRedshift, Shape::kParquet}) {
    EXPECT_EQ(shape_from_name(shape_name(shape)), shape);
  }
  EXPECT_FALSE(shape_from_name("nested"));
}

}  // namespace
}  // namespace exports
