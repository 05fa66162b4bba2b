#include "event/marks.h"

#include "json/value.h"

#include <gmock/gmock.h>

namespace event {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Marks, AreBounded) {
  Marks marks;
  for (int i = 0; i < 1000; ++i) {
    marks.add("mark");
  }
  EXPECT_EQ(marks.texts().size(), 100U);
  EXPECT_THAT(marks.to_json(), HasSubstr("and 900 more"));
  EXPECT_EQ(Marks().to_json(), "");
}

TEST(Marks, RepairsSayWhereTheyWereMade) {
  Marks marks;
  marks.add_repairs(json::kLoneSurrogate | json::kDuplicateKey, "client context: ");
  EXPECT_THAT(marks.texts(),
              ElementsAre("client context: lone surrogates were replaced by U+FFFD",
                          "client context: of members with equal keys the last was stored"));
}

}  // namespace
}  // namespace event
