#include "codec/compression.h"
#include "codec/hash.h"
#include "io/memory_file_system.h"
#include "segment/compress.h"
#include "segment/compressed.h"
#include "segment/format.h"
#include "segment/scanner.h"
#include "segment/source.h"
#include "segment/survey.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

namespace segment {
namespace {

constexpr std::uint32_t kSalt = 0x5a17;

/// A segment built in memory record by record, and what a survey says of it.
class Segment : public testing::Test {
 protected:
  Segment() { bytes_ = encode_header({kSalt, 5, base::from_us(1'700'000'000'000'000)}); }

  void add(std::string_view payload) {
    offsets_.push_back(bytes_.size());
    encode_record(bytes_, kSalt, 5 + offsets_.size() - 1, payload);
  }
  void flip(std::uint64_t offset) { bytes_[offset] = static_cast<char>(bytes_[offset] ^ 1); }
  void zeros(std::size_t count) { bytes_.append(count, '\0'); }

  /// "5=a 6=b [7-8 reason]", then "tail N" where there is one.
  std::string look(Position last_expected = 0, bool compressed = false) {
    const Name name{5, compressed};
    if (!compressed && !(written_ && files_.content("j/" + name.text()) == bytes_)) {
      files_.set_content("j/" + name.text(), bytes_);
      written_ = true;
    }
    const base::Result<std::unique_ptr<Source>> source = open_source(files_, "j", name);
    if (!source) {
      return source.error().message;
    }
    Scanner scanner(**source, 5);
    if (const base::Status opened = scanner.open(); !opened) {
      return opened.error().message;
    }
    std::string out;
    const Visit visit = [&out](Place place, std::string_view payload) {
      out += std::to_string(place.position) + "=" + std::string(payload) + " ";
    };
    const base::Result<Survey> found = survey(scanner, **source, last_expected, visit);
    if (!found) {
      return found.error().message;
    }
    for (const Damage& damage : found->damages) {
      out += "[" + std::to_string(damage.first) + "-" + std::to_string(damage.last) + " " +
             damage.reason + "] ";
    }
    if (found->tail_bytes > 0) {
      out += "tail " + std::to_string(found->tail_bytes) + " " + found->tail_reason + " ";
    }
    out += scanner.header_damage();
    if (out.ends_with(' ')) {
      out.pop_back();
    }
    return out;
  }

  io::MemoryFileSystem files_;
  std::string bytes_;
  bool written_ = false;
  std::vector<std::uint64_t> offsets_;
};

TEST_F(Segment, EmptyOneHoldsNothing) { EXPECT_EQ(look(), ""); }

TEST_F(Segment, ZerosBehindTheLastRecordAreACleanEnd) {
  add("a");
  add("");
  zeros(1000);
  EXPECT_EQ(look(), "5=a 6=");
}

TEST_F(Segment, EmptyFileIsAMissingHeaderAndNothingElse) {
  bytes_.clear();
  EXPECT_EQ(look(), "segment header is missing");
}

TEST_F(Segment, EveryTruncationKeepsTheWholeRecordsBefore) {
  add("first");
  add("second");
  const std::string whole = bytes_;
  for (std::size_t size = offsets_[1] + 1; size < whole.size(); ++size) {
    bytes_ = whole.substr(0, size);
    zeros(200);
    const std::string seen = look();
    ASSERT_TRUE(seen.starts_with("5=first tail ")) << size << ": " << seen;
  }
}

TEST_F(Segment, EveryFlippedBitIsFoundAndCostsOneRecord) {
  add("first");
  add("second");
  add("third");
  const std::string whole = bytes_;
  for (std::uint64_t offset = offsets_[1]; offset < offsets_[2]; ++offset) {
    bytes_ = whole;
    flip(offset);
    const std::string seen = look();
    ASSERT_TRUE(seen.starts_with("5=first 7=third [6-6 ")) << offset << ": " << seen;
  }
}

TEST_F(Segment, DamagedHeaderCostsNoRecord) {
  add("a");
  add("b");
  const std::string whole = bytes_;
  for (std::uint64_t offset = 0; offset < kHeaderBytes; ++offset) {
    bytes_ = whole;
    flip(offset);
    const std::string seen = look();
    ASSERT_TRUE(seen.starts_with("5=a 6=b segment header")) << offset << ": " << seen;
  }
}

TEST_F(Segment, HeaderOfAnotherSegmentIsDamage) {
  bytes_ = encode_header({kSalt, 6, base::from_us(0)});
  add("a");
  EXPECT_EQ(look(), "5=a segment header says first position 6, its name 5");
}

TEST_F(Segment, NewerVersionIsRefusedNotSkipped) {
  bytes_[8] = 2;
  std::string head = bytes_.substr(0, 32);
  put_u32(head, codec::crc32c(head));
  bytes_ = head;
  EXPECT_EQ(look(), "segment has format version 2, this program reads version 1");
}

TEST_F(Segment, RecordsBehindALostPageAreFound) {
  add(std::string(600, 'a'));
  add("b");
  add("c");
  std::fill(bytes_.begin() + 100, bytes_.begin() + static_cast<std::ptrdiff_t>(offsets_[1]), '\0');
  EXPECT_EQ(look(), "6=b 7=c [5-5 record fails its checksum]");
}

TEST_F(Segment, LastRecordsMissingBeforeTheNextSegmentAreDamage) {
  add("a");
  EXPECT_EQ(look(7), "5=a [6-7 record never arrived]");
}

TEST_F(Segment, RecordOfAnotherPlaceIsDamage) {
  add("a");
  const std::string copy = bytes_.substr(offsets_[0]);
  add("b");
  add("c");
  bytes_.replace(offsets_[1], copy.size(), copy);
  EXPECT_EQ(look(), "5=a 7=c [6-6 record 5 lies where record 6 was expected]");
}

TEST_F(Segment, BytesInABodyCannotPassForARecord) {
  std::string forged;
  encode_record(forged, 0, 6, "forged");
  encode_record(forged, kSalt + 1, 6, "forged");
  add("x" + forged);
  flip(offsets_[0]);
  zeros(100);
  EXPECT_EQ(look(), "tail " + std::to_string(kRecordHeaderBytes + 1 + forged.size()) +
                        " record header fails its checksum");
}

TEST_F(Segment, BytesInABodyCannotPassForARecordWhereTheSaltIsLost) {
  std::string forged;
  encode_record(forged, 0, 6, "forged");
  add("x" + forged);
  flip(0);
  flip(offsets_[0] + kRecordHeaderBytes);
  EXPECT_EQ(look(), "tail " + std::to_string(kRecordHeaderBytes + 1 + forged.size()) +
                        " record cannot be checked, the segment's salt is lost "
                        "segment header is missing");
}

TEST_F(Segment, HugeLengthIsDamageNotAnAllocation) {
  add("a");
  const std::uint64_t offset = bytes_.size();
  encode_record(bytes_, kSalt, 6, "");
  for (std::size_t i = 4; i < 8; ++i) {
    bytes_[offset + i] = '\xff';
  }
  const std::uint32_t check = record_header_check(std::string_view(bytes_).substr(offset)) ^ kSalt;
  std::string check_bytes;
  put_u32(check_bytes, check);
  bytes_.replace(offset, 4, check_bytes);
  EXPECT_EQ(look(), "5=a tail 9 record of 4294967295 bytes is larger than any");
}

TEST_F(Segment, UnreadableSectorCostsThePageItLiesIn) {
  add("a");
  add(std::string(8192, 'b'));
  add("c");
  look();
  files_.spoil("j/" + Name{5, false}.text(), 5000, 512);
  EXPECT_EQ(look(), "5=a 7=c [6-6 record fails its checksum]");
}

class Compressed : public Segment {
 protected:
  /// More than one block; a record lies across each border.
  void fill(codec::Effort effort = codec::Effort::kSmall) {
    for (int i = 0; i < 20; ++i) {
      std::string payload = std::to_string(i);
      payload.resize(200'000, static_cast<char>('a' + i));
      add(payload);
    }
    zeros(100'000);
    plain_ = look(24);
    ASSERT_TRUE(compress_segment(files_, "j", 5, 24, effort));
  }
  /// Flips one bit in each of these frames.
  void damage(const std::vector<std::size_t>& frames) {
    std::string bytes = files_.content(file_);
    const base::Result<std::uint64_t> index =
        index_bytes(std::string_view(bytes).substr(bytes.size() - 8), bytes.size());
    ASSERT_TRUE(index);
    const base::Result<BlockIndex> blocks =
        decode_index(std::string_view(bytes).substr(bytes.size() - *index), bytes.size());
    ASSERT_TRUE(blocks);
    ASSERT_EQ(blocks->blocks.size(), 4U);
    EXPECT_EQ(blocks->last, 24U);
    for (const std::size_t frame : frames) {
      std::size_t start = 0;
      for (std::size_t i = 0; i < frame; ++i) {
        start += blocks->blocks[i].packed_bytes;
      }
      bytes[start + 10] ^= 0x10;
    }
    files_.set_content(file_, bytes);
  }
  std::string file_ = "j/" + Name{5, true}.text();
  std::string plain_;
};

TEST_F(Compressed, HoldsTheSameRecordsAndReplacesThePlainFile) {
  fill();
  EXPECT_EQ(look(24, true), plain_);
  EXPECT_FALSE(files_.exists("j/" + Name{5, false}.text()));
  EXPECT_LT(files_.content(file_).size(), 20'000U);
}

TEST_F(Compressed, HoldsTheSameWithLessEffort) {
  fill(codec::Effort::kQuick);
  EXPECT_EQ(look(24, true), plain_);
}

TEST_F(Compressed, BlocksOfAnotherSizeAreRead) {
  fill();
  const std::string content = bytes_.substr(0, bytes_.size() - 100'000);
  constexpr std::uint32_t kEarlierBlockBytes = std::uint32_t{256} << 10U;
  BlockIndex index{kEarlierBlockBytes, content.size(), 24, {}};
  std::string file;
  for (std::size_t at = 0; at < content.size(); at += kEarlierBlockBytes) {
    const std::string packed = codec::zstd(content.substr(at, kEarlierBlockBytes), 3);
    index.blocks.push_back({static_cast<std::uint32_t>(packed.size()), Block::kNoRecord, 0});
    file += packed;
  }
  for (std::size_t i = 0; i < offsets_.size(); ++i) {
    Block& block = index.blocks[offsets_[i] / kEarlierBlockBytes];
    if (block.record_offset == Block::kNoRecord) {
      block.record_offset = static_cast<std::uint32_t>(offsets_[i] % kEarlierBlockBytes);
      block.position = 5 + i;
    }
  }
  files_.set_content(file_, file + encode_index(index));
  EXPECT_EQ(look(24, true), plain_);
  EXPECT_EQ((*open_source(files_, "j", {5, true}))->place_of(20).position, 20U);
}

TEST_F(Compressed, UnpacksAsOneZstdStream) {
  fill();
  const base::Result<std::string> plain =
      codec::unzstd(files_.content(file_), {.bytes_max = 1U << 24U, .ratio_max = 1U << 20U});
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(*plain, bytes_.substr(0, bytes_.size() - 100'000));
}

TEST_F(Compressed, PlaceOfAPositionIsInTheBlockBeforeIt) {
  fill();
  const base::Result<std::unique_ptr<Source>> source = open_source(files_, "j", {5, true});
  ASSERT_TRUE(source);
  for (Position position = 5; position <= 24; ++position) {
    const Place place = (*source)->place_of(position);
    EXPECT_LE(place.position, position);
    EXPECT_GE(place.position + 6, position) << "a block holds five such records";
    EXPECT_EQ(place.offset, offsets_[place.position - 5]);
  }
}

TEST_F(Compressed, DamagedBlockCostsItsRecordsAlone) {
  fill();
  damage({1});
  const std::string seen = look(24, true);
  EXPECT_EQ(seen.substr(seen.find('[')), "[10-15 record fails its checksum]");
  EXPECT_EQ(std::count(seen.begin(), seen.end(), '='), 14);
  EXPECT_NE(seen.find("9=4"), std::string::npos);
  EXPECT_NE(seen.find("16=11"), std::string::npos);
}

TEST_F(Compressed, DamagedFirstBlockCostsItsRecordsAlone) {
  fill();
  damage({0});
  const std::string seen = look(24, true);
  EXPECT_EQ(seen.substr(seen.find('[')),
            "[5-10 record header fails its checksum] segment header is missing");
  EXPECT_EQ(seen.substr(0, seen.find('[')), plain_.substr(plain_.find("11=")) + " ");
}

TEST_F(Compressed, OneWholeBlockTellsTheSaltOfTheOthers) {
  fill();
  const std::string whole = files_.content(file_);
  struct Case {
    std::vector<std::size_t> frames;
    std::string lost;
  };
  const std::string header = "record header fails its checksum] ";
  const std::string record = "record fails its checksum] ";
  const std::vector<Case> cases{
      {{0, 1}, "[5-15 " + header + "segment header is missing"},
      {{0, 2}, "[5-10 " + header + "[15-20 " + record + "segment header is missing"},
      {{0, 3}, "[5-10 " + header + "[20-24 " + record + "tail 1000100 "},
      {{0, 1, 2}, "[5-20 " + header + "segment header is missing"},
      {{0, 2, 3}, "[5-10 " + header + "[15-24 " + record + "tail 2000200 "},
      {{0, 1, 2, 3}, "[5-24 record cannot be checked, the segment's salt is lost] tail "}};
  for (const Case& each : cases) {
    files_.set_content(file_, whole);
    damage(each.frames);
    const std::string seen = look(24, true);
    EXPECT_TRUE(seen.substr(seen.find('[')).starts_with(each.lost)) << seen.substr(seen.find('['));
  }
}

TEST_F(Compressed, DamagedIndexCostsNothing) {
  fill();
  const std::string whole = files_.content(file_);
  const std::uint64_t index =
      *index_bytes(std::string_view(whole).substr(whole.size() - 8), whole.size());
  for (std::uint64_t back = 1; back <= index - 8; ++back) {
    std::string bytes = whole;
    bytes[bytes.size() - back] ^= 0x01;
    files_.set_content(file_, bytes);
    ASSERT_EQ(look(24, true), plain_) << back;
  }
}

TEST_F(Compressed, FileOfGarbageIsDamageNotAnError) {
  fill();
  files_.set_content(file_, "garbage");
  EXPECT_TRUE(look(24, true).starts_with("[5-24 ")) << look(24, true);
}

TEST_F(Compressed, DamagedSegmentKeepsItsBytes) {
  add("a");
  add("b");
  add("c");
  flip(offsets_[1] + kRecordHeaderBytes);
  const std::string plain = look(8);
  EXPECT_EQ(plain, "5=a 7=c [6-6 record fails its checksum] [8-8 record never arrived]");
  ASSERT_TRUE(compress_segment(files_, "j", 5, 8, codec::Effort::kSmall));
  EXPECT_EQ(look(8, true), plain);
}

TEST_F(Compressed, ReadErrorLeavesThePlainFile) {
  add(std::string(10'000, 'a'));
  look();
  files_.fail(io::MemoryFileSystem::Call::kRead, EIO, 1, true);
  EXPECT_FALSE(compress_segment(files_, "j", 5, 5, codec::Effort::kSmall));
  files_.heal();
  EXPECT_EQ(*files_.list("j"), std::vector<std::string>{Name({5, false}).text()});
}

TEST(Name, ReadsBackAndRefusesOthers) {
  EXPECT_EQ((Name{7, true}.text()), "00000000000000000007.seg.zst");
  EXPECT_EQ(parse_name("00000000000000000007.seg"), (Name{7, false}));
  EXPECT_EQ(parse_name("18446744073709551615.seg.zst"), (Name{~Position{0}, true}));
  for (const char* name :
       {"7.seg", "00000000000000000000.seg", "00000000000000000007.seg.zst.tmp",
        "0000000000000000000x.seg", "99999999999999999999.seg", "", "00000000000000000007"}) {
    EXPECT_FALSE(parse_name(name)) << name;
  }
}

}  // namespace
}  // namespace segment
