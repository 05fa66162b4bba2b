#include "codec/varint.h"

#include <gtest/gtest.h>

#include <limits>

namespace codec {
namespace {

std::string written(std::uint64_t value) {
  std::string out;
  put_varint(out, value);
  return out;
}

TEST(Varint, SmallNumbersTakeOneByteTheLargestTen) {
  EXPECT_EQ(written(0), std::string(1, '\0'));
  EXPECT_EQ(written(127), "\x7f");
  EXPECT_EQ(written(128), "\x80\x01");
  EXPECT_EQ(written(300), "\xac\x02");
  EXPECT_EQ(written(std::numeric_limits<std::uint64_t>::max()).size(), 10U);
}

TEST(Varint, WhatWasWrittenIsReadAndWhatFollowsIsLeft) {
  for (unsigned shift = 0; shift < 64; ++shift) {
    const std::uint64_t value = std::uint64_t{1} << shift;
    for (const std::uint64_t each : {value - 1, value, value + 1}) {
      const std::string bytes = written(each) + "rest";
      std::string_view left = bytes;
      EXPECT_EQ(take_varint(left), each);
      EXPECT_EQ(left, "rest");
    }
  }
}

TEST(Varint, NumberThatIsCutOffIsNone) {
  const std::string whole = written(std::numeric_limits<std::uint64_t>::max());
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    std::string_view left = std::string_view(whole).substr(0, bytes);
    EXPECT_EQ(take_varint(left), std::nullopt);
  }
}

TEST(Varint, NumberThatDoesNotEndIsNone) {
  const std::string endless(20, '\xff');
  std::string_view left = endless;
  EXPECT_EQ(take_varint(left), std::nullopt);
}

}  // namespace
}  // namespace codec
