#include "loader/person/person.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace loader::person {
namespace {

using event::PropertyChange;
using event::PropertyOp;
using testing::SizeIs;

PropertyChange set(std::string key, std::string value, std::int64_t at_ms = 1000) {
  return {std::move(key), PropertyOp::kSet, std::move(value), at_ms};
}
PropertyChange op(PropertyOp kind, std::string key, std::string value) {
  return {std::move(key), kind, std::move(value), 2000};
}

TEST(Properties, ListsGrowShrinkAndKeepTheNewestHundred) {
  std::vector<Property> properties;
  EXPECT_TRUE(apply_change(op(PropertyOp::kAdd, "Tags", R"(["a","b"])"), properties));
  EXPECT_TRUE(apply_change(op(PropertyOp::kAdd, "Tags", R"(["b","c"])"), properties));
  EXPECT_EQ(properties.at(0).value_json, R"(["a","b","c"])");
  EXPECT_TRUE(apply_change(op(PropertyOp::kRemove, "Tags", R"(["a","c"])"), properties));
  EXPECT_EQ(properties.at(0).value_json, R"(["b"])");
  for (int n = 0; n < 100; ++n) {
    apply_change(op(PropertyOp::kAdd, "Tags", "[" + std::to_string(n) + "]"), properties);
  }
  EXPECT_TRUE(properties.at(0).value_json.starts_with("[0,1,")) << "the oldest went";
  EXPECT_TRUE(properties.at(0).value_json.ends_with(",99]"));
}

TEST(Properties, BeyondAMebibyteAreNotTaken) {
  std::vector<Property> properties;
  const std::string half = '"' + std::string(kPartsBytesMax / 2 - 10, 'x') + '"';
  EXPECT_TRUE(apply_change(set("a", half), properties));
  EXPECT_TRUE(apply_change(set("b", half), properties));
  EXPECT_FALSE(apply_change(set("c", "\"a value that is too much\""), properties));
  EXPECT_FALSE(apply_change(set("b", half + "               "), properties));
  EXPECT_TRUE(apply_change(set("b", "1"), properties)) << "a shorter one has room";
  EXPECT_TRUE(apply_change(set("c", "\"a value that fits now\""), properties));
}

TEST(Identities, OfTwoPersonsFitUpToAThousandAndAMebibyte) {
  const std::vector<event::Identity> many(999, {"device", "d"});
  EXPECT_TRUE(fit(many, {{"device", "d"}}));
  EXPECT_FALSE(fit(many, {{"device", "d"}, {"device", "e"}}));
  EXPECT_FALSE(fit({{"device", "d"}}, {{"device", std::string(kPartsBytesMax, 'x')}}));
}

TEST(Properties, ScalarIsPromotedToAListAndAnEmptyListGoes) {
  std::vector<Property> properties;
  apply_change(set("Tag", R"("x")"), properties);
  apply_change(op(PropertyOp::kAdd, "Tag", R"(["y"])"), properties);
  EXPECT_EQ(properties.at(0).value_json, R"(["x","y"])");
  apply_change(op(PropertyOp::kRemove, "Tag", R"(["x","y"])"), properties);
  EXPECT_THAT(properties, SizeIs(0));
  EXPECT_FALSE(apply_change(op(PropertyOp::kRemove, "Tag", R"(["x"])"), properties));
}

TEST(Properties, NumbersAddUpAndStayWholeUntilAFractionComes) {
  std::vector<Property> properties;
  apply_change(op(PropertyOp::kIncrement, "Points", "10"), properties);
  apply_change(op(PropertyOp::kIncrement, "Points", "-3"), properties);
  EXPECT_EQ(properties.at(0).value_json, "7");
  apply_change(op(PropertyOp::kIncrement, "Points", "0.5"), properties);
  EXPECT_EQ(properties.at(0).value_json, "7.5");
  apply_change(set("Name", R"("ann")"), properties);
  apply_change(op(PropertyOp::kIncrement, "Name", "1"), properties);
  EXPECT_EQ(properties.at(0).value_json, R"("ann")") << "no number stays as it is";
  apply_change(op(PropertyOp::kIncrement, "Big", "9223372036854775807"), properties);
  apply_change(op(PropertyOp::kIncrement, "Big", "1"), properties);
  EXPECT_EQ(properties.at(0).key, "Big") << "beyond whole numbers it goes on as a fraction";
}

TEST(Properties, DeleteForgetsAndTheRestIsShownAsJson) {
  std::vector<Property> properties;
  apply_change(set("a\"b", R"({"deep":[1,"\u0000"]})"), properties);
  apply_change(set("gone", "1"), properties);
  apply_change(op(PropertyOp::kDelete, "gone", ""), properties);
  EXPECT_THAT(properties, SizeIs(1));
  EXPECT_EQ(properties_to_json(properties),
            R"({"a\"b":{"value":{"deep":[1,"\u0000"]},"set_time_msec":1000}})");
}

}  // namespace
}  // namespace loader::person
