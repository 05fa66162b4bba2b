#include "loader/person/row.h"

#include "codec/hash.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace loader::person {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000'000;

Person typical() {
  Person person;
  person.app_id = "shop";
  person.api = event::Api::kSegmentstream;
  person.user_pseudo_id = "d2";
  person.user_id = "ann";
  person.user_id_kind = "user";
  person.user_id_time_us = kNow + 1;
  person.identities = {{"device", "d1"}, {"user", "ann"}, {"device", "d2"}, {"house", "7"}};
  person.properties = {{"age", "33", 1000}, {"plan", R"({"a":[1]})", kNow / 1000}};
  person.first_seen_us = kNow;
  person.last_seen_us = kNow + 5'000'000;
  person.events = 300;
  person.platform = "Web";
  person.country_code = "NO";
  person.first_touch = R"({"source":"x"})";
  person.first_touch_us = kNow;
  person.position = 1'000'000;
  return person;
}

class PersonRow : public testing::Test {
 protected:
  std::string row_bytes(const Person& person) {
    std::string bytes;
    write_row(person, texts_, bytes);
    return bytes;
  }

  base::Status read(std::string_view row, Person& person) { return read_row(row, texts_, person); }

  /// What is read over what another person left.
  Person round_trip(const Person& person, Person over) {
    over.id = person.id;
    const std::string bytes = row_bytes(person);
    EXPECT_TRUE(read(bytes, over));
    EXPECT_EQ(row_bytes(over), bytes);
    return over;
  }

  CommonTexts texts_;
};

TEST_F(PersonRow, EveryFieldComesBack) {
  const Person before = typical();
  const Person after = round_trip(before, Person{});
  EXPECT_EQ(after.app_id, before.app_id);
  EXPECT_EQ(after.api, before.api);
  EXPECT_EQ(after.user_pseudo_id, before.user_pseudo_id);
  EXPECT_EQ(after.user_id, before.user_id);
  EXPECT_EQ(after.user_id_kind, before.user_id_kind);
  EXPECT_EQ(after.user_id_time_us, before.user_id_time_us);
  EXPECT_EQ(after.identities, before.identities);
  EXPECT_EQ(properties_to_json(after.properties), properties_to_json(before.properties));
  EXPECT_EQ(after.first_seen_us, before.first_seen_us);
  EXPECT_EQ(after.last_seen_us, before.last_seen_us);
  EXPECT_EQ(after.events, before.events);
  EXPECT_EQ(after.platform, before.platform);
  EXPECT_EQ(after.country_code, before.country_code);
  EXPECT_EQ(after.first_touch, before.first_touch);
  EXPECT_EQ(after.first_touch_us, before.first_touch_us);
  EXPECT_EQ(after.position, before.position);
}

TEST_F(PersonRow, OfTextsThatOthersHaveTooOnlyTheNumberStands) {
  Person ann = typical();
  Person bob = typical();
  ann.id = 1;
  bob.properties.back().value_json = R"({"b":[2]})";
  const std::size_t before = row_bytes(ann).size();
  for (bob.id = 2; bob.id < 4; ++bob.id) {
    row_bytes(bob);
  }
  EXPECT_GT(texts_.size(), 3U);
  const Person after = round_trip(ann, bob);
  EXPECT_LT(row_bytes(ann).size(), before - 20);
  EXPECT_EQ(after.app_id, "shop");
  EXPECT_EQ(after.first_touch, ann.first_touch);
  EXPECT_EQ(after.platform, "Web");
  EXPECT_EQ(properties_to_json(after.properties), properties_to_json(ann.properties));
}

TEST_F(PersonRow, WithoutItsCommonTextsARowIsNotRead) {
  Person ann = typical();
  for (ann.id = 1; ann.id < 4; ++ann.id) {
    row_bytes(ann);
  }
  const std::string bytes = row_bytes(ann);
  EXPECT_TRUE(this->read(bytes, ann));
  const std::size_t texts = texts_.size();
  ASSERT_GT(texts, 0U);
  texts_ = CommonTexts();
  EXPECT_EQ(this->read(bytes, ann).error().code, base::Code::kCorrupt);
  for (std::size_t at = 0; at < texts; ++at) {
    texts_.add("another " + std::to_string(at));
  }
  EXPECT_EQ(this->read(bytes, ann).error().code, base::Code::kCorrupt) << "others in their places";
}

TEST_F(PersonRow, NothingOfThePersonBeforeStays) {
  Person bare;
  bare.app_id = "a";
  const Person after = round_trip(bare, typical());
  EXPECT_EQ(after.user_pseudo_id, "");
  EXPECT_EQ(after.user_id, "");
  EXPECT_EQ(after.user_id_kind, "");
  EXPECT_EQ(after.user_id_time_us, 0);
  EXPECT_TRUE(after.identities.empty());
  EXPECT_TRUE(after.properties.empty());
  EXPECT_EQ(after.platform + after.country_code + after.first_touch, "");
  EXPECT_EQ(after.first_touch_us, 0);
  EXPECT_LE(row_bytes(bare).size(), 16U);
}

TEST_F(PersonRow, IdsThatAreNotAmongTheIdentitiesAndEdgesOfNumbersComeBack) {
  Person person = typical();
  person.identities = {{"device", "ann"}};
  person.user_pseudo_id = std::string("\0\xff", 2);
  person.first_seen_us = std::numeric_limits<std::int64_t>::min();
  person.last_seen_us = std::numeric_limits<std::int64_t>::max();
  person.user_id_time_us = std::numeric_limits<std::int64_t>::min();
  person.events = -1;
  person.position = std::numeric_limits<std::uint64_t>::max();
  const Person after = round_trip(person, typical());
  EXPECT_EQ(after.user_id, "ann");
  EXPECT_EQ(after.user_id_kind, "user") << "and not the kind of a device that is called the same";
  EXPECT_EQ(after.user_pseudo_id, person.user_pseudo_id);
  EXPECT_EQ(after.first_seen_us, person.first_seen_us);
  EXPECT_EQ(after.last_seen_us, person.last_seen_us);
  EXPECT_EQ(after.user_id_time_us, person.user_id_time_us);
  EXPECT_EQ(after.events, -1);
  EXPECT_EQ(after.position, person.position);
}

TEST_F(PersonRow, EveryDamageIsFound) {
  const std::string bytes = row_bytes(typical());
  Person person;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    const auto read = this->read(flipped, person);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, base::Code::kCorrupt);
    EXPECT_FALSE(this->read(std::string_view(bytes).substr(0, at), person));
  }
}

TEST_F(PersonRow, BytesThatMatchTheirChecksumAndAreNoRowAreRefused) {
  Person person;
  const std::string body = row_bytes(typical());
  for (std::size_t size = 0; size + 4 < body.size(); ++size) {
    std::string cut = body.substr(0, size);
    const std::uint32_t checksum = codec::crc32c(cut);
    cut.append(reinterpret_cast<const char*>(&checksum), sizeof(checksum));
    EXPECT_FALSE(this->read(cut, person)) << size;
  }
  for (const std::string_view start :
       {"\x01", "\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}) {
    std::string other(start);
    const std::uint32_t checksum = codec::crc32c(other);
    other.append(reinterpret_cast<const char*>(&checksum), sizeof(checksum));
    EXPECT_FALSE(this->read(other, person));
  }
}

}  // namespace
}  // namespace loader::person
