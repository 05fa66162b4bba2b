#include "loader/state/state.h"

#include "loader/state/tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace loader::state {
namespace {

using event::Api;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// A state in a folder of its own, which can be closed at any moment and opened again.
class StateTest : public testing::Test {
 protected:
  void SetUp() override {
    files_ = io::posix_file_system();
    folder_ = testing::TempDir() + "catchment_state_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    clean();
    reopen();
  }
  void TearDown() override {
    state_.reset();
    clean();
  }
  void clean() {
    for (const char* name : {"state.db", "state.db-wal", "state.db-shm", "state.db.damaged"}) {
      static_cast<void>(files_->remove(io::join(folder_, name)).has_value());
    }
  }
  void reopen() {
    state_.reset();
    auto opened = State::open(*files_, base::null_log(), Options{folder_, 1 << 20});
    ASSERT_TRUE(opened) << opened.error().message;
    state_ = std::move(*opened);
  }

  /// One record of `stored` events by `user`.
  void step(Position position, std::int64_t stored, const std::string& user) {
    ASSERT_TRUE(state_->begin());
    change(position, stored, user);
    ASSERT_TRUE(state_->commit(position));
  }
  void change(Position position, std::int64_t stored, const std::string& user) {
    state_->count("shop", Api::kClevertap, {stored, stored, 0, 0});
    event::Event event;
    event.app_id = "shop";
    event.api = Api::kClevertap;
    event.event_timestamp = 1'700'000'000'000'000;
    event.received_at = 1'700'000'000'000'000;
    event.journal_position = static_cast<std::int64_t>(position);
    event.person.identities = {{"identity", user}};
    ASSERT_TRUE(state_->people().saw(event));
  }

  static std::vector<std::vector<store::Cell>> all(store::VirtualTable& table) {
    auto scan = table.scan();
    EXPECT_TRUE(scan) << scan.error().message;
    std::vector<std::vector<store::Cell>> rows;
    while (true) {
      auto block = (*scan)->next(2);
      EXPECT_TRUE(block);
      if (block->empty()) {
        return rows;
      }
      rows.insert(rows.end(), block->begin(), block->end());
    }
  }

  std::unique_ptr<io::FileSystem> files_;
  std::string folder_;
  std::unique_ptr<State> state_;
};

TEST_F(StateTest, CommittedStepsAreThereAfterReopening) {
  step(3, 2, "ann");
  step(5, 1, "bob");
  reopen();
  EXPECT_EQ(state_->applied(), 5U);
  ASSERT_THAT(state_->books(), SizeIs(1));
  EXPECT_EQ(state_->books()[0].counts, (Counts{3, 3, 0, 0}));
  EXPECT_THAT(all(*users_table(state_->path())), SizeIs(2));
}

TEST_F(StateTest, StepThatWasNotCommittedLeavesNothing) {
  step(3, 2, "ann");
  ASSERT_TRUE(state_->begin());
  change(4, 7, "bob");
  ASSERT_TRUE(state_->saw_name("shop", Api::kClevertap, "Charged"));
  reopen();
  EXPECT_EQ(state_->applied(), 3U);
  EXPECT_EQ(state_->books()[0].counts.stored, 2);
  EXPECT_THAT(all(*users_table(state_->path())), SizeIs(1));
}

TEST_F(StateTest, RolledBackStepCanBeDoneAgain) {
  ASSERT_TRUE(state_->begin());
  change(1, 7, "ann");
  ASSERT_TRUE(state_->saw_name("shop", Api::kClevertap, "Charged"));
  ASSERT_TRUE(state_->rollback());
  EXPECT_THAT(state_->books(), IsEmpty());
  ASSERT_TRUE(state_->begin());
  change(1, 2, "ann");
  auto fresh = state_->saw_name("shop", Api::kClevertap, "Charged");
  EXPECT_TRUE(fresh && *fresh);
  ASSERT_TRUE(state_->commit(1));
  EXPECT_EQ(state_->books()[0].counts.stored, 2);
  EXPECT_THAT(all(*users_table(state_->path())), SizeIs(1));
}

TEST_F(StateTest, NamesAreReportedOnceAndRemembered) {
  ASSERT_TRUE(state_->begin());
  EXPECT_TRUE(*state_->saw_name("shop", Api::kClevertap, "Charged"));
  EXPECT_FALSE(*state_->saw_name("shop", Api::kClevertap, "Charged"));
  EXPECT_TRUE(*state_->saw_name("shop", Api::kMobileAnalytics, "Charged"));
  ASSERT_TRUE(state_->commit(1));
  reopen();
  std::vector<std::string> names;
  ASSERT_TRUE(state_->each_name([&](const std::string& app_id, Api api, const std::string& name) {
    names.push_back(app_id + "/" + std::string(event::api_name(api)) + "/" + name);
  }));
  EXPECT_THAT(names, ElementsAre("shop/clevertap/Charged", "shop/mobile_analytics/Charged"));
}

TEST_F(StateTest, NamesBeyondTenThousandAreForgottenAtARestart) {
  ASSERT_TRUE(state_->begin());
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(*state_->saw_name("shop", Api::kClickstream, "name" + std::to_string(i)));
  }
  EXPECT_FALSE(*state_->saw_name("shop", Api::kClickstream, "one more"));
  ASSERT_TRUE(state_->commit(1));
  reopen();
  std::size_t names = 0;
  ASSERT_TRUE(state_->each_name([&](const std::string&, Api, const std::string&) { ++names; }));
  EXPECT_EQ(names, 10'000U);
}

TEST_F(StateTest, AnswersAreKeptUntilTheyAreOldOrTooMany) {
  const auto note = [&](const std::string& key, std::int64_t received_us) {
    ASSERT_TRUE(state_->begin());
    const Position position = state_->applied() + 1;
    ASSERT_TRUE(state_->notes().note_answer({"shop", key, "{}", position, received_us}));
    ASSERT_TRUE(state_->commit(position));
  };
  const auto kept = [&] {
    reopen();
    std::vector<std::string> keys;
    EXPECT_TRUE(
        state_->notes().each_answer([&](const IdempotentAnswer& a) { keys.push_back(a.key); }));
    return keys;
  };
  for (int number = 1; number <= 4; ++number) {
    note("k" + std::to_string(number), number * 100);
  }
  note("k2", 500);
  EXPECT_THAT(kept(), ElementsAre("k1", "k2", "k3", "k4", "k2"));
  ASSERT_TRUE(state_->make_durable({.answers_us = 150}));
  EXPECT_THAT(kept(), ElementsAre("k2", "k3", "k4", "k2"));
  ASSERT_TRUE(state_->make_durable({.answers_us = 0, .answers_max = 2}));
  EXPECT_THAT(kept(), ElementsAre("k4", "k2"));
  note("k5", 600);
  EXPECT_THAT(kept(), ElementsAre("k4", "k2", "k5"));
  ASSERT_TRUE(state_->make_durable({.answers_us = 601}));
  EXPECT_THAT(kept(), ElementsAre());
  note("k6", 700);
  EXPECT_THAT(kept(), ElementsAre("k6"));
}

TEST_F(StateTest, RepeatsAreForgottenWithTheirRecords) {
  ASSERT_TRUE(state_->begin());
  ASSERT_TRUE(state_->notes().note_repeats(1, 10));
  ASSERT_TRUE(state_->notes().note_repeats(2, 20));
  ASSERT_TRUE(state_->commit(2));
  ASSERT_TRUE(state_->make_durable({.repeats = 2}));
  EXPECT_EQ(*repeated_profiles(state_->path(), 1), 0U);
  EXPECT_EQ(*repeated_profiles(state_->path(), 2), 20U);
}

TEST_F(StateTest, FirstReplayOfARejectedUnitIsTheOneThatCounts) {
  ASSERT_TRUE(state_->begin());
  EXPECT_FALSE(state_->notes().replayed_by({7, 2})->has_value());
  ASSERT_TRUE(state_->notes().note_replay({7, 2}, 20));
  ASSERT_TRUE(state_->notes().note_replay({7, 2}, 30));
  ASSERT_TRUE(state_->commit(30));
  EXPECT_EQ(*state_->notes().replayed_by({7, 2}), std::optional<Position>(20));
  const auto rows = all(*replayed_table(state_->path()));
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0][0].integer, 7);
  EXPECT_EQ(rows[0][1].integer, 2);
}

TEST_F(StateTest, FileThatIsNoDatabaseIsPutAside) {
  step(3, 2, "ann");
  state_.reset();
  ASSERT_TRUE(io::replace_file(*files_, io::join(folder_, "state.db"), std::string(9000, 'x')));
  reopen();
  EXPECT_EQ(state_->applied(), 0U);
  EXPECT_THAT(state_->books(), IsEmpty());
  EXPECT_TRUE(files_->exists(io::join(folder_, "state.db.damaged")));
}

TEST_F(StateTest, OlderVersionIsDerivedAgainAndANewerOneIsRefused) {
  const auto write_version = [this](int version) {
    state_.reset();
    auto database = Database::open(io::join(folder_, "state.db"), Database::Mode::kReadWrite);
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->run("PRAGMA user_version = " + std::to_string(version)));
  };
  step(3, 2, "ann");
  write_version(3);
  reopen();
  EXPECT_EQ(state_->applied(), 0U);
  write_version(99);
  auto opened = State::open(*files_, base::null_log(), {folder_});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::Code::kInvalid);
  EXPECT_THAT(opened.error().message, testing::HasSubstr("a newer version of this program"));
}

TEST_F(StateTest, PagesAreSmallForOneRowOfAPageChangesAtATime) {
  auto database = Database::open(state_->path(), Database::Mode::kReadOnly);
  ASSERT_TRUE(database);
  const auto bytes = (*database)->number("PRAGMA page_size", 0);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(*bytes, 1024);
}

TEST_F(StateTest, DamagedPageIsFoundAndPutAside) {
  for (Position position = 1; position <= 300; ++position) {
    step(position, 1, "user " + std::to_string(position));
  }
  ASSERT_TRUE(state_->make_durable({}));
  state_.reset();
  auto file = files_->open(io::join(folder_, "state.db"), io::OpenMode::kReadWrite);
  ASSERT_TRUE(file);
  for (std::uint64_t page = 2; page < 20; ++page) {
    ASSERT_TRUE((*file)->write_at(page * 4096, std::string(64, '\xee')));
  }
  reopen();
  EXPECT_EQ(state_->applied(), 0U);
}

TEST_F(StateTest, UsersTableShowsWhatSqlNeeds) {
  step(3, 1, "ann");
  const auto table = users_table(state_->path());
  const auto columns = table->columns();
  const auto rows = all(*table);
  ASSERT_THAT(rows, SizeIs(1));
  ASSERT_EQ(rows[0].size(), columns.size());
  for (std::size_t at = 0; at < columns.size(); ++at) {
    if (columns[at].name == "api") {
      EXPECT_EQ(rows[0][at].text, "clevertap");
    } else if (columns[at].name == "user_id") {
      EXPECT_EQ(rows[0][at].text, "ann");
    } else if (columns[at].name == "user_pseudo_id") {
      EXPECT_TRUE(rows[0][at].null);
    } else if (columns[at].name == "first_seen") {
      EXPECT_EQ(rows[0][at].integer, 1'700'000'000'000'000);
    } else if (columns[at].name == "first_touch_time") {
      EXPECT_FALSE(rows[0][at].null) << "every event of clevertap is a visit";
    }
  }
}

TEST_F(StateTest, ScanSeesOneMomentWhileTheLoaderGoesOn) {
  for (Position position = 1; position <= 5; ++position) {
    step(position, 1, "user " + std::to_string(position));
  }
  const auto table = users_table(state_->path());
  auto scan = table->scan();
  ASSERT_TRUE(scan);
  ASSERT_THAT(*(*scan)->next(2), SizeIs(2));
  step(6, 1, "late");
  std::size_t rows = 2;
  while (true) {
    auto block = (*scan)->next(2);
    ASSERT_TRUE(block);
    if (block->empty()) {
      break;
    }
    rows += block->size();
  }
  EXPECT_EQ(rows, 5U);
}

}  // namespace
}  // namespace loader::state
