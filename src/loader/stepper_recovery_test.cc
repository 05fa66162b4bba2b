#include "loader/state/sqlite.h"
#include "loader/stepper.h"
#include "loader/test_world.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace loader {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

/// The journal loses its end, as in a power cut, and the loader starts on what is left of it.
class LostEnd : public LoaderWorld {
 protected:
  void write_events(std::string_view names) {
    for (const char name : names) {
      write(std::string("event ") + name + " x d1");
    }
  }
  /// The journal's last segment as it is now.
  std::string copy() {
    auto bytes = io::read_file(*files_, path(), 1 << 24);
    EXPECT_TRUE(bytes);
    return bytes ? *bytes : "";
  }
  void restart_with(const std::string& journal) {
    stepper_.reset();
    store_.crash();
    writer_.reset();
    auto file = files_->open(path(), io::OpenMode::kReadWrite);
    ASSERT_TRUE(file && (*file)->truncate(0) && (*file)->write_at(0, journal));
    restart();
  }
  void restart() {
    stepper_.reset();
    store_.crash();
    writer_.reset();
    auto opened = Stepper::open(parts_, options_, hooks_);
    ASSERT_TRUE(opened) << opened.error().message;
    stepper_ = std::move(*opened);
    floor_ = stepper_->reach();
    open_journal();
    auto followed = stepper_->follow(writer_->recovery().end);
    ASSERT_TRUE(followed) << followed.error().message;
  }
  /// Of the journal's last segment.
  [[nodiscard]] std::string path() const {
    auto names = files_->list(options_.journal_folder);
    return io::join(options_.journal_folder, names && !names->empty() ? names->back() : "");
  }
};

TEST_F(LostEnd, StateThatKnowsMoreThanTheJournalIsDerivedAgain) {
  write_events("ab");
  load();
  ASSERT_TRUE(stepper_->seal());
  write_events("c");
  const std::string journal = copy();
  write_events("de");
  load();
  restart_with(journal);
  EXPECT_EQ(write("event d x d1"), 6U) << "no position twice";
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(books(), (state::Counts{4, 4, 0, 0}));
  restart();
  load();
  EXPECT_EQ(books(), (state::Counts{4, 4, 0, 0}));
}

TEST_F(LostEnd, WhatAllThreeKnowStaysAndCountsOnce) {
  write_events("ab");
  const std::string journal = copy();
  write_events("c");
  load();
  ASSERT_TRUE(stepper_->seal());
  restart_with(journal);
  restart();
  write_events("cd");
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(books(), (state::Counts{5, 4, 1, 0}));
  EXPECT_EQ(stepper_->records_damaged(), 0U);
  ASSERT_TRUE(stepper_->start_over());
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "b", "c", "d")) << "c is the one that came again";
  EXPECT_EQ(books(), (state::Counts{4, 4, 0, 0}));
}

TEST_F(LostEnd, RowsThatAreInNoBookGoWithTheirRecords) {
  write_events("ab");
  const std::string journal = copy();
  write_events("cd");
  load();
  ASSERT_TRUE(stepper_->seal());
  stepper_.reset();
  empty(options_.state_folder);
  restart_with(journal);
  write_events("e");
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "b", "e"));
  EXPECT_EQ(books(), (state::Counts{3, 3, 0, 0}));
}

TEST_F(LostEnd, EmptyJournalLeavesTheRowsAlone) {
  write_events("ab");
  load();
  ASSERT_TRUE(stepper_->seal());
  stepper_.reset();
  writer_.reset();
  empty(options_.journal_folder);
  empty(options_.state_folder);
  restart();
  EXPECT_FALSE(stepper_->start_over());
  EXPECT_EQ(write("event c x d1"), 3U);
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "b", "c"));
}

TEST_F(LostEnd, HoleInTheJournalIsTakenOutOfTheBooks) {
  write_events("a");
  load();
  ASSERT_TRUE(stepper_->seal());
  write_events("bc");
  std::string journal = copy();
  load();
  journal[journal.find("event b") + 6] = '#';
  restart_with(journal);
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "c"));
  EXPECT_EQ(books(), (state::Counts{2, 2, 0, 0}));
  EXPECT_EQ(stepper_->records_damaged(), 1U);
}

/// Records were put aside whole, and a later version of the program could make rows of them.
class PutAside : public LostEnd {
 protected:
  void SetUp() override {
    LostEnd::SetUp();
    store_.is_replayed = [this](Position position) {
      auto by = stepper_->state().notes().replayed_by({position, 0});
      return by && by->has_value();
    };
  }
  void set_decoder(void (*change)(event::Event&)) {
    parts_.decoders[event::Api::kSegmentstream] = [change](const event::Record& record) {
      event::Decoded decoded = decode_lines(record);
      std::ranges::for_each(decoded.events, change);
      return decoded;
    };
  }
  void load_sealed() {
    load();
    ASSERT_THAT(store_.rejected, SizeIs(1));
    ASSERT_TRUE(stepper_->seal());
  }
  /// Record 1 was put aside and sealed; record 2 replays it with success.
  void load_replay() {
    write("poison p\nevent a x d1");
    load_sealed();
    set_decoder([](event::Event& event) { event.event_name = "x"; });
    restart();
    write("poison p\nevent a x d1", {{"replay_of", "1:0"}, {"replay_app", "shop"}});
    load();
  }
  void lose_state() {
    stepper_.reset();
    empty(io::join(options_.state_folder, "dedup"));
    empty(options_.state_folder);
  }
};

TEST_F(PutAside, ReplayedRecordStaysSoWhenItsStateIsDerivedAgain) {
  load_replay();
  ASSERT_TRUE(stepper_->seal());
  const std::vector<std::string> people = persons();
  const std::string journal = copy();
  write("event b x d2");
  load();
  restart_with(journal);
  load();
  EXPECT_THAT(ids(), ElementsAre("p", "a"));
  EXPECT_EQ(books(), (state::Counts{2, 2, 0, 0}));
  EXPECT_EQ(persons(), people);
}

TEST_F(PutAside, ReplayThatIsNotSealedGetsItsRowsWhenTheIdsAreDerivedAgain) {
  load_replay();
  stepper_.reset();
  empty(io::join(options_.state_folder, "dedup"));
  crash();
  load();
  EXPECT_THAT(ids(), ElementsAre("p", "a"));
  EXPECT_EQ(books(), (state::Counts{2, 2, 0, 0}));
}

TEST_F(PutAside, RecordWithTooLargeRowsStaysSoWhenTheStateIsDerivedAgain) {
  set_decoder([](event::Event& event) {
    event.items.resize(1000);
    event.event_name = std::string(500'000, 'n');
  });
  write("event a x d1");
  load_sealed();
  lose_state();
  set_decoder([](event::Event& /*event*/) {});
  crash();
  load();
  EXPECT_EQ(books(), (state::Counts{1, 0, 0, 1}));
  write("event a x d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("a"));
  EXPECT_EQ(books(), (state::Counts{2, 1, 0, 1}));
}

TEST_F(PutAside, RecordThatCouldNotBeReadStaysSoWhenTheStateIsDerivedAgain) {
  write_bytes("of a later version");
  load_sealed();
  const auto before = stepper_->state().books();
  lose_state();
  writer_.reset();
  empty(options_.journal_folder);
  open_journal();
  ASSERT_EQ(write("event a x d1"), 1U) << "the same record, in words known by now";
  crash();
  load();
  ASSERT_THAT(stepper_->state().books(), SizeIs(1));
  EXPECT_EQ(stepper_->state().books()[0].counts, before[0].counts);
  EXPECT_EQ(stepper_->state().books()[0].app_id, before[0].app_id);
  write("event a x d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("a"));
}

TEST_F(PutAside, StoreIsAskedUntilItAnswers) {
  write("poison p\nevent a x d1");
  load_sealed();
  store_.refused_queries = 1;
  restart();
  EXPECT_EQ(store_.refused_queries, 1) << "nothing is derived again";
  lose_state();
  set_decoder([](event::Event& event) { event.event_name = "x"; });
  crash();
  EXPECT_FALSE(stepper_->step());
  load();
  EXPECT_EQ(books(), (state::Counts{1, 0, 0, 1}));
}

/// The journal lost its end, and its first files were removed for their age.
class LostBothEnds : public LostEnd {
 protected:
  static constexpr int kSealed = 100;
  void SetUp() override {
    LostEnd::SetUp();
    writer_.reset();
    empty(options_.journal_folder);
    segment_bytes_ = 4096;
    open_journal();
    for (int n = 0; n < kSealed; ++n) {
      write("event e" + std::to_string(n) + " x d" + std::to_string(n));
    }
    load();
    ASSERT_TRUE(stepper_->seal());
  }
  void remove_first_segment() {
    auto names = files_->list(options_.journal_folder);
    ASSERT_TRUE(names);
    ASSERT_GT(names->size(), 1U);
    ASSERT_TRUE(files_->remove(io::join(options_.journal_folder, names->front())));
  }
  /// What came from the files that were removed is still known.
  void expect_the_beginning_known() {
    const std::size_t rows = store_.events.size();
    const state::Counts before = books();
    const std::size_t people = persons().size();
    write("event e5 x d5");
    load();
    EXPECT_THAT(store_.events, SizeIs(rows)) << "stored twice";
    EXPECT_EQ(books().duplicate, before.duplicate + 1);
    EXPECT_EQ(books().stored, before.stored);
    EXPECT_THAT(persons(), SizeIs(people));
    EXPECT_GE(people, static_cast<std::size_t>(kSealed));
  }
};

TEST_F(LostBothEnds, WhatIsKnownStays) {
  write_events("f");
  const std::string journal = copy();
  write_events("gh");
  load();
  remove_first_segment();
  restart_with(journal);
  load();
  EXPECT_THAT(store_.events, SizeIs(kSealed + 1));
  EXPECT_EQ(books(), (state::Counts{kSealed + 3, kSealed + 3, 0, 0}));
  expect_the_beginning_known();
  EXPECT_EQ(write("event g x d1"), kSealed + 5U);
  load();
  EXPECT_EQ(ids().back(), "g") << "its row is lost, and nothing remembers it";
}

TEST_F(LostBothEnds, HoleIsPassedOver) {
  write_events("fgh");
  std::string journal = copy();
  load();
  journal[journal.find("event g") + 6] = '#';
  remove_first_segment();
  restart_with(journal);
  load();
  EXPECT_EQ(stepper_->records_damaged(), 1U);
  EXPECT_EQ(ids().back(), "h");
  EXPECT_THAT(store_.events, SizeIs(kSealed + 2));
  expect_the_beginning_known();
}

TEST_F(LostBothEnds, DamagedStateBeginsBehindWhatIsGone) {
  const std::string path = stepper_->state().path();
  remove_first_segment();
  stepper_.reset();
  ASSERT_TRUE(io::replace_file(*files_, path, std::string(9000, 'x')));
  std::string lines;
  base::Log log(clock_, base::LogLevel::kError, base::LogFormat::kText,
                [&](std::string_view line) { lines.append(line); });
  const Parts parts{*files_, clock_, log, store_, parts_.decoders, {}, parts_.durable};
  auto opened = Stepper::open(parts, options_, hooks_);
  ASSERT_TRUE(opened);
  stepper_ = std::move(*opened);
  ASSERT_TRUE(stepper_->follow(writer_->durable_position()));
  load();
  EXPECT_GT(stepper_->state().ledger().from, 1U);
  EXPECT_EQ(books().stored + static_cast<std::int64_t>(stepper_->state().ledger().from),
            kSealed + 1);
  EXPECT_THAT(lines, HasSubstr("no longer holds records that are to be derived again"));
  EXPECT_THAT(lines, HasSubstr("books and people"));
  EXPECT_THAT(lines, Not(HasSubstr("event ids"))) << "these are whole";
  stepper_.reset();
}

TEST_F(LostBothEnds, StoreThatCannotBeAskedDoesNotKeepNewEventsOut) {
  remove_first_segment();
  stepper_.reset();
  empty(io::join(options_.state_folder, "dedup"));
  empty(options_.state_folder);
  store_.refused_queries = 1'000;
  restart();
  write("event new x d1");
  load();
  EXPECT_EQ(ids().back(), "new");
  EXPECT_LT(store_.refused_queries, 1'000);
}

/// A step fails, and before it is tried again something else happens.
class FailedStep : public LoaderWorld {
 protected:
  /// Something that is wrong with the state, and no fault of a record.
  void state_refuses_commits(bool refuses) {
    auto database =
        state::Database::open(stepper_->state().path(), state::Database::Mode::kReadWrite);
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->run(refuses ? "CREATE TRIGGER refusal BEFORE INSERT ON applied "
                                           "BEGIN SELECT RAISE(ABORT, 'refused'); END"
                                         : "DROP TRIGGER refusal"));
  }
};

TEST_F(FailedStep, RecordWhoseRowsAreStoredIsNeverPutAside) {
  write("event a x d1\nprofile u Points 1");
  write("event b x d1");
  open_stepper();
  state_refuses_commits(true);
  ASSERT_TRUE(stepper_->step()) << "one by one from here on";
  auto refused = stepper_->step();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("the record at position 1 "));
  state_refuses_commits(false);
  load();
  EXPECT_THAT(store_.rejected, IsEmpty());
  EXPECT_EQ(books(), (state::Counts{3, 3, 0, 0}));
  write("event a x d1\nevent b x d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "b"));
  EXPECT_EQ(books(), (state::Counts{5, 3, 2, 0}));
}

TEST_F(FailedStep, RecordThatIsPutAsideStaysSoWhenTheStateFailsThen) {
  write("poison p\nevent a x d1");
  open_stepper();
  ASSERT_TRUE(stepper_->step());
  state_refuses_commits(true);
  EXPECT_FALSE(stepper_->step());
  EXPECT_THAT(store_.rejected, SizeIs(1));
  EXPECT_FALSE(stepper_->step());
  state_refuses_commits(false);
  load();
  EXPECT_EQ(books(), (state::Counts{1, 0, 0, 1}));
}

TEST_F(FailedStep, IdsOfARecordThatIsPutAsideGetIntoNoFileBefore) {
  write("event a x d1");
  write("poison p\nevent c x d1");
  open_stepper();
  ASSERT_TRUE(stepper_->step());
  ASSERT_TRUE(stepper_->prepare_seal());
  load();
  EXPECT_THAT(ids(), ElementsAre("a"));
  write("event c x d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "c"));
  EXPECT_EQ(books(), (state::Counts{3, 2, 0, 1}));
}

TEST_F(FailedStep, RecordThatIsPutAsideStaysSoWhenTheStateIsDerivedAgain) {
  write("poison p\nevent a x d1");
  write("event b x d1");
  load();
  ASSERT_TRUE(stepper_->seal());
  stepper_.reset();
  empty(io::join(options_.state_folder, "dedup"));
  empty(options_.state_folder);
  crash();
  load();
  EXPECT_EQ(books(), (state::Counts{2, 1, 0, 1}));
  write("event a x d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("b", "a"));
  EXPECT_EQ(books(), (state::Counts{3, 2, 0, 1}));
  parts_.decoders[event::Api::kSegmentstream] = [](const event::Record& record) {
    event::Decoded decoded = decode_lines(record);
    std::erase_if(decoded.events, [](const auto& event) { return event.event_name == "poison"; });
    return decoded;
  };
  ASSERT_TRUE(stepper_->start_over());
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "b")) << "with the rows derived again, it has its chance";
  EXPECT_EQ(books(), (state::Counts{3, 2, 1, 0}));
}

TEST_F(FailedStep, RecordsGoTogetherAgainOnceTheBadOneIsFound) {
  write("event a x d1");
  write("poison p");
  load();
  EXPECT_FALSE(stepper_->searching());
  ASSERT_TRUE(stepper_->seal());
  write("poison q\nevent b x d1");
  write("event c x d1");
  ASSERT_TRUE(stepper_->step());
  EXPECT_TRUE(stepper_->searching());
  ASSERT_TRUE(stepper_->start_over());
  EXPECT_FALSE(stepper_->searching());
  auto done = stepper_->step();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->records, 4U);
}

/// The real disk, except that once a file with the memory of event ids cannot be made.
class NoRoomForIds final : public io::FileSystem {
 public:
  std::optional<base::Code> fails;

  base::Result<std::unique_ptr<io::File>> open(const std::string& path,
                                               io::OpenMode mode) override {
    if (fails && mode == io::OpenMode::kCreate && path.find("/dedup/") != std::string::npos) {
      return base::fail(*std::exchange(fails, std::nullopt), "no room for \"" + path + "\"");
    }
    return disk_->open(path, mode);
  }
  base::Status rename(const std::string& from, const std::string& to) override {
    return disk_->rename(from, to);
  }
  base::Status remove(const std::string& path) override { return disk_->remove(path); }
  base::Result<std::vector<std::string>> list(const std::string& folder) override {
    return disk_->list(folder);
  }
  base::Status create_directories(const std::string& folder) override {
    return disk_->create_directories(folder);
  }
  base::Status sync_directory(const std::string& folder) override {
    return disk_->sync_directory(folder);
  }
  bool exists(const std::string& path) override { return disk_->exists(path); }
  base::Result<std::uint64_t> free_bytes(const std::string& folder) override {
    return disk_->free_bytes(folder);
  }
  base::Result<std::unique_ptr<io::Lock>> lock(const std::string& path) override {
    return disk_->lock(path);
  }

 private:
  const std::unique_ptr<io::FileSystem> disk_ = io::posix_file_system();
};

/// The step is stored and booked, and then the ids do not fit into memory and not on the disk.
class FullIds : public LoaderWorld {
 protected:
  FullIds() : LoaderWorld(std::make_unique<NoRoomForIds>()) {}
  void SetUp() override {
    LoaderWorld::SetUp();
    options_.dedup_table_entries_max = 1;
    hooks_.event_name = [this](std::string_view, event::Api, std::string_view name) {
      told_.emplace_back(name);
    };
    hooks_.answer = [this](const state::IdempotentAnswer& answer) { told_.push_back(answer.key); };
    hooks_.loaded = [this](Position position, const Handled& handled) {
      loaded_ = position;
      for (const auto& [key, units] : handled) {
        handled_ += units;
      }
    };
    open_stepper();
    write("event a x d1", {{"idempotency_key", "k"}, {"idempotency_answer", "{}"}});
  }
  void ids_fail_with(base::Code code) { static_cast<NoRoomForIds&>(*files_).fails = code; }
  [[nodiscard]] bool state_was_put_aside() const {
    return files_->exists(stepper_->state().path() + ".damaged");
  }

  std::vector<std::string> told_;
  Position loaded_ = 0;
  std::uint64_t handled_ = 0;
};

TEST_F(FullIds, StepIsToldOnceAndGoesOnWhenThereIsRoom) {
  ids_fail_with(base::Code::kIo);
  EXPECT_FALSE(stepper_->step());
  EXPECT_THAT(told_, ElementsAre("x", "k"));
  EXPECT_EQ(loaded_, 1U);
  EXPECT_EQ(handled_, 1U);
  write("event a x d1\nevent b x d1");
  load();
  EXPECT_THAT(told_, ElementsAre("x", "k"));
  EXPECT_EQ(handled_, 3U);
  EXPECT_THAT(ids(), ElementsAre("a", "b"));
  EXPECT_EQ(books(), (state::Counts{3, 2, 1, 0}));
}

TEST_F(FullIds, RecordIsNotBlamed) {
  ids_fail_with(base::Code::kInternal);
  EXPECT_FALSE(stepper_->step());
  load();
  EXPECT_THAT(store_.rejected, IsEmpty());
  EXPECT_EQ(books(), (state::Counts{1, 1, 0, 0}));
}

TEST_F(FullIds, DamagedIdsAreNotDerivedOneByOne) {
  ASSERT_TRUE(stepper_->step());
  write("poison p");
  write("event b x d1");
  ASSERT_TRUE(stepper_->step());
  ASSERT_TRUE(stepper_->searching());
  ids_fail_with(base::Code::kCorrupt);
  while (stepper_->searching()) {
    ASSERT_TRUE(stepper_->step());
  }
  ASSERT_EQ(stepper_->loaded(), 0U);
  auto done = stepper_->step();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->records, 3U);
}

TEST_F(FullIds, DamagedIdsLeaveTheStateAlone) {
  ids_fail_with(base::Code::kCorrupt);
  ASSERT_TRUE(stepper_->step());
  EXPECT_FALSE(state_was_put_aside());
  EXPECT_EQ(stepper_->state().applied(), 1U);
  EXPECT_EQ(stepper_->loaded(), 0U) << "the ids are derived again";
  write("event a x d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("a"));
  EXPECT_EQ(books(), (state::Counts{2, 1, 1, 0}));
  EXPECT_EQ(handled_, 2U);
}

}  // namespace
}  // namespace loader
