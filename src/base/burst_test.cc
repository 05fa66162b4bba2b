#include "base/burst.h"

#include <gtest/gtest.h>

#include <memory>

namespace base {
namespace {

struct Counter final : Sleeper {
  void wake() override { ++woken; }
  int woken = 0;
};

TEST(Burst, WakesAtOnceOutsideOfAny) {
  const auto counter = std::make_shared<Counter>();
  Burst::wake(counter);
  Burst::wake(counter);
  EXPECT_EQ(counter->woken, 2);
}

TEST(Burst, WakesEachOnceWhenItEnds) {
  const auto one = std::make_shared<Counter>();
  const auto other = std::make_shared<Counter>();
  {
    const Burst burst;
    Burst::wake(one);
    Burst::wake(other);
    Burst::wake(one);
    EXPECT_EQ(one->woken, 0);
  }
  EXPECT_EQ(one->woken, 1);
  EXPECT_EQ(other->woken, 1);
}

TEST(Burst, ThatEndedBeginsAnew) {
  const auto counter = std::make_shared<Counter>();
  Burst burst;
  Burst::wake(counter);
  burst.end();
  EXPECT_EQ(counter->woken, 1);
  burst.end();
  EXPECT_EQ(counter->woken, 1);
  Burst::wake(counter);
  EXPECT_EQ(counter->woken, 1);
  burst.end();
  EXPECT_EQ(counter->woken, 2);
}

TEST(Burst, InsideAnotherWakesAtItsOwnEnd) {
  const auto counter = std::make_shared<Counter>();
  const Burst outer;
  {
    const Burst inner;
    Burst::wake(counter);
  }
  EXPECT_EQ(counter->woken, 1);
}

TEST(Burst, SaysWhenItHoldsTheFirstBack) {
  const auto one = std::make_shared<Counter>();
  const auto other = std::make_shared<Counter>();
  int said = 0;
  Burst burst([&said] { ++said; });
  Burst::wake(one);
  Burst::wake(other);
  EXPECT_EQ(said, 1);
  burst.end();
  Burst::wake(other);
  EXPECT_EQ(said, 2);
}

TEST(Burst, KeepsWhoIsHeldBack) {
  auto counter = std::make_shared<Counter>();
  const std::weak_ptr<Counter> seen = counter;
  {
    const Burst burst;
    Burst::wake(counter);
    counter.reset();
    EXPECT_FALSE(seen.expired());
  }
  EXPECT_TRUE(seen.expired());
}

}  // namespace
}  // namespace base
