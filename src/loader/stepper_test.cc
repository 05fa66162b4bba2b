#include "loader/stepper.h"

#include "base/random.h"
#include "loader/replay.h"
#include "loader/test_world.h"

#include <gmock/gmock.h>

#include <set>
#include <string>

namespace loader {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class StepperTest : public LoaderWorld {
 protected:
  /// Everything the loader derives, to compare one history with another.
  struct Derived {
    std::vector<std::string> ids;
    std::vector<std::string> rejected;
    std::vector<std::string> persons;
    state::Counts books;
    friend bool operator==(const Derived&, const Derived&) = default;
  };
  Derived derived() {
    Derived all{ids(), {}, persons(), books()};
    for (const event::RejectedRow& row : store_.rejected) {
      all.rejected.push_back(row.code + "|" + row.record);
    }
    return all;
  }
};

TEST_F(StepperTest, EventBecomesACompleteRow) {
  write("event a buy d1");
  load();
  ASSERT_THAT(store_.events, SizeIs(1));
  const event::Event& event = store_.events[0];
  EXPECT_EQ(event.app_id, "shop");
  EXPECT_EQ(event.journal_position, 1);
  EXPECT_EQ(event.received_at, base::to_us(clock_.now()));
  EXPECT_EQ(event.event_date, 19675);
  EXPECT_EQ(event.ip, "10.0.0.1");
  EXPECT_EQ(event.user_agent, "test");
  EXPECT_EQ(event.properties, "{}");
  ASSERT_THAT(store_.items, SizeIs(2));
  EXPECT_EQ(store_.items[1].event_id, "a");
  EXPECT_EQ(store_.items[1].item_index, 1);
  EXPECT_EQ(books(), (state::Counts{1, 1, 0, 0}));
}

TEST_F(StepperTest, EventsWithoutAnIdAreNeverDuplicates) {
  write("event - x d1\nevent - x d1");
  write("event - x d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("1-0", "1-1", "2-0"));
}

TEST_F(StepperTest, RecordWhoseRowsWouldTakeGigabytesIsPutAsideWhole) {
  parts_.decoders[event::Api::kSegmentstream] = [](const event::Record& record) {
    event::Decoded decoded = decode_lines(record);
    event::Event& event = decoded.events.at(0);
    event.items.resize(event.event_name == "many" ? 1000 : 1);
    event.event_name = std::string(500'000, 'n');  // repeated in each item
    return decoded;
  };
  write("event a one d1");
  write("event b many d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("a"));
  ASSERT_THAT(store_.rejected, SizeIs(1));
  EXPECT_EQ(store_.rejected[0].code, "rows_too_large");
  EXPECT_EQ(store_.rejected[0].record, "event b many d1");
  EXPECT_EQ(books(), (state::Counts{2, 1, 0, 1}));
}

TEST_F(StepperTest, StepEndsWhereItsRowsTakeTooMuch) {
  options_.step_bytes_max = 3 * sizeof(event::Event);
  open_stepper();
  for (int i = 0; i < 9; ++i) {
    write("event - x d1");
  }
  const auto done = stepper_->step();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->records, 3U);
}

TEST_F(StepperTest, RowsGoToTheStoreWhileTheStepGoesOn) {
  options_.slice_bytes_max = 2 * sizeof(event::Event);
  open_stepper();
  for (const char* body :
       {"event a x d1", "event b x d1", "event c x d1", "event d x d1", "event e x d1"}) {
    write(body);
  }
  const auto done = stepper_->step();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->records, 5U);
  EXPECT_EQ(store_.appends, 3);
  EXPECT_THAT(ids(), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_EQ(books(), (state::Counts{5, 5, 0, 0}));
}

TEST_F(StepperTest, StepThatFailsAfterSomeOfItsRowsWereTakenCountsOnce) {
  options_.slice_bytes_max = 1;
  open_stepper();
  write("event a x d1");
  write("event b poison d1");
  write("event c x d1\nevent a x d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "c"));
  EXPECT_THAT(store_.rejected, SizeIs(1));
  EXPECT_EQ(books(), (state::Counts{4, 2, 1, 1}));
}

TEST_F(StepperTest, DuplicatesAreCountedAndChangeNobody) {
  write("event a x d1\nevent a x d1");
  write("event a x d2\nevent b x d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "b"));
  EXPECT_EQ(books(), (state::Counts{4, 2, 2, 0}));
  EXPECT_THAT(persons(), SizeIs(1)) << "d2 was named by a duplicate only";
}

TEST_F(StepperTest, NamesBeyondTheLimitOfTheApiAreNotCountedAfterARestartEither) {
  std::vector<std::string> names;
  hooks_.event_name = [&](std::string_view, event::Api, std::string_view name) {
    names.emplace_back(name);
  };
  write("event a old d1\nevent b over d1", {{"event_types_over", R"(["over"])"}});
  write("event c lenient d1", {{"refused_event_types", R"(["lenient"])"}});
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(names, ElementsAre("old"));
  ASSERT_TRUE(stepper_->seal());
  names.clear();
  crash();
  EXPECT_THAT(names, ElementsAre("old"));
}

TEST_F(StepperTest, DuplicateIsFoundAfterASealAndARestart) {
  write("event a x d1");
  load();
  ASSERT_TRUE(stepper_->seal());
  crash();
  write("event a x d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("a"));
  EXPECT_EQ(books(), (state::Counts{2, 1, 1, 0}));
}

TEST_F(StepperTest, CrashWithoutASealMakesTheRowsAgainAndBooksNothingTwice) {
  write("event a x d1\nprofile u Points 1\nbad why");
  load();
  const Derived before = derived();
  crash();
  EXPECT_THAT(ids(), IsEmpty());
  load();
  EXPECT_EQ(derived(), before);
  EXPECT_EQ(books(), (state::Counts{3, 2, 0, 1}));
}

TEST_F(StepperTest, CrashInsideASealChangesNothing) {
  write("event a x d1\nevent b x d2");
  load();
  const Derived before = derived();
  store_.fail_seal = true;  // ids and state are written by then
  EXPECT_FALSE(stepper_->seal());
  store_.fail_seal = false;
  crash();
  load();
  EXPECT_EQ(derived(), before);
}

TEST_F(StepperTest, StateThatLostCommitsCatchesUpWithoutNewRows) {
  write("event a x d1\nprofile u Points 1");
  load();
  ASSERT_TRUE(stepper_->seal());
  auto old = io::read_file(*files_, stepper_->state().path(), 1 << 24);
  ASSERT_TRUE(old);
  write("event b x d1\nprofile u Points 1\nevent a x d1");
  load();
  ASSERT_TRUE(stepper_->seal());
  const Derived before = derived();
  // The power cut: the store's seal is on disk, the state's latest commits are not.
  const std::string path = stepper_->state().path();
  stepper_.reset();
  for (const char* suffix : {"-wal", "-shm"}) {
    static_cast<void>(files_->remove(path + suffix).has_value());
  }
  ASSERT_TRUE(io::replace_file(*files_, path, *old));
  crash();
  EXPECT_EQ(stepper_->state().applied(), 1U);
  load();
  EXPECT_EQ(derived(), before);
}

TEST_F(StepperTest, ProfileChangeWithAnIdCountsOnceHoweverOftenItCame) {
  write("profile u Points 1 k1\nprofile u Points 1\nevent a x d1");
  write("profile u Points 1 k1\nprofile u Points 1");
  load();
  EXPECT_EQ(books(), (state::Counts{5, 4, 1, 0}));
  EXPECT_THAT(persons(), Contains(HasSubstr("\"Points\":{\"value\":3,")));
  ASSERT_TRUE(stepper_->seal());
  crash();
  write("profile u Points 1 k1");
  load();
  EXPECT_THAT(persons(), Contains(HasSubstr("\"Points\":{\"value\":3,")));
  const Derived before = derived();
  stepper_.reset();
  empty(io::join(options_.state_folder, "dedup"));
  empty(options_.state_folder);
  crash();
  load();
  EXPECT_EQ(derived(), before);
}

TEST_F(StepperTest, DeletedStateFolderIsDerivedAgain) {
  write("event a x d1\nprofile u Points 1");
  write("event a x d1");
  load();
  ASSERT_TRUE(stepper_->seal());
  const Derived before = derived();
  stepper_.reset();
  empty(io::join(options_.state_folder, "dedup"));
  empty(options_.state_folder);
  crash();
  load();
  EXPECT_EQ(derived(), before);
  write("event a x d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("a"));
}

TEST_F(StepperTest, DamagedIdsAreDerivedAgainWhileRunning) {
  write("event a x d1");
  load();
  ASSERT_TRUE(stepper_->seal());
  auto names = files_->list(io::join(options_.state_folder, "dedup"));
  ASSERT_TRUE(names);
  for (const std::string& name : *names) {
    if (name != "manifest") {
      auto file = files_->open(io::join(io::join(options_.state_folder, "dedup"), name),
                               io::OpenMode::kReadWrite);
      ASSERT_TRUE(file && (*file)->write_at(8, "damaged"));
    }
  }
  crash();
  write("event a x d1\nevent b x d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "b"));
  EXPECT_EQ(books(), (state::Counts{3, 2, 1, 0}));
}

TEST_F(StepperTest, StartingOverGivesTheSameAgain) {
  write("event a x d1\nuser b x ann\nbad why");
  write("event a x d1\nprofile ann Points 4");
  load();
  ASSERT_TRUE(stepper_->seal());
  const Derived before = derived();
  ASSERT_TRUE(stepper_->start_over());
  EXPECT_THAT(ids(), IsEmpty());
  load();
  EXPECT_EQ(derived(), before);
}

TEST_F(StepperTest, WindowEndsByTimeOfReceipt) {
  write("event a x d1");
  clock_.advance(std::chrono::days(30));
  write("event a x d1");
  clock_.advance(std::chrono::seconds(1));
  write("event a x d1");
  load();
  const Derived before = derived();
  EXPECT_EQ(books(), (state::Counts{3, 2, 1, 0}));
  ASSERT_TRUE(stepper_->seal());
  ASSERT_TRUE(store_.clear());
  crash();
  load();
  EXPECT_EQ(derived(), before) << "a deleted store comes back the same";
}

TEST_F(StepperTest, DecoderThatFailsCostsOnlyItsRecord) {
  write("event a x d1");
  write("throw");
  write("event b x d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "b"));
  ASSERT_THAT(store_.rejected, SizeIs(1));
  EXPECT_EQ(store_.rejected[0].code, "internal");
  EXPECT_THAT(store_.rejected[0].reason, HasSubstr("cannot read this"));
  EXPECT_EQ(store_.rejected[0].record, "throw");
  EXPECT_EQ(books(), (state::Counts{3, 2, 0, 1}));
}

TEST_F(StepperTest, BytesThatAreNoRecordAreKept) {
  write_bytes("\xff\xfe no record");
  write("event b x d1");
  load();
  ASSERT_THAT(store_.rejected, SizeIs(1));
  EXPECT_EQ(store_.rejected[0].code, "undecodable");
  EXPECT_EQ(store_.rejected[0].record, "//4gbm8gcmVjb3Jk") << "base64, since it is no text";
  EXPECT_THAT(ids(), ElementsAre("b"));
}

TEST_F(StepperTest, DamagedJournalRecordsAreCountedAndPassed) {
  for (const char* id : {"a", "b", "c"}) {
    write(std::string("event ") + id + " first-name-of-the-event d1");
  }
  auto names = files_->list(options_.journal_folder);
  ASSERT_TRUE(names);
  const std::string path = io::join(options_.journal_folder, names->front());
  auto bytes = io::read_file(*files_, path, 1 << 24);
  ASSERT_TRUE(bytes);
  auto file = files_->open(path, io::OpenMode::kReadWrite);
  ASSERT_TRUE(file && (*file)->write_at(bytes->find("event b") + 10, "#"));
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "c"));
  EXPECT_EQ(stepper_->records_damaged(), 1U);
  EXPECT_EQ(stepper_->loaded(), 3U);
}

TEST_F(StepperTest, JournalThatLostItsBeginningIsNotLoadedFromTheStart) {
  writer_.reset();
  empty(options_.journal_folder);
  segment_bytes_ = 4096;
  open_journal();
  for (int n = 0; n < 100; ++n) {
    write("event e" + std::to_string(n) + " x d1");
  }
  load();
  ASSERT_TRUE(stepper_->seal());
  auto names = files_->list(options_.journal_folder);
  ASSERT_TRUE(names);
  ASSERT_GT(names->size(), 1U);
  ASSERT_TRUE(files_->remove(io::join(options_.journal_folder, names->front())));
  auto over = stepper_->start_over();
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, base::Code::kInvalid);
  EXPECT_THAT(ids(), SizeIs(100)) << "nothing was done";
  stepper_.reset();
  empty(io::join(options_.state_folder, "dedup"));
  crash();
  load();
  EXPECT_THAT(ids(), SizeIs(100)) << "and what can be derived again, is";
  write("event e99 x d1");
  load();
  EXPECT_THAT(ids(), SizeIs(100));
}

TEST_F(StepperTest, RecordTheStoreRefusesIsPutAsideAlone) {
  write("event a x d1");
  write("poison p\nevent c x d1");
  write("event b x d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "b"));
  ASSERT_THAT(store_.rejected, SizeIs(1));
  EXPECT_THAT(store_.rejected[0].reason, HasSubstr("cannot take this row"));
  EXPECT_EQ(books(), (state::Counts{3, 2, 0, 1}));
  write("event c x d1");
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "b", "c")) << "its ids are not held against a later try";
}

TEST_F(StepperTest, StoreThatIsFullIsTriedAgainAndNothingIsLost) {
  write("event a x d1");
  open_stepper();
  store_.refusals = 3;
  for (int tries = 0; tries < 3; ++tries) {
    EXPECT_FALSE(stepper_->step());
  }
  load();
  EXPECT_THAT(ids(), ElementsAre("a"));
  EXPECT_EQ(books(), (state::Counts{1, 1, 0, 0}));
}

TEST_F(StepperTest, ReplayTakesTheOldRejectionOutOfTheBooks) {
  const Position position = write("event a x d1\nbad why");
  load();
  EXPECT_EQ(books(), (state::Counts{2, 1, 0, 1}));
  const std::string unit = std::to_string(position) + ":0";
  write("event fixed x d1", {{"replay_of", unit}});
  write("event twice x d1", {{"replay_of", unit}});
  load();
  EXPECT_THAT(ids(), ElementsAre("a", "fixed")) << "the second replay of a unit is passed over";
  EXPECT_EQ(books(), (state::Counts{2, 2, 0, 0}));
  const Derived before = derived();
  crash();
  load();
  EXPECT_EQ(derived(), before);
}

TEST_F(StepperTest, ReplayMadeFromTheJournalRecordNamesItsUnit) {
  event::Record refused;
  refused.kind = event::RecordKind::kRefused;
  refused.app_id = "shop";
  refused.notes = {{"code", "x"}, {"reason", "y"}, {"limits", "vendor"}};
  refused.body = "body";
  std::string bytes;
  event::encode_record(refused, bytes);
  auto replay = make_replay(bytes, {{7, 3}, "other", ""});
  ASSERT_TRUE(replay);
  auto record = event::decode_record(*replay);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->kind, event::RecordKind::kAccepted);
  EXPECT_FALSE(record->note("code"));
  EXPECT_EQ(record->note("limits"), "vendor");
  EXPECT_EQ(record->body, "body");
  const auto target = replay_target(*record);
  ASSERT_TRUE(target);
  EXPECT_EQ(target->unit.position, 7U);
  EXPECT_EQ(target->unit.index, 3U);
  EXPECT_EQ(target->app_id, "other");
}

TEST_F(StepperTest, NamesAndAnswersAreToldNowAndAtTheNextStart) {
  std::vector<std::string> told;
  hooks_.event_name = [&](std::string_view app, event::Api, std::string_view name) {
    told.push_back(std::string(app) + "/" + std::string(name));
  };
  hooks_.answer = [&](const state::IdempotentAnswer& answer) { told.push_back(answer.key); };
  write("event a x d1\nevent b x d1", {{"idempotency_key", "k"}, {"idempotency_answer", "{}"}});
  load();
  EXPECT_THAT(told, ElementsAre("shop/x", "k"));
  told.clear();
  crash();
  EXPECT_THAT(told, ElementsAre("shop/x", "k"));
}

// A history of everything, with crashes, seals, lost states and deleted stores wherever the seed
// puts them: at the end the same as without any, and the books balance.
class SeededHistory : public StepperTest, public testing::WithParamInterface<std::uint64_t> {
 protected:
  std::uint32_t draw(std::uint32_t below) {
    std::uint32_t number = 0;
    random_.fill({reinterpret_cast<std::uint8_t*>(&number), sizeof(number)});
    return number % below;
  }

  /// One unit of a request, and what it has to become.
  std::string unit() {
    ++expected_.received;
    const std::uint32_t kind = draw(10);
    if (kind < 6) {
      const std::string id = "e" + std::to_string(draw(60));
      ++(known_.insert(id).second ? expected_.stored : expected_.duplicate);
      return "event " + id + " x d" + std::to_string(draw(5)) + "\n";
    }
    if (kind < 8) {
      const std::string id = draw(2) == 0 ? " k" + std::to_string(draw(20)) : "";
      ++(id.empty() || known_changes_.insert(id).second ? expected_.stored : expected_.duplicate);
      return "profile u" + std::to_string(draw(3)) + " Points 1" + id + "\n";
    }
    ++expected_.rejected;
    return "bad why\n";
  }

  void crash_inside_a_seal() {
    store_.fail_seal = true;
    static_cast<void>(stepper_->seal().has_value());
    store_.fail_seal = false;
    crash();
  }

  void lose_state() {
    stepper_.reset();
    empty(draw(2) == 0 ? options_.state_folder : io::join(options_.state_folder, "dedup"));
    crash();
  }

  void be_refused_rows() {
    store_.refusals = 1;
    static_cast<void>(stepper_->step().has_value());
    store_.refusals = 0;
  }

  void something_happens() {
    switch (draw(9)) {
      case 0: crash(); break;
      case 1: ASSERT_TRUE(stepper_->seal()); break;
      case 2: load(); break;
      case 3: crash_inside_a_seal(); break;
      case 4: lose_state(); break;
      case 5: ASSERT_TRUE(stepper_->step()); break;
      case 6: ASSERT_TRUE(stepper_->tidy()); break;
      case 7: be_refused_rows(); break;
      default: break;
    }
  }

  base::SeededRandom random_{GetParam()};
  std::set<std::string> known_;
  std::set<std::string> known_changes_;
  state::Counts expected_;
};

TEST_P(SeededHistory, EndsTheSameWhateverHappened) {
  options_.step_records_max = 5;
  options_.slice_bytes_max = 3 * sizeof(event::Event);
  options_.dedup_table_entries_max = 16;
  open_stepper();
  for (int round = 0; round < 40; ++round) {
    std::string body;
    for (std::uint32_t units = draw(4) + 1; units > 0; --units) {
      body += unit();
    }
    write(body);
    something_happens();
  }
  load();
  EXPECT_EQ(books(), expected_);
  EXPECT_EQ(store_.events.size(), known_.size());
  const Derived survived = derived();
  ASSERT_TRUE(stepper_->start_over());
  load();
  const Derived again = derived();
  EXPECT_EQ(again.ids, survived.ids);
  EXPECT_EQ(again.rejected, survived.rejected);
  EXPECT_EQ(again.persons, survived.persons);
  EXPECT_EQ(again.books, survived.books);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SeededHistory, testing::Range<std::uint64_t>(1, 5));

}  // namespace
}  // namespace loader
