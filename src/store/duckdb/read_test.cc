// What the program itself reads and writes through the store: rows in the order of the journal, and
// copies of them in a Parquet file.

#include "store/duckdb/handles.h"
#include "store/duckdb/test_store.h"

#include <gmock/gmock.h>

#include <array>

namespace store::duckdb {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::array<std::string_view, 5> kColumns = {"journal_position", "event_id", "user_id",
                                                      "event_value", "received_at"};

/// Keeps every row as one text; NULL is "-".
class Rows final : public RowSink {
 public:
  void begin() override {
    ++begun;
    texts.clear();
    bytes_ = 0;
  }
  void row(std::span<const Field> fields) override {
    std::string text = std::to_string(fields[0].integer);
    text += ' ';
    text += fields[1].text;
    text += ' ';
    text += fields[2].null ? std::string_view("-") : fields[2].text;
    text += fields[3].null ? " -" : " " + std::to_string(fields[3].real).substr(0, 4);
    bytes_ += text.size();
    texts.push_back(std::move(text));
    received = fields[4].integer;
  }
  [[nodiscard]] std::size_t bytes() const override { return bytes_; }

  std::vector<std::string> texts;
  std::int64_t received = 0;
  int begun = 0;

 private:
  std::size_t bytes_ = 0;
};

class Reading : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    open_store();
  }
  std::vector<std::string> read(const EventRange& range, const QueryLimits& limits = {}) {
    const auto done = store_->read_events(range, kColumns, limits, rows_);
    return done ? rows_.texts : std::vector<std::string>{"error: " + done.error().message};
  }
  static EventRange range(Position after, Position through) {
    EventRange out;
    out.app_id = "shop";
    out.after = after;
    out.through = through;
    return out;
  }
  Rows rows_;
};

TEST_F(Reading, FilesAndHotRowsComeInTheOrderOfTheJournal) {
  append_range(1, 2);
  seal();
  event::Event valued = make_event(3);
  valued.user_id = "ada";
  valued.event_value = 1.25;
  append({valued, make_event(4)}, 4);
  EXPECT_THAT(read(range(0, 4)), ElementsAre("1 e1 - -", "2 e2 - -", "3 e3 ada 1.25", "4 e4 - -"));
  EXPECT_EQ(rows_.received, *make_event(4).received_at);
  EXPECT_THAT(read(range(1, 3)), ElementsAre("2 e2 - -", "3 e3 ada 1.25"));
}

TEST_F(Reading, RowsOfOneRequestHaveOneOrderHotAndSealed) {
  std::vector<event::Event> events = {make_event(9), make_event(7), make_event(8)};
  for (event::Event& row : events) {
    row.journal_position = 5;
  }
  append(events, 5);
  const std::vector<std::string> hot = read(range(0, 5));
  EXPECT_THAT(hot, ElementsAre("5 e7 - -", "5 e8 - -", "5 e9 - -"));
  seal();
  EXPECT_EQ(read(range(0, 5)), hot);
}

TEST_F(Reading, OnlyTheApplicationAndTheTimesAskedFor) {
  event::Event other = make_event(2);
  other.app_id = "it's";
  append({make_event(1), other, make_event(3)}, 3);
  EventRange of_other = range(0, 3);
  of_other.app_id = "it's";
  EXPECT_THAT(read(of_other), ElementsAre("2 e2 - -"));
  EventRange late = range(0, 3);
  late.received_from = make_event(3).received_at;
  EXPECT_THAT(read(late), ElementsAre("3 e3 - -"));
  EventRange early = range(0, 3);
  early.received_before = make_event(3).received_at;
  EXPECT_THAT(read(early), ElementsAre("1 e1 - -"));
}

TEST_F(Reading, WhatIsNotLoadedYetIsRefusedInsteadOfLeftOut) {
  append_range(1, 2);
  EXPECT_EQ(store_->read_events(range(0, 3), kColumns, {}, rows_).error().code,
            base::Code::kUnavailable);
  EXPECT_EQ(store_->copy_events(range(0, 3), {}).error().code, base::Code::kUnavailable);
}

TEST_F(Reading, LimitsAreKept) {
  append_range(1, 20);
  QueryLimits limits;
  limits.rows_max = 5;
  EXPECT_EQ(store_->read_events(range(0, 20), kColumns, limits, rows_).error().code,
            base::Code::kTooLarge);
  limits.rows_max = 0;
  limits.text_bytes_max = 40;
  EXPECT_EQ(store_->read_events(range(0, 20), kColumns, limits, rows_).error().code,
            base::Code::kTooLarge);
}

TEST_F(Reading, ACopyHoldsEveryColumnAndGoesWithTheNextOpening) {
  append_range(1, 3);
  seal();
  append_range(4, 5);
  const auto path = store_->copy_events(range(1, 5), {});
  ASSERT_TRUE(path) << path.error().message;
  ASSERT_TRUE(std::filesystem::exists(*path));
  Database database;
  Connection connection;
  ASSERT_EQ(duckdb_open(nullptr, database.out()), DuckDBSuccess);
  ASSERT_EQ(duckdb_connect(database.get(), connection.out()), DuckDBSuccess);
  QueryOutcome outcome;
  ASSERT_EQ(duckdb_query(connection.get(),
                         ("SELECT count(*), min(journal_position), max(properties::VARCHAR) FROM "
                          "read_parquet('" +
                          *path + "')")
                             .c_str(),
                         outcome.out()),
            DuckDBSuccess);
  EXPECT_EQ(duckdb_value_int64(outcome.out(), 0, 0), 4);
  EXPECT_EQ(duckdb_value_int64(outcome.out(), 1, 0), 2);
  EXPECT_EQ(duckdb_column_count(outcome.out()), 3U);
  QueryOutcome all;
  ASSERT_EQ(
      duckdb_query(connection.get(), ("FROM read_parquet('" + *path + "')").c_str(), all.out()),
      DuckDBSuccess);
  EXPECT_EQ(duckdb_column_count(all.out()), event::event_columns().size());
  open_store();
  EXPECT_FALSE(std::filesystem::exists(*path));
}

TEST_F(Reading, PeopleStillCannotWrite) {
  append_range(1, 1);
  const std::string inside = options_.folder + "/tmp/mine.parquet";
  EXPECT_THAT(ask("COPY (SELECT 1) TO '" + inside + "' (FORMAT parquet)"),
              HasSubstr("only SELECT"));
  ASSERT_TRUE(store_->copy_events(range(0, 1), {}));
  EXPECT_THAT(ask("COPY (SELECT 1) TO '" + inside + "' (FORMAT parquet)"),
              HasSubstr("only SELECT"));
  EXPECT_FALSE(std::filesystem::exists(inside));
}

}  // namespace
}  // namespace store::duckdb
