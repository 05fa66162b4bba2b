#include "event/imported.h"
#include "loader/test_world.h"

#include <gmock/gmock.h>

namespace loader {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class ImportTest : public LoaderWorld {
 protected:
  Position import(std::string_view body, std::string_view id) {
    return write(body, {{event::kImportNote, id}, {"units", "4"}});
  }
  std::optional<state::ImportedRecord> find(std::string_view id) {
    auto reader = state::ImportReader::open(stepper_->state().path());
    EXPECT_TRUE(reader);
    auto found = (*reader)->find({"shop", id});
    EXPECT_TRUE(found);
    return found ? *found : std::nullopt;
  }
};

constexpr std::string_view kPart = "event a x d1\nevent - y d1\nbad why\nprofile u k 1";

TEST_F(ImportTest, APartThatComesAgainIsDuplicateWhole) {
  const Position first = import(kPart, "f:1");
  load();
  EXPECT_EQ(books(), (state::Counts{4, 3, 0, 1}));
  import(kPart, "f:1");
  import(kPart, "f:1");
  load();
  EXPECT_EQ(books(), (state::Counts{12, 3, 8, 1}));
  EXPECT_THAT(ids(), ElementsAre("a", std::to_string(first) + "-1"));
  EXPECT_THAT(store_.rejected, SizeIs(1));
  const auto found = find("f:1");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->position, first);
  EXPECT_EQ(found->stored, 3);
  EXPECT_EQ(found->rejected, 1);
  EXPECT_FALSE(find("f:2"));
}

TEST_F(ImportTest, APartThatComesAgainInTheSameStepIsDuplicate) {
  import(kPart, "f:1");
  import(kPart, "f:1");
  import("event b x d1", "f:2");
  load();
  EXPECT_EQ(books(), (state::Counts{9, 4, 4, 1}));
}

TEST_F(ImportTest, TheSameAfterACrashAndDerivedAgain) {
  import(kPart, "f:1");
  import(kPart, "f:1");
  load();
  const auto before = persons();
  crash();
  load();
  EXPECT_EQ(books(), (state::Counts{8, 3, 4, 1}));
  EXPECT_THAT(ids(), SizeIs(2));
  EXPECT_THAT(store_.rejected, SizeIs(1));
  EXPECT_EQ(persons(), before);
  stepper_.reset();
  empty(options_.state_folder);
  open_stepper();
  load();
  EXPECT_EQ(books(), (state::Counts{8, 3, 4, 1}));
  EXPECT_THAT(ids(), SizeIs(2));
}

TEST_F(ImportTest, AnEventThatCameLiveAndInAnExportCountsOnceHoweverOldTheExportIs) {
  write("event a x d1");
  load();
  const std::string now = std::to_string(base::to_us(clock_.now()));
  event::Record record;
  record.api = event::Api::kSegmentstream;
  record.received_at = base::from_us(1'400'000'000'000'000);
  record.app_id = "shop";
  record.notes = {{event::kImportNote, "f:1"}, {event::kImportedAtNote, now}};
  record.body = "event a x d1\nevent b x d1";
  std::string bytes;
  event::encode_record(record, bytes);
  write_bytes(bytes);
  record.notes = {{event::kImportNote, "g:1"}, {event::kImportedAtNote, now}};
  record.received_at = base::from_us(1'500'000'000'000'000);
  bytes.clear();
  event::encode_record(record, bytes);
  write_bytes(bytes);
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "b"));
  EXPECT_EQ(find("f:1")->duplicate, 1);
  EXPECT_EQ(find("g:1")->duplicate, 2);
}

}  // namespace
}  // namespace loader
