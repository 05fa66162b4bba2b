#include "enrich/referrer_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace enrich {
namespace {

using ::testing::HasSubstr;

ReferrerList built_in() {
  auto list = ReferrerList::parse(built_in_referrers());
  EXPECT_TRUE(list) << list.error().message;
  return *std::move(list);
}

std::string_view source_of(const ReferrerList& list, std::string_view url) {
  const KnownReferrer* const found = list.find(url, split_url(url));
  return found == nullptr ? "" : found->source;
}

TEST(ReferrerList, FindsAnAddressByEachOfItsForms) {
  const ReferrerList list = built_in();
  EXPECT_EQ(source_of(list, "https://bing.com/images/search?q=1"), "Bing Images");
  EXPECT_EQ(source_of(list, "https://www.bing.com/images/search"), "Bing Images");
  EXPECT_EQ(source_of(list, "bing.com/maps"), "Bing");
  EXPECT_EQ(source_of(list, "HTTPS://WWW.LinkedIn.com:443/feed"), "linkedin");
  EXPECT_EQ(source_of(list, "https://www.facebook.com/"), "Facebook");
  EXPECT_EQ(source_of(list, "https://amazon.com.br/"), "amazon") << "without the country";
  EXPECT_EQ(source_of(list, "https://www.amazon.com.mx/x"), "amazon");
  EXPECT_EQ(source_of(list, "https://amazon.de/"), "") << "no label of two or three before it";
  EXPECT_EQ(source_of(list, "https://images.google.fr/"), "Google");
  EXPECT_EQ(source_of(list, "https://linkedin.example/"), "");
  EXPECT_EQ(source_of(list, ""), "");
  EXPECT_EQ(source_of(list, "://"), "");
}

TEST(ReferrerList, BuiltInOneHasEveryCategory) {
  const ReferrerList list = built_in();
  EXPECT_EQ(list.category_of("duckduckgo"), "Search");
  EXPECT_EQ(list.category_of("reddit"), "Social");
  EXPECT_EQ(list.category_of("youtube"), "Video");
  EXPECT_EQ(list.category_of("etsy"), "Shopping");
  EXPECT_EQ(list.category_of("tagassistant.google.com"), "Referral");
  EXPECT_EQ(list.category_of("ABCsøk"), "Search");
  EXPECT_EQ(list.category_of("Reddit"), "") << "names are compared exactly";
  EXPECT_EQ(list.category_of("Facebook"), "Search") << "the last line of a name counts";
}

TEST(ReferrerList, LinesOfAnotherFormAreNamed) {
  const auto list = ReferrerList::parse("# comment\n\na.example\tA\tSearch\nb.example\tB\n");
  ASSERT_FALSE(list);
  EXPECT_THAT(list.error().message, HasSubstr("line 4"));
}

}  // namespace
}  // namespace enrich
