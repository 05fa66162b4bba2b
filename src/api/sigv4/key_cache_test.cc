#include "api/sigv4/key_cache.h"

#include <gtest/gtest.h>

namespace api::sigv4 {
namespace {

const Scope kToday{"20150830", "us-east-1", "service"};
const Scope kTomorrow{"20150831", "us-east-1", "service"};

TEST(KeyCache, FindsAKeyOnlyForItsSecretAndScope) {
  KeyCache cache;
  const codec::Digest key = signing_key("secret", kToday);
  cache.put("AK", "secret", kToday, key);
  EXPECT_EQ(cache.find("AK", "secret", kToday), key);
  EXPECT_FALSE(cache.find("AK", "rotated", kToday));
  EXPECT_FALSE(cache.find("AK", "secret", kTomorrow));
  EXPECT_FALSE(cache.find("AK2", "secret", kToday));
}

TEST(KeyCache, StaysBoundedAndDropsOtherDaysFirst) {
  KeyCache cache(3);
  cache.put("A", "s", kToday, signing_key("s", kToday));
  cache.put("B", "s", kTomorrow, signing_key("s", kTomorrow));
  cache.put("C", "s", kTomorrow, signing_key("s", kTomorrow));
  cache.put("D", "s", kTomorrow, signing_key("s", kTomorrow));
  EXPECT_EQ(cache.size(), 3U);
  EXPECT_FALSE(cache.find("A", "s", kToday));
  EXPECT_TRUE(cache.find("B", "s", kTomorrow));
  cache.put("E", "s", kTomorrow, signing_key("s", kTomorrow));
  EXPECT_LE(cache.size(), 3U);
  EXPECT_TRUE(cache.find("E", "s", kTomorrow));
}

}  // namespace
}  // namespace api::sigv4
