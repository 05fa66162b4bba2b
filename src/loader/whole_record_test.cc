#include "loader/test_world.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

namespace loader {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class WholeRecordTest : public LoaderWorld {
 protected:
  void SetUp() override {
    LoaderWorld::SetUp();
    hooks_.loaded = [this](Position /*position*/, const Handled& handled) {
      for (const auto& [key, units] : handled) {
        handled_ += units;
      }
    };
  }
  std::uint64_t handled_ = 0;  // units that the loader told of
};

TEST_F(WholeRecordTest, IsOneUnitInTheBooksAndToldAsWhatWasAnswered) {
  open_stepper();
  write("event a x d1\nevent b x d1", {{"units", "2"}});
  write("throw", {{"units", "3"}});
  write("poison p\nevent c x d1\nprofile u k 1\nbad why", {{"units", "4"}});
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "b"));
  EXPECT_THAT(store_.rejected, SizeIs(2));
  EXPECT_EQ(books(), (state::Counts{4, 2, 0, 2}));
  EXPECT_EQ(handled_, 9U);
}

TEST_F(WholeRecordTest, WithTooLargeRowsIsToldAsWhatWasAnswered) {
  parts_.decoders[event::Api::kSegmentstream] = [](const event::Record& record) {
    event::Decoded decoded = decode_lines(record);
    decoded.events.at(0).items.resize(1000);
    decoded.events.at(0).event_name = std::string(500'000, 'n');  // repeated in each item
    return decoded;
  };
  open_stepper();
  write("event a x d1\nevent b x d1", {{"units", "2"}});
  load();
  ASSERT_THAT(store_.rejected, SizeIs(1));
  EXPECT_EQ(store_.rejected[0].code, "rows_too_large");
  EXPECT_EQ(books(), (state::Counts{1, 0, 0, 1}));
  EXPECT_EQ(handled_, 2U);
}

}  // namespace
}  // namespace loader
