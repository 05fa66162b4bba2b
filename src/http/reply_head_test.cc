#include "http/reply_head.h"

#include "base/clock.h"
#include "base/random.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace http {
namespace {

TEST(Stamp, IdsAreUuidsThatDifferInTheirLastDigits) {
  const base::SystemClock clock;
  base::SeededRandom random(1);
  Stamp stamp(clock, random);
  std::string first;
  std::string second = "what was there";
  stamp.fresh_id(first);
  stamp.fresh_id(second);
  ASSERT_EQ(first.size(), 32U);
  EXPECT_EQ(first.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(first[12], '4');
  EXPECT_NE(std::string("89ab").find(first[16]), std::string::npos);
  EXPECT_EQ(first.substr(28), "0000");
  EXPECT_EQ(second, first.substr(0, 28) + "0001");
}

TEST(Stamp, NoIdComesTwice) {
  const base::SystemClock clock;
  base::SeededRandom random(2);
  Stamp stamp(clock, random);
  Stamp other(clock, random);
  std::set<std::string> random_digits;
  std::set<std::string> last_digits;
  std::string id;
  for (int i = 0; i < 0x10000; ++i) {
    stamp.fresh_id(id);
    random_digits.insert(id.substr(0, 28));
    last_digits.insert(id.substr(28));
  }
  EXPECT_EQ(random_digits.size(), 1U);
  EXPECT_EQ(last_digits.size(), 0x10000U);
  stamp.fresh_id(id);
  EXPECT_TRUE(random_digits.insert(id.substr(0, 28)).second);
  other.fresh_id(id);
  EXPECT_TRUE(random_digits.insert(id.substr(0, 28)).second);
}

}  // namespace
}  // namespace http
