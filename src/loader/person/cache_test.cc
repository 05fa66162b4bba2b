#include "loader/person/cache.h"

#include <gtest/gtest.h>

#include <string>

namespace loader::person {
namespace {

TEST(Cache, KeepsRowsAndOwnersAndTakesNewOnesInTheirPlace) {
  Cache cache(1 << 20);
  EXPECT_EQ(cache.row_of(1), std::nullopt);
  EXPECT_EQ(cache.owner_of({1, 2}), std::nullopt);
  cache.put(1, "short");
  cache.put({1, 2}, 1);
  cache.put({2, 2}, 2);
  EXPECT_EQ(cache.row_of(1), "short");
  cache.put(1, "much longer than before");
  cache.put({1, 2}, 7);
  EXPECT_EQ(cache.row_of(1), "much longer than before");
  cache.put(1, "s");
  EXPECT_EQ(cache.row_of(1), "s");
  EXPECT_EQ(cache.owner_of({1, 2}), 7);
  EXPECT_EQ(cache.owner_of({2, 2}), 2);
  cache.clear();
  EXPECT_EQ(cache.row_of(1), std::nullopt);
}

TEST(Cache, ThousandsOfRowsAreAllFound) {
  Cache cache(64 << 20);
  const std::string large(300'000, 'x');
  for (std::int64_t id = 0; id < 5'000; ++id) {
    cache.put(id, id % 1'000 == 0 ? large : std::string(static_cast<std::size_t>(id % 300), 'r'));
    cache.put({0, static_cast<std::uint64_t>(id)}, id);
  }
  for (std::int64_t id = 0; id < 5'000; ++id) {
    const auto row = cache.row_of(id);
    ASSERT_TRUE(row);
    EXPECT_EQ(row->size(), id % 1'000 == 0 ? large.size() : static_cast<std::size_t>(id % 300));
    EXPECT_EQ(cache.owner_of({0, static_cast<std::uint64_t>(id)}), id);
  }
}

TEST(Cache, WhatIsAskedForStaysAndTheRestGoes) {
  Cache cache(20'000);
  for (int round = 0; round < 20; ++round) {
    cache.put(round + 10, std::string(3'000, 'x'));
    ASSERT_TRUE(round == 0 || cache.row_of(1));
    ASSERT_TRUE(round == 0 || cache.owner_of({1, 1}));
    cache.put(1, "often");
    cache.put({1, 1}, 1);
    cache.age();
  }
  EXPECT_EQ(cache.row_of(1), "often");
  EXPECT_EQ(cache.row_of(10), std::nullopt);
}

TEST(Cache, StepBeyondTheBoundLeavesNothing) {
  Cache cache(1'000);
  cache.put(1, std::string(5'000, 'x'));
  cache.age();
  EXPECT_EQ(cache.row_of(1), std::nullopt);
}

}  // namespace
}  // namespace loader::person
