#include "exports/exporter.h"

#include "exports/mark.h"
#include "exports/test_rows.h"
#include "io/memory_file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace exports {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kHourUs = std::int64_t{3600} * 1'000'000;

/// Rows in memory; refuses what is too large as the real one does, and what `errors` says.
class ListStore final : public store::Store {
 public:
  base::Status append(store::Batch) override { return base::ok(); }
  base::Status seal() override { return base::ok(); }
  base::Result<bool> compact() override { return false; }
  [[nodiscard]] event::Position visible_position() const override { return visible; }
  [[nodiscard]] event::Position sealed_position() const override { return 0; }
  [[nodiscard]] store::Stats stats() const override { return {}; }
  base::Result<store::QueryResult> query(std::string_view, store::ResultFormat,
                                         const store::QueryLimits&) override {
    return base::fail(base::Code::kInternal, "not asked");
  }
  base::Status read_events(const store::EventRange& range, std::span<const std::string_view> names,
                           const store::QueryLimits& limits, store::RowSink& sink) override {
    ++reads;
    if (!errors.empty()) {
      const base::Status error = errors.front();
      errors.pop_front();
      return error;
    }
    if (visible < range.through) {
      return base::fail(base::Code::kUnavailable, "not loaded yet");
    }
    sink.begin();
    std::uint64_t count = 0;
    for (const event::Event& row : rows) {
      const auto position = static_cast<event::Position>(row.journal_position.value_or(0));
      if (position <= range.after || position > range.through) {
        continue;
      }
      if (limits.rows_max != 0 && ++count > limits.rows_max) {
        return base::fail(base::Code::kTooLarge, "too many rows");
      }
      const auto fields = fields_of(row, names);
      sink.row(fields);
      most = std::max(most, sink.bytes());
      if (sink.bytes() > limits.text_bytes_max) {
        return base::fail(base::Code::kTooLarge, "too long");
      }
    }
    return base::ok();
  }
  base::Result<std::string> copy_events(const store::EventRange&,
                                        const store::QueryLimits&) override {
    return std::string("d/copy.parquet");
  }

  std::vector<event::Event> rows;
  event::Position visible = 0;
  std::deque<base::Error> errors;
  std::size_t most = 0;
  int reads = 0;
};

/// The parts with their marks; ends the run after `marks_max` marks.
class Taken final : public control::Output {
 public:
  void out(std::string_view part) override { open += part; }
  void err(std::string_view) override {}
  void mark(std::string_view note) override {
    const auto mark = parse_mark(note);
    ASSERT_TRUE(mark) << note;
    EXPECT_GE(mark->through, last.through);
    last = *mark;
    ++marks;
    if (!open.empty()) {
      parts.push_back(std::to_string(mark->through) + "/" + std::to_string(mark->hour));
    }
    text += open;
    open.clear();
    if (on_mark) {
      on_mark(*mark);
    }
  }
  bool alive() override { return marks < marks_max; }
  [[nodiscard]] bool terminal() const override { return false; }

  std::string text;
  std::string open;
  std::vector<std::string> parts;
  Mark last;
  int marks = 0;
  int marks_max = 1'000'000;
  std::function<void(const Mark&)> on_mark;
};

class Exporter : public testing::Test {
 protected:
  void add(event::Position position, std::int64_t hour = 0, int count = 1) {
    for (int i = 0; i < count; ++i) {
      event::Event& row = store_.rows.emplace_back();
      row.app_id = "shop";
      row.event_name = "e" + std::to_string(store_.rows.size());
      row.received_at = hour * kHourUs + 5;
      row.journal_position = static_cast<std::int64_t>(position);
    }
    store_.visible = std::max(store_.visible, position);
  }
  base::Status run_all(const Stretch& stretch = {}) {
    request_.range.through = request_.range.through == 0 ? store_.visible : request_.range.through;
    return run(request_, source_, output_, stretch);
  }
  /// The numbers in the event names, in the order they came.
  [[nodiscard]] std::vector<int> numbers() const {
    std::vector<int> out;
    constexpr std::string_view kKey = "\"event_type\":\"e";
    for (std::size_t at = output_.text.find(kKey); at != std::string::npos;
         at = output_.text.find(kKey, at + 1)) {
      out.push_back(std::atoi(output_.text.c_str() + at + kKey.size()));
    }
    return out;
  }
  [[nodiscard]] std::vector<int> up_to(int last) const {
    std::vector<int> out;
    for (int i = 1; i <= last; ++i) {
      out.push_back(i);
    }
    return out;
  }

  ListStore store_;
  io::MemoryFileSystem files_;
  Taken output_;
  Request request_;
  Source source_{store_, files_, [this](event::Position position, std::chrono::milliseconds) {
                   return store_.visible >= position;
                 }};
};

TEST_F(Exporter, EveryRowOnceInOrderWhateverTheStretch) {
  for (event::Position position = 1; position <= 400; ++position) {
    add(position * 7, 0, static_cast<int>(position % 5));
  }
  const int count = static_cast<int>(store_.rows.size());
  ASSERT_TRUE(run_all({10, 1 << 20, 500}));
  EXPECT_EQ(numbers(), up_to(count));
  EXPECT_EQ(output_.last.through, 2800U);
  EXPECT_GT(store_.reads, 20);
}

TEST_F(Exporter, AStretchThatIsTooLargeIsReadInSmallerOnes) {
  for (event::Position position = 1; position <= 300; ++position) {
    add(position);
  }
  ASSERT_TRUE(run_all({1'000'000, 2000, 100}));
  EXPECT_EQ(numbers(), up_to(300));
  EXPECT_LT(store_.most, 3000U);
}

TEST_F(Exporter, ARequestIsReadWholeHoweverManyRowsItHas) {
  add(1, 0, 50);
  ASSERT_TRUE(run_all({2, 100, 100}));
  EXPECT_EQ(numbers(), up_to(50));
  EXPECT_THAT(output_.parts, ElementsAre("1/0"));
}

TEST_F(Exporter, PartsEndWithTheHour) {
  add(1, 10);
  add(2, 10, 2);
  add(3, 11);
  add(4, 10);
  request_.by_hour = true;
  ASSERT_TRUE(run_all());
  EXPECT_THAT(output_.parts, ElementsAre("2/10", "3/11", "4/10"));
}

TEST_F(Exporter, GoesOnBehindAPosition) {
  add(1, 0, 2);
  add(2);
  add(3);
  request_.range.after = 1;
  request_.range.through = 2;
  ASSERT_TRUE(run_all());
  EXPECT_THAT(numbers(), ElementsAre(3));
  EXPECT_EQ(output_.last.through, 2U);
}

TEST_F(Exporter, WaitsWhileTheStoreIsDerivedAgain) {
  add(1);
  add(2);
  store_.errors = {base::fail(base::Code::kUnavailable, "not loaded yet"),
                   base::fail(base::Code::kUnavailable, "not loaded yet")};
  ASSERT_TRUE(run_all());
  EXPECT_EQ(numbers(), up_to(2));
}

TEST_F(Exporter, GivesUpOnWhatStaysWrong) {
  add(1);
  store_.errors.assign(100, base::fail(base::Code::kUnavailable, "too many queries are running"));
  EXPECT_EQ(run_all().error().message, "too many queries are running");
  store_.errors = {base::fail(base::Code::kCorrupt, "a file is damaged")};
  EXPECT_EQ(run_all().error().message, "a file is damaged");
  EXPECT_EQ(output_.text, "");
}

TEST_F(Exporter, FollowsUntilNobodyReads) {
  add(1);
  request_.follow = true;
  output_.on_mark = [this](const Mark& mark) {
    if (mark.through == store_.visible && store_.rows.size() < 20) {
      add(mark.through + 3);
    }
  };
  output_.marks_max = 100;
  ASSERT_TRUE(run_all());
  EXPECT_EQ(numbers(), up_to(20));
}

TEST_F(Exporter, NothingIsHandedOverBehindAReaderThatLeft) {
  add(1);
  add(2, 1);
  add(3, 2);
  request_.by_hour = true;
  output_.marks_max = 2;  // the one before all rows, and one behind a part
  ASSERT_TRUE(run_all());
  EXPECT_THAT(output_.parts, ElementsAre("1/0"));
  EXPECT_EQ(output_.open, "");
}

TEST_F(Exporter, ACopyIsSentAndRemoved) {
  ASSERT_TRUE(files_.create_directories("d"));
  const std::string bytes(700'000, 'p');
  files_.set_content("d/copy.parquet", bytes);
  request_.shape = Shape::kParquet;
  request_.range.through = 9;
  ASSERT_TRUE(run_all());
  EXPECT_EQ(output_.text, bytes);
  EXPECT_EQ(output_.last.through, 9U);
  EXPECT_FALSE(files_.exists("d/copy.parquet"));
}

TEST(Mark, ReadsBack) {
  const auto mark = parse_mark(mark_text({7, 9, -3}));
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->through, 7U);
  EXPECT_EQ(mark->last, 9U);
  EXPECT_EQ(mark->hour, -3);
  for (const char* text : {"", "1 2", "1 2 3 4", "a 2 3", "1 2 x"}) {
    EXPECT_FALSE(parse_mark(text)) << text;
  }
}

}  // namespace
}  // namespace exports
