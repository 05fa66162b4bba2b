#include "imports/file_import.h"

#include "codec/compression.h"
#include "imports/packer.h"
#include "imports/same.h"
#include "imports/test_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace imports {
namespace {

using testing::HasSubstr;

const Reading kReading{Format::kSegmentstream, "shop", "", {}};

std::string hit(int number) {
  return R"({"hitId":"h)" + std::to_string(number) +
         R"(","anonymousId":"a","sentAt":"2020-10-01T08:00:00Z","event":{"name":"n"}})";
}

std::string hits(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += hit(i) + "\n";
  }
  return text;
}

std::vector<std::string> ids_of(const ReadFile& file) {
  std::vector<std::string> ids;
  for (const std::string& record : file.records) {
    ids.emplace_back(*event::decode_record(record)->note(event::kImportNote));
  }
  return ids;
}

TEST(FileImport, PlainAndPackedGiveTheSameRecords) {
  const std::string text = hits(3000);
  const ReadFile plain = read_file(text, kReading);
  EXPECT_EQ(plain.lines, 3000U);
  EXPECT_EQ(plain.records.size(), 3000U);
  EXPECT_EQ(read_file(codec::gzip(text), kReading).records, plain.records);
  const std::string parted = codec::gzip(text.substr(0, 12'345)) + codec::gzip(text.substr(12'345));
  EXPECT_EQ(read_file(parted, kReading).records, plain.records);
}

TEST(FileImport, EveryRecordHasAnIdOfItsOwn) {
  const std::vector<std::string> ids = ids_of(read_file(hits(2500), kReading));
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 2500U);
}

TEST(FileImport, AFileThatGrewKeepsTheIdsOfItsWholeParts) {
  const std::vector<std::string> before = ids_of(read_file(hits(2500), kReading));
  const std::vector<std::string> after = ids_of(read_file(hits(2600), kReading));
  EXPECT_TRUE(std::equal(before.begin(), before.begin() + 2000, after.begin()));
  EXPECT_NE(before[2000], after[2000]);
}

TEST(FileImport, WhatIsReadOtherwiseHasOtherIds) {
  const std::string line = R"({"profile":{"identity":"1"},"ts":20151023140416,"event_props":{}})";
  std::set<std::string> ids;
  for (const Reading& reading :
       {Reading{Format::kClevertap, "shop", "a", {}}, Reading{Format::kClevertap, "shop", "b", {}},
        Reading{Format::kClevertap, "shop", "a", std::chrono::hours(1)}}) {
    ids.insert(ids_of(read_file(line, reading)).at(0));
  }
  EXPECT_EQ(ids.size(), 3U);
}

TEST(FileImport, LineEndsMarksAndEmptyLinesAreNoMatter) {
  const ReadFile file = read_file("\xEF\xBB\xBF" + hit(1) + "\r\n\r\n  \n" + hit(2), kReading);
  EXPECT_EQ(file.lines, 2U);
  EXPECT_EQ(decode_all(file).events.size(), 2U);
}

TEST(FileImport, ALineThatIsTooLongIsPutAsideAndTheNextIsRead) {
  const std::string text = hit(1) + "\n" + std::string(3U << 20U, 'x') + "\n" + hit(2);
  for (const std::string& bytes : {text, codec::gzip(text)}) {
    const event::Decoded rows = rows_of(bytes, kReading);
    EXPECT_EQ(rows.events.size(), 2U);
    ASSERT_EQ(rows.rejections.size(), 1U);
    EXPECT_THAT(rows.rejections[0].reason, HasSubstr("line 2 of file.json: it is longer than"));
    EXPECT_EQ(rows.rejections[0].record, std::string(64U << 10U, 'x'));
  }
}

TEST(FileImport, BlanksThatAreTooLongEndNothing) {
  EXPECT_EQ(rows_of(std::string(3U << 20U, ' ') + "\n" + hit(2), kReading).events.size(), 1U);
}

TEST(FileImport, APackedFileThatIsCutFailsBehindItsWholeLines) {
  const std::string packed = codec::gzip(hits(5000));
  const ReadFile file = read_file(packed.substr(0, packed.size() / 2), kReading);
  EXPECT_THAT(file.failure, HasSubstr("file.json, behind line "));
  EXPECT_THAT(file.failure, HasSubstr("cut short"));
  EXPECT_GE(file.records.size(), 1000U);
  EXPECT_TRUE(decode_all(file).rejections.empty());
}

TEST(FileImport, AFileThatIsNotThereIsAnError) {
  io::MemoryFileSystem files;
  EXPECT_FALSE(FileImport::open(files, "none", kReading));
}

TEST(Packer, WhatIsJoinedIsSplitAgain) {
  const std::vector<std::string> records = {"", "a", std::string(300, 'b')};
  const std::string text = join(records);
  const auto parts = split(text);
  ASSERT_TRUE(parts);
  EXPECT_EQ(std::vector<std::string>(parts->begin(), parts->end()), records);
  EXPECT_FALSE(split(text.substr(0, text.size() - 1)));
  EXPECT_FALSE(split("abc"));
}

TEST(SameUnits, CountsWhatItRemembers) {
  SameUnits same(2);
  EXPECT_EQ(same.count("a"), 0U);
  EXPECT_EQ(same.count("a"), 1U);
  EXPECT_EQ(same.count("b"), 0U);
  EXPECT_EQ(same.count("c"), 0U);
  EXPECT_EQ(same.count("a"), 2U);
  EXPECT_EQ(same.count("d"), 0U);
  EXPECT_EQ(same.count("e"), 0U);
  EXPECT_EQ(same.count("f"), 0U);
  EXPECT_EQ(same.count("b"), 0U);  // forgotten
}

}  // namespace
}  // namespace imports
