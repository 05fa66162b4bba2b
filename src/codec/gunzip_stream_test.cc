#include "codec/gunzip_stream.h"

#include "codec/compression.h"

#include <gtest/gtest.h>

#include <random>

namespace codec {
namespace {

struct Unpacked {
  std::string text;
  bool whole = false;
  bool damaged = false;
};

Unpacked unpack(std::string_view packed, std::size_t piece) {
  GunzipStream stream;
  Unpacked out;
  for (std::size_t at = 0; at < packed.size(); at += piece) {
    stream.give(packed.substr(at, piece));
    for (;;) {
      const base::Result<std::string_view> text = stream.next();
      out.damaged = out.damaged || !text;
      if (!text || text->empty()) {
        break;
      }
      out.text += *text;
    }
    if (out.damaged) {
      return out;
    }
  }
  out.whole = stream.whole();
  return out;
}

std::string noise(std::size_t bytes) {
  std::mt19937 random(3);
  std::string out;
  while (out.size() < bytes) {
    out += static_cast<char>('a' + random() % 20);
  }
  return out;
}

TEST(GunzipStream, PiecesOfAnySizeGiveTheText) {
  const std::string text = noise(200'000);
  const std::string packed = gzip(text);
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{7}, std::size_t{4096}, packed.size()}) {
    const Unpacked out = unpack(packed, piece);
    EXPECT_EQ(out.text, text) << piece;
    EXPECT_TRUE(out.whole) << piece;
  }
}

TEST(GunzipStream, MembersAreOneText) {
  const std::string packed = gzip("one\n") + gzip("") + gzip("two\n");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{5}, packed.size()}) {
    const Unpacked out = unpack(packed, piece);
    EXPECT_EQ(out.text, "one\ntwo\n");
    EXPECT_TRUE(out.whole);
  }
}

TEST(GunzipStream, ACutFileIsNotWhole) {
  const std::string packed = gzip(noise(1000));
  for (const std::size_t left : {packed.size() - 1, packed.size() / 2, std::size_t{5}}) {
    const Unpacked out = unpack(packed.substr(0, left), 100);
    EXPECT_FALSE(out.damaged) << left;
    EXPECT_FALSE(out.whole) << left;
  }
}

TEST(GunzipStream, DamageIsAnError) {
  std::string packed = gzip(noise(1000));
  packed[packed.size() - 6] ^= 1;  // of the checksum
  EXPECT_TRUE(unpack(packed, packed.size()).damaged);
  EXPECT_TRUE(unpack("no gzip at all", 100).damaged);
  EXPECT_TRUE(unpack(gzip("a") + "rubbish behind it", 1000).damaged);
}

TEST(GunzipStream, NothingIsWholeAndEmpty) {
  EXPECT_TRUE(unpack("", 1).whole);
  EXPECT_EQ(unpack("", 1).text, "");
}

}  // namespace
}  // namespace codec
