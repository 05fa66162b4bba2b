#include "loader/loader.h"

#include "loader/ingestion_table.h"
#include "loader/test_world.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>

namespace loader {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::SizeIs;

class LoaderTest : public LoaderWorld {
 protected:
  void start() {
    auto opened = Loader::open(parts_, options_, hooks_);
    ASSERT_TRUE(opened) << opened.error().message;
    loader_ = std::move(*opened);
    ASSERT_TRUE(loader_->follow(writer_->recovery().end));
    writer_->on_commit([this](Position durable) {
      loader_->wake(durable);
      return journal::Pace::kAtOnce;
    });
    loader_->start();
  }
  void stop() {
    writer_->on_commit({});
    loader_.reset();
  }
  void TearDown() override {
    stop();
    LoaderWorld::TearDown();
  }
  /// Waits until the caretaker has sealed up to `position`.
  bool wait_sealed(Position position) {
    for (int tries = 0; tries < 10'000 && loader_->sealed() < position; ++tries) {
      loader_->wait_visible(1'000'000, milliseconds(1));
    }
    return loader_->sealed() >= position;
  }
  std::unique_ptr<Loader> loader_;
};

TEST_F(LoaderTest, CommittedRecordBecomesVisible) {
  std::atomic<Position> told{0};
  hooks_.loaded = [&](Position position, const Handled&) { told = position; };
  start();
  const Position position = write("event a x d1");
  ASSERT_TRUE(loader_->wait_visible(position, seconds(10)));
  EXPECT_EQ(loader_->visible(), position);
  EXPECT_EQ(told.load(), position);
  ASSERT_THAT(loader_->books(), SizeIs(1));
  EXPECT_EQ(loader_->books()[0].stored, 1U);
  EXPECT_EQ(loader_->stats().lag_records, 0U);
  EXPECT_EQ(loader_->stats().lag_ms, 0U);
  EXPECT_EQ(loader_->stats().failure, "");
}

TEST_F(LoaderTest, WaitingForWhatNobodyWroteEnds) {
  start();
  EXPECT_FALSE(loader_->wait_visible(1, milliseconds(1)));
}

TEST_F(LoaderTest, StopSealsSoThatNothingIsReadAgain) {
  write("event a x d1");
  start();
  ASSERT_TRUE(loader_->wait_visible(1, seconds(10)));
  stop();
  EXPECT_EQ(store_.sealed_position(), 1U);
  store_.crash();
  const int appends = store_.appends;
  start();
  ASSERT_TRUE(loader_->wait_visible(1, seconds(10)));
  EXPECT_EQ(store_.appends, appends);
}

TEST_F(LoaderTest, FullStoreIsReportedAndTriedAgain) {
  store_.refusals = 1;
  start();
  const Position position = write("event a x d1");
  ASSERT_TRUE(loader_->wait_visible(position, seconds(10)));
  EXPECT_EQ(loader_->stats().failure, "");
}

TEST_F(LoaderTest, CommitIsToldWhenLoadingIsBehind) {
  store_.refusals = 1'000'000;
  start();
  EXPECT_FALSE(loader_->wake(write("event a x d1"))) << "that one is new";
  clock_.advance(kBehind);
  EXPECT_TRUE(loader_->wake(write("event b x d1")));
  EXPECT_TRUE(loader_->stats().behind());
  store_.refusals = 0;
  ASSERT_TRUE(loader_->wait_visible(2, seconds(10)));
  EXPECT_FALSE(loader_->wake(2));
}

TEST_F(LoaderTest, LingersNotWhileItLooksForABadRecord) {
  options_.linger_min = options_.linger_max = std::chrono::hours(1);
  std::promise<void> loaded;
  hooks_.loaded = [&](Position position, const Handled&) {
    if (position == 4) {
      loaded.set_value();
    }
  };
  for (const char* body : {"event a x d1", "event b x d1", "poison p", "event c x d1"}) {
    write(body);
  }
  start();
  EXPECT_EQ(loaded.get_future().wait_for(seconds(10)), std::future_status::ready);
}

TEST_F(LoaderTest, SealsWhenEnoughIsHot) {
  options_.seal_rows = 1;
  start();
  write("event a x d1");
  ASSERT_TRUE(loader_->wait_visible(1, seconds(10)));
  EXPECT_TRUE(wait_sealed(1));
  EXPECT_EQ(store_.sealed_position(), 1U);
}

TEST_F(LoaderTest, LoadingWaitsForASealThatFailsAndGoesOnAfterIt) {
  options_.seal_rows = 1;
  store_.fail_seal = true;
  start();
  for (int n = 0; n < 10; ++n) {
    write("event e" + std::to_string(n) + " x d1");
  }
  // Memory has a bound: twice what calls for a seal, and a step.
  loader_->wait_visible(10, milliseconds(50));
  EXPECT_LE(store_.appends, 3);
  EXPECT_EQ(loader_->sealed(), 0U);
  store_.fail_seal = false;
  EXPECT_TRUE(loader_->wait_visible(10, seconds(10)));
  EXPECT_TRUE(wait_sealed(1));
  EXPECT_THAT(store_.events, SizeIs(10));
}

TEST_F(LoaderTest, RebuildDerivesEverythingAgainAndReportsHowFar) {
  start();
  for (int n = 0; n < 20; ++n) {
    write("event e" + std::to_string(n) + " x d1");
  }
  ASSERT_TRUE(loader_->wait_visible(20, seconds(10)));
  Position last = 0;
  auto rebuilt = loader_->rebuild([&](Position done, Position of) {
    EXPECT_LE(done, of);
    last = done;
    return true;
  });
  ASSERT_TRUE(rebuilt) << rebuilt.error().message;
  EXPECT_EQ(last, 20U);
  EXPECT_THAT(store_.events, SizeIs(20));
  EXPECT_EQ(loader_->books()[0].received, 20U);
}

TEST_F(LoaderTest, StoreThatIsDamagedIsDerivedAgain) {
  start();
  write("event a x d1");
  ASSERT_TRUE(loader_->wait_visible(1, seconds(10)));
  stop();
  store_.damaged = true;
  start();
  for (int tries = 0; tries < 10'000 && store_.damaged; ++tries) {
    loader_->wait_visible(1'000'000, milliseconds(1));
  }
  ASSERT_FALSE(store_.damaged);
  const Position position = write("event b x d1");
  ASSERT_TRUE(loader_->wait_visible(position, seconds(10)));
  EXPECT_EQ(loader_->books()[0].stored, 2U);
  EXPECT_EQ(loader_->stats().failure, "");
}

TEST_F(LoaderTest, ManyWritersAndOneReaderOfBooksAgreeInTheEnd) {
  start();
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([this, writer] {
      for (int n = 0; n < 50; ++n) {
        write("event w" + std::to_string(writer) + "n" + std::to_string(n % 40) + " x d1");
      }
    });
  }
  for (int looks = 0; looks < 100; ++looks) {
    for (const BookLine& line : loader_->books()) {
      EXPECT_EQ(line.received, line.stored + line.duplicate + line.rejected);
    }
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  ASSERT_TRUE(loader_->wait_visible(200, seconds(10)));
  EXPECT_EQ(loader_->books()[0].received, 200U);
  EXPECT_EQ(loader_->books()[0].stored, 160U);
  EXPECT_EQ(loader_->books()[0].duplicate, 40U);
}

TEST_F(LoaderTest, IngestionTableShowsTheRequestsThemselves) {
  write("event a x d1");
  write("\xff\x01");
  const auto table = ingestion_table(*files_, options_.journal_folder, parts_.durable);
  auto scan = table->scan();
  ASSERT_TRUE(scan);
  auto rows = (*scan)->next(10);
  ASSERT_TRUE(rows);
  ASSERT_THAT(*rows, SizeIs(2));
  ASSERT_EQ((*rows)[0].size(), table->columns().size());
  EXPECT_EQ((*rows)[0][0].text, "shop");
  EXPECT_EQ((*rows)[0][9].text, "event a x d1");
  EXPECT_EQ((*rows)[1][9].text, "/wE=") << "base64, since it is no text";
  EXPECT_EQ((*rows)[1][10].integer, 2);
  auto end = (*scan)->next(10);
  ASSERT_TRUE(end);
  EXPECT_THAT(*end, SizeIs(0));
}

}  // namespace
}  // namespace loader
