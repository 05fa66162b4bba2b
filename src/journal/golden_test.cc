// Journals of released formats, byte for byte: every later version reads them. A new format adds a
// test, it changes none.

#include "codec/text.h"
#include "journal/fixture.h"
#include "journal/keeper.h"
#include "journal/verify.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace journal {
namespace {

constexpr std::string_view kVersion1Compressed =
    "28b52ffd24e54d0200940363617463687365670100000091bef871401e18240a0600f05f07e42b8a"
    "4e5f960000000130948b612b2dc043030000000200a3b3d85274776f05006040121cd57f5280b366"
    "952595a145425c2a4d183c00000063617463686964780100000000000400e5000000000000000200"
    "0000000000000100000056000000240000000100000000000000bfdd1bed44000000";
constexpr std::string_view kVersion1Plain =
    "63617463687365670100000071c3e085030000000000000000401e18240a0600b831525c087a8bbf"
    "050000000300000000000000bc51441c74687265655b095702000000000400000000000000000000"
    "00";

using JournalGolden = JournalTest;

TEST_F(JournalGolden, Version1ReadsBackAndIsContinued) {
  files_.set_content(path(1, true), *codec::decode_hex(kVersion1Compressed));
  files_.set_content(path(3), *codec::decode_hex(kVersion1Plain));
  const base::Result<Verdict> verdict = verify(files_, "journal", {});
  ASSERT_TRUE(verdict) << verdict.error().message;
  EXPECT_TRUE(verdict->good());
  open();
  EXPECT_EQ(write("five"), 5U);
  EXPECT_EQ(read_all(), "1=" + std::string(150, 'a') + " 2=two 3=three 4= 5=five");
}

}  // namespace
}  // namespace journal
