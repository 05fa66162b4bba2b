#include "loader/person/row_bytes.h"

#include <gtest/gtest.h>

#include <string>

namespace loader::person {
namespace {

class RowBytes : public testing::Test {
 protected:
  static std::string written(std::string_view text) {
    std::string bytes;
    RowWriter(bytes).text(text);
    return bytes;
  }

  /// nullopt when the bytes are not those of one text.
  std::optional<std::string> read(std::string_view bytes) {
    RowReader reader(bytes, texts_);
    std::string text = "before";
    reader.text(text);
    return reader.ended_well() ? std::optional(text) : std::nullopt;
  }

  CommonTexts texts_;
};

TEST_F(RowBytes, EveryTextComesBackAsItWas) {
  for (const std::string_view text : {"",
                                      "a",
                                      "0",
                                      "7",
                                      "00",
                                      "007",
                                      "999999999999999999",
                                      "9999999999999999999",
                                      "-1",
                                      "1.5",
                                      "+3",
                                      " 3",
                                      "3 ",
                                      "deadbeef",
                                      "DEADBEEF",
                                      "deadbee",
                                      "deadbeeg",
                                      "dead",
                                      "0123456789abcdef01234567",
                                      "80369e4e-c837-4e10-875d-106bf8b36e8a",
                                      "80369E4E-C837-4E10-875D-106BF8B36E8A",
                                      "80369e4e-C837-4e10-875d-106bf8b36e8a",
                                      "80369e4e-c837-4e10-875d-106bf8b36e8",
                                      "80369e4ec-837-4e10-875d-106bf8b36e8a",
                                      "80369e4e-c837-4e10-875d-106bf8b36e-a",
                                      "01234567-0123-0123-0123-012345678901",
                                      "------------------------------------",
                                      "\"quoted\"",
                                      "{}",
                                      "ærø",
                                      "1a2b3c4d.4711"}) {
    EXPECT_EQ(read(written(text)), text);
  }
  const std::string binary("\0\xff\0", 3);
  EXPECT_EQ(read(written(binary)), binary);
}

TEST_F(RowBytes, DigitsTakeHalfTheirBytesOrLess) {
  EXPECT_EQ(written("80369e4e-c837-4e10-875d-106bf8b36e8a").size(), 17U);
  EXPECT_EQ(written("80369E4E-C837-4E10-875D-106BF8B36E8A").size(), 17U);
  EXPECT_EQ(written("0123456789abcdef01234567").size(), 13U);
  EXPECT_EQ(written("1762160894223").size(), 7U);
  EXPECT_EQ(written("33").size(), 2U);
}

TEST_F(RowBytes, CutTextsAreNotRead) {
  texts_.add("gold");
  for (const std::string_view text :
       {"plain", "1762160894223", "80369e4e-c837-4e10-875d-106bf8b36e8a", "deadbeef"}) {
    const std::string bytes = written(text);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(read(std::string_view(bytes).substr(0, size)), std::nullopt) << text;
    }
  }
  EXPECT_EQ(read("\x05"), "gold");
  EXPECT_EQ(read("\x09"), std::nullopt) << "there is no such common text";
  EXPECT_EQ(read("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), std::nullopt)
      << "longer than anything";
}

TEST_F(RowBytes, CommonTextIsItsNumber) {
  std::string bytes;
  RowWriter writer(bytes);
  for (int person = 1; person <= 4; ++person) {
    writer.text("gold", texts_, person);
    writer.text("31", texts_, person);
  }
  EXPECT_EQ(bytes.size(), 2 * 5U + 2 * 1U + 4 * 1U);
  EXPECT_EQ(texts_.size(), 1U) << "a number is as short as the number of a text";
  RowReader reader(bytes, texts_);
  for (int person = 1; person <= 4; ++person) {
    std::string read;
    reader.text(read);
    EXPECT_EQ(read, "gold");
    reader.text(read);
    EXPECT_EQ(read, "31");
  }
  EXPECT_EQ(reader.named(), writer.named());
  EXPECT_TRUE(reader.ended_well());
}

}  // namespace
}  // namespace loader::person
