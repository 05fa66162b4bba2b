#include "engine/balance.h"

#include "engine/status.h"
#include "engine/test_pipeline.h"
#include "loader/state/sqlite.h"
#include "store/duckdb/duckdb_store.h"

#include <gmock/gmock.h>

namespace engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class BalanceTest : public PipelineTest {
 protected:
  Balance make() {
    return Balance({.ledger = [this] { return pipeline_->ledger(); },
                    .comparison = [this] { return pipeline_->intake().comparison(); },
                    .visible_position = [this] { return pipeline_->store().visible_position(); },
                    .query_json =
                        [this](std::string_view sql, const store::QueryLimits& limits) {
                          if (counts_allowed_ == 0) {
                            return base::Result<store::QueryResult>(
                                base::fail(base::Code::kUnavailable, "past its deadline"));
                          }
                          --counts_allowed_;
                          return pipeline_->store().query(sql, store::ResultFormat::kJson, limits);
                        },
                    .clock = clock_});
  }
  std::uint64_t counts_allowed_ = 1'000;

  /// What is believed after `checks` further checks.
  std::vector<std::string> texts(Balance& balance, unsigned checks) {
    for (unsigned done = 0; done < checks; ++done) {
      balance.step([] {});
      clock_.advance(Balance::kInterval);
    }
    std::vector<std::string> out;
    for (const Difference& difference : balance.differences()) {
      out.push_back(to_text(difference));
    }
    return out;
  }
  /// Changes the books behind the back of a pipeline that does not run.
  void tamper(const std::string& sql) {
    load();
    pipeline_.reset();
    {
      auto database = loader::state::Database::open(folder_ + "/state/state.db",
                                                    loader::state::Database::Mode::kReadWrite);
      ASSERT_TRUE(database);
      ASSERT_TRUE((*database)->run(sql));
      EXPECT_EQ((*database)->changes(), 1);
    }
    open();
  }
};

TEST_F(BalanceTest, ClosesOverStoredDuplicateRejectedAndReplayedUnits) {
  send("shop", hit("one"));
  send("shop", hit("one"));
  send("shop", "no json");
  send("other", hit("two"));
  load();
  Balance balance = make();
  EXPECT_EQ(balance.checked_ago(), std::nullopt);
  EXPECT_THAT(texts(balance, 4), IsEmpty());
  EXPECT_EQ(balance.checked_ago(), std::chrono::milliseconds(10'000));
  send("shop", hit("three"), {{"replay_of", "3:0"}, {"replay_app", "shop"}});
  load();
  EXPECT_EQ(pipeline_->ledger().lines.size(), 2U);
  EXPECT_THAT(texts(balance, 4), IsEmpty());
}

TEST_F(BalanceTest, RowsThatTakeTooLongToCountAreCountedInShorterRanges) {
  for (int n = 0; n < 10; ++n) {
    send("shop", hit(std::to_string(n)));
    send(n < 5 ? "other" : "third", hit(std::to_string(n)));
  }
  load();
  Balance balance = make();
  counts_allowed_ = 0;
  EXPECT_THAT(texts(balance, 3), IsEmpty());
  EXPECT_EQ(balance.checked_ago(), std::nullopt);
  counts_allowed_ = 1'000;
  EXPECT_THAT(texts(balance, 1), IsEmpty());
  EXPECT_NE(balance.checked_ago(), std::nullopt);
  EXPECT_EQ(counts_allowed_, 1'000U - 7U) << "20 records in 8 ranges of 3";
}

TEST_F(BalanceTest, ClosesAgainAfterARebuildAndARestart) {
  send("shop", hit("one"));
  send("shop", "no json");
  load();
  ASSERT_TRUE(pipeline_->rebuild({}));
  Balance before = make();
  EXPECT_THAT(texts(before, 3), IsEmpty());
  pipeline_.reset();
  open();
  send("shop", hit("two"));
  load();
  Balance after = make();
  EXPECT_THAT(texts(after, 3), IsEmpty());
  EXPECT_NE(after.checked_ago(), std::nullopt);
}

TEST_F(BalanceTest, ClosesWhenTheStoreHasARecordAsPutAsideAndTheStateIsLost) {
  const event::Position position = send("shop", hit("one"));
  send("shop", hit("two"));
  load();
  pipeline_.reset();
  std::filesystem::remove_all(folder_ + "/store");
  std::filesystem::remove_all(folder_ + "/state");
  {
    auto store = store::duckdb::open({.folder = folder_ + "/store"}, *files_, base::null_log());
    ASSERT_TRUE(store);
    event::RejectedRow row;
    row.app_id = "shop";
    row.api = event::Api::kSegmentstream;
    row.received_at = base::to_us(clock_.now());
    row.event_date = 19675;
    row.code = "internal";
    row.record_index = 0;
    row.journal_position = static_cast<std::int64_t>(position);
    ASSERT_TRUE(
        (*store)->append({.events = {}, .items = {}, .rejected = {row}, .through = position}));
    ASSERT_TRUE((*store)->seal());
  }
  open();
  send("shop", hit("one"));
  load();
  const loader::BookLine books = pipeline_->ledger().lines.at(0);
  EXPECT_EQ(books.stored, 2U);
  EXPECT_EQ(books.rejected, 1U);
  Balance balance = make();
  EXPECT_THAT(texts(balance, 3), IsEmpty());
}

TEST_F(BalanceTest, AnEventBookedButNotInTheStoreIsFoundWithinAMinute) {
  send("shop", hit("one"));
  send("other", hit("two"));
  tamper("UPDATE book SET received = 2, stored = 2 WHERE app_id = 'shop'");
  Balance balance = make();
  const auto begun = clock_.steady_now();
  EXPECT_THAT(texts(balance, 2), IsEmpty()) << "once may be chance";
  EXPECT_THAT(
      texts(balance, 1),
      ElementsAre(
          R"(balance of "shop" segmentstream: 2 events booked as stored, 1 rows of event)"));
  EXPECT_LE(clock_.steady_now() - begun, std::chrono::minutes(1));
}

TEST_F(BalanceTest, ARowThatNobodyBookedIsFound) {
  send("shop", hit("one"));
  send("shop", "no json");
  tamper("DELETE FROM book");
  Balance balance = make();
  EXPECT_THAT(
      texts(balance, 3),
      ElementsAre(R"(balance of "shop" segmentstream: 0 events booked as stored, 1 rows of event)",
                  R"(balance of "shop" segmentstream: 0 units booked as rejected, )"
                  R"(1 rows of rejected_event)"));
}

TEST_F(BalanceTest, ASumThatDoesNotComeOutIsFound) {
  send("shop", hit("one"));
  tamper("UPDATE book SET duplicate = 3");
  Balance balance = make();
  EXPECT_THAT(
      texts(balance, 3),
      ElementsAre(
          R"(balance of "shop" segmentstream: 1 received, 4 stored, duplicate and rejected)"));
}

TEST_F(BalanceTest, UnitsAnsweredButNotBookedAreFound) {
  send("shop", hit("one"), {{"units", "3"}});
  send("other", hit("two"));
  load();
  Balance balance = make();
  EXPECT_THAT(
      texts(balance, 3),
      ElementsAre(R"(balance of "shop" segmentstream: 3 units answered, 1 booked by the loader)"));
}

TEST_F(BalanceTest, ClosesOverARequestOfSeveralUnitsThatIsPutAsideWhole) {
  event::Record record;
  record.api = event::Api::kClevertap;
  record.app_id = "shop";
  record.received_at = clock_.now();
  record.method = "POST";
  record.target = "/1/upload";
  const std::string agent(std::size_t{900} << 10U, 'a');
  std::string body = R"({"d":[)";
  for (int n = 0; n < 300; ++n) {
    body.append(n == 0 ? "" : ",").append(R"({"type":"event","evtName":"e","identity":")");
    body.append(std::to_string(n)).append(R"(","evtData":{}})");
  }
  body += "]}";
  record.user_agent = agent;
  record.notes = {{"units", "300"}};
  record.body = body;
  put(record);
  load();
  const loader::Ledger ledger = pipeline_->ledger();
  ASSERT_EQ(ledger.lines.size(), 1U);
  EXPECT_EQ(ledger.lines[0].received, 1U);
  EXPECT_EQ(ledger.lines[0].rejected, 1U);
  const auto why = pipeline_->store().query("SELECT code, reason FROM rejected_event",
                                            store::ResultFormat::kJson, {});
  ASSERT_TRUE(why);
  EXPECT_THAT(why->text, testing::HasSubstr("rows_too_large"));
  Balance balance = make();
  EXPECT_THAT(texts(balance, 4), IsEmpty());
  EXPECT_NE(balance.checked_ago(), std::nullopt);
}

TEST(Status, WhatDoesNotCloseIsShownEverywhere) {
  StatusReport report;
  report.audit = AuditReport{
      .differences = {{"shop", event::Api::kClevertap, Subject::kRows, 5, 3}}, .checked_ago = {}};
  EXPECT_NE(status_json(report).find(R"("balance":{"closes":false,"checked_ms_ago":null,)"),
            std::string::npos);
  EXPECT_NE(status_text(report).find("5 events booked as stored, 3 rows of event"),
            std::string::npos);
  EXPECT_NE(metrics_text(report, nullptr)
                .find("catchment_balance_difference_events{app=\"shop\",api=\"clevertap\"} 2\n"),
            std::string::npos);
}

}  // namespace
}  // namespace engine
