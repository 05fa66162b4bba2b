#include "loader/person/common_texts.h"

#include <gtest/gtest.h>

#include <string>

namespace loader::person {
namespace {

TEST(CommonTexts, TextGetsANumberWhenAThirdPersonHasIt) {
  CommonTexts texts;
  EXPECT_EQ(texts.number_of("gold", 7), 0U);
  EXPECT_EQ(texts.number_of("gold", 8), 0U);
  EXPECT_EQ(texts.number_of("gold", 9), 1U);
  EXPECT_EQ(texts.number_of("gold", 7), 1U);
  EXPECT_EQ(texts.number_of("iron", 7), 0U);
  EXPECT_EQ(texts.number_of("iron", 9), 0U);
  EXPECT_EQ(texts.number_of("iron", 8), 2U);
  ASSERT_NE(texts.text_of(2), nullptr);
  EXPECT_EQ(*texts.text_of(2), "iron");
}

TEST(CommonTexts, TextOfOnePersonAndOfWhomThatOneBecameGetsNoneHoweverOftenItIsWritten) {
  CommonTexts texts;
  for (int times = 0; times < 3; ++times) {
    EXPECT_EQ(texts.number_of("https://shop.example/?click=8842", 7), 0U);
    EXPECT_EQ(texts.number_of("https://shop.example/?click=8842", 8), 0U);
  }
  EXPECT_EQ(texts.size(), 0U);
}

TEST(CommonTexts, ShortAndLongTextsGetNone) {
  CommonTexts texts;
  const std::string longer(CommonTexts::kTextBytesMax + 1, 'x');
  for (const std::string& text : {std::string(), std::string("NO"), longer}) {
    for (int person = 1; person < 4; ++person) {
      EXPECT_EQ(texts.number_of(text, person), 0U);
    }
  }
}

TEST(CommonTexts, WhenAllNumbersAreGivenNoMoreTextsGetOne) {
  CommonTexts texts;
  for (std::size_t at = 0; at < CommonTexts::kTextsMax; ++at) {
    texts.add("text " + std::to_string(at));
  }
  EXPECT_EQ(texts.number_of("one more", 1), 0U);
  EXPECT_EQ(texts.number_of("one more", 2), 0U);
  EXPECT_EQ(texts.number_of("one more", 3), 0U);
  EXPECT_EQ(texts.number_of("text 5", 1), 6U);
}

TEST(CommonTexts, NumbersThatWereNotGivenNameNothing) {
  CommonTexts texts;
  texts.add("gold");
  EXPECT_EQ(texts.text_of(0), nullptr);
  EXPECT_EQ(texts.text_of(2), nullptr);
  EXPECT_EQ(texts.text_of(~std::uint64_t{0}), nullptr);
}

}  // namespace
}  // namespace loader::person
