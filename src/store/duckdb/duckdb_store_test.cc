#include "store/duckdb/duckdb_store.h"

#include "codec/hash.h"
#include "store/duckdb/test_store.h"

#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <thread>

namespace store::duckdb {
namespace {

using testing::HasSubstr;

class DuckdbStore : public StoreTest {};

/// An event with a value in every column, and one with as few as there can be.
std::vector<event::Event> full_and_empty() {
  event::Event full;
  for (const auto& column : event::event_columns()) {
    if (const auto* text = std::get_if<std::string event::Event::*>(&column.field)) {
      full.*(*text) = column.type == event::ColumnType::kJson
                          ? "{\"k\":[1,null,\"" + std::string(column.name) + "\"]}"
                          : std::string(column.name) + " \xF0\x9F\x8E\x89" + std::string(1, '\0') +
                                " longer than twelve";
    } else if (const auto* number = std::get_if<event::Int event::Event::*>(&column.field)) {
      full.*(*number) = column.type == event::ColumnType::kDate ? kDay : kDay * kDayUs + 123'456;
    } else if (const auto* real = std::get_if<event::Double event::Event::*>(&column.field)) {
      full.*(*real) = 0.1;
    }
  }
  event::Event empty;
  empty.event_date = kDay;
  empty.properties = "{}";
  return {full, empty};
}

TEST_F(DuckdbStore, EveryColumnReadsBackTheSameHotSealedAndReopened) {
  open_store();
  append(full_and_empty(), 1);
  const std::string sql = "SELECT * FROM event ORDER BY event_name NULLS LAST";
  const std::string hot = ask(sql);
  EXPECT_THAT(hot, HasSubstr("\"app_id\":\"app_id \xF0\x9F\x8E\x89\\u0000 longer than twelve\""));
  EXPECT_THAT(hot, HasSubstr("\"event_timestamp\":\"2023-11-14 00:00:00.123456\""));
  EXPECT_THAT(hot, HasSubstr("\"event_date\":\"2023-11-14\""));
  EXPECT_THAT(hot, HasSubstr("\"geo_latitude\":0.1"));
  EXPECT_THAT(hot, HasSubstr("\"attributes\":{\"k\":[1,null,\"attributes\"]}"));
  EXPECT_THAT(hot, HasSubstr("{\"app_id\":null,\"api\":\"clickstream\",\"event_id\":null"));
  seal();
  EXPECT_EQ(ask(sql), hot);
  open_store();
  EXPECT_EQ(ask(sql), hot);
  EXPECT_EQ(store_->sealed_position(), 1U);
  EXPECT_EQ(store_->visible_position(), 1U);
}

TEST_F(DuckdbStore, VerifiedFilesHoldEveryValueOfTheirRowsAlsoWhenMerged) {
  options_.verify_files = true;
  open_store();
  for (Position position = 1; position <= 12; ++position) {
    std::vector<event::Event> events = full_and_empty();
    events.push_back(make_event(static_cast<std::int64_t>(position)));
    append(std::move(events), position);
    seal();
  }
  const std::string before = ask("SELECT count(*) AS n, bit_xor(hash(e)) AS h FROM event AS e");
  const base::Result<bool> merged = store_->compact();
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_TRUE(*merged);
  EXPECT_EQ(ask("SELECT count(*) AS n, bit_xor(hash(e)) AS h FROM event AS e"), before);
}

TEST_F(DuckdbStore, TextThatIsNoUtf8IsRepaired) {
  open_store();
  event::Event event = make_event(1);
  event.page_title = "a\xFFz";
  append({event}, 1);
  seal();
  EXPECT_EQ(ask("SELECT page_title FROM event"), "[{\"page_title\":\"a\xEF\xBF\xBDz\"}]");
}

TEST_F(DuckdbStore, ItemsAndRejectionsAreTablesOfTheirOwn) {
  open_store();
  Batch batch;
  event::ItemRow item;
  item.app_id = "shop";
  item.item_id = "i1";
  item.price = 9.99;
  item.event_date = kDay;
  item.journal_position = 3;
  batch.items.push_back(item);
  event::RejectedRow rejected;
  rejected.app_id = "shop";
  rejected.api = event::Api::kClevertap;
  rejected.code = "512";
  rejected.event_date = kDay + 1;
  rejected.record = "{broken";
  rejected.journal_position = 3;
  batch.rejected.push_back(rejected);
  batch.through = 3;
  ASSERT_TRUE(store_->append(std::move(batch)));
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(ask("SELECT item_id, price FROM item"), "[{\"item_id\":\"i1\",\"price\":9.99}]");
    EXPECT_EQ(ask("SELECT api, code, record FROM rejected_event"),
              "[{\"api\":\"clevertap\",\"code\":\"512\",\"record\":\"{broken\"}]");
    seal();
  }
  EXPECT_EQ(files_on_disk(), 2U);
}

TEST_F(DuckdbStore, ManySmallAppendsAreOneTable) {
  open_store();
  for (std::int64_t i = 1; i <= 5'000; ++i) {
    append({make_event(i)}, static_cast<Position>(i));
  }
  EXPECT_EQ(count(), "[{\"n\":5000}]");
  EXPECT_EQ(ask("SELECT sum(journal_position) AS n FROM event"), "[{\"n\":12502500}]");
  EXPECT_EQ(ask("SELECT count(DISTINCT event_id) AS n FROM event"), "[{\"n\":5000}]");
  const Stats stats = store_->stats();
  EXPECT_EQ(stats.hot_rows, 5'000U);
  EXPECT_LT(stats.hot_bytes, 5'000U * 400);
}

TEST_F(DuckdbStore, FolderMayBeWrittenInAnyWay) {
  for (const std::string& folder : {root_ + "/./a b/../it's here/", root_ + "//\xC3\xBC"}) {
    options_.folder = folder;
    open_store();
    append_range(1, 5);
    seal();
    EXPECT_EQ(count(), "[{\"n\":5}]") << folder;
    open_store();
    EXPECT_EQ(count(), "[{\"n\":5}]") << folder;
  }
  options_.folder = root_ + "/x*";
  EXPECT_EQ(reopen().error().code, base::Code::kInvalid);
}

TEST_F(DuckdbStore, StatsTellHotFromSealed) {
  open_store();
  append_range(1, 10);
  seal();
  append_range(11, 13);
  const Stats stats = store_->stats();
  EXPECT_EQ(stats.visible, 13U);
  EXPECT_EQ(stats.sealed, 10U);
  EXPECT_EQ(stats.hot_rows, 3U);
  EXPECT_EQ(stats.event_rows, 13U);
  EXPECT_EQ(stats.files, 1U);
  EXPECT_GT(stats.file_bytes, 0U);
}

TEST_F(DuckdbStore, SealWritesOneFileADay) {
  open_store();
  append_range(1, 10);
  append_range(11, 20, kDay + 1);
  seal();
  EXPECT_EQ(files_on_disk(), 2U);
  EXPECT_EQ(ask("SELECT event_date, count(*) AS n FROM event GROUP BY 1 ORDER BY 1"),
            "[{\"event_date\":\"2023-11-14\",\"n\":10},{\"event_date\":\"2023-11-15\",\"n\":10}]");
}

TEST_F(DuckdbStore, DaysThatShareChunksAreToldApartAndRowsKeepTheirOrder) {
  options_.verify_files = true;
  open_store();
  for (std::int64_t i = 1; i <= 12'000; i += 500) {
    std::vector<event::Event> events;
    for (std::int64_t number = i; number < i + 500; ++number) {
      const bool mixed = number < 1'000 || (number > 6'000 && number < 6'500);
      events.push_back(make_event(number, mixed && number % 3 == 0 ? kDay + 1 : kDay));
    }
    append(std::move(events), static_cast<Position>(i + 499));
  }
  const std::string hash = "SELECT count(*) AS n, bit_xor(hash(e)) AS h FROM event AS e";
  const std::string hot = ask(hash);
  seal();
  EXPECT_EQ(files_on_disk(), 2U);
  EXPECT_EQ(ask(hash), hot);
  EXPECT_EQ(ask("SELECT count(*) AS n FROM (SELECT journal_position AS now, lag(journal_position) "
                "OVER () AS before FROM event WHERE event_date = '2023-11-14') WHERE before > now"),
            "[{\"n\":0}]");
}

TEST_F(DuckdbStore, RowsLargerThanTheMemoryForSealingAreSealedAllTheSame) {
  options_.seal_memory_bytes = std::uint64_t{16} << 20U;
  open_store();
  Batch batch;
  std::vector<event::Event> events(3);
  for (event::Event& event : events) {
    event.event_date = 19'675;
    event.journal_position = ++batch.through;
    event.properties = "\"" + std::string(std::size_t{12} << 20U, 'x') + "\"";
  }
  batch.events.add(std::move(events));
  ASSERT_TRUE(store_->append(std::move(batch)));
  seal();
  EXPECT_EQ(ask("SELECT count(*) AS n, sum(length(properties)) AS s FROM event"),
            "[{\"n\":3,\"s\":37748742}]");
}

TEST_F(DuckdbStore, SealWithoutRowsMovesThePosition) {
  open_store();
  append({}, 42);
  seal();
  EXPECT_EQ(files_on_disk(), 0U);
  open_store();
  EXPECT_EQ(store_->sealed_position(), 42U);
}

TEST_F(DuckdbStore, MergeThatIsInterruptedLeavesTheFilesAsTheyWere) {
  open_store();
  for (std::int64_t i = 0; i < 8; ++i) {
    append_range(i * 1000 + 1, i * 1000 + 1000);
    seal();
  }
  std::atomic<bool> ended = false;
  std::thread other([&] {
    while (!ended) {
      store_->interrupt();
    }
  });
  const auto merged = store_->compact();
  ended = true;
  other.join();
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().code, base::Code::kUnavailable);
  EXPECT_EQ(files_on_disk(), 8U);
  EXPECT_EQ(count(), "[{\"n\":8000}]");
  const auto again = store_->compact();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(files_on_disk(), 1U);
}

TEST_F(DuckdbStore, CompactMergesADaysFilesIntoOne) {
  open_store();
  for (std::int64_t i = 0; i < 8; ++i) {
    append_range(i * 10 + 1, i * 10 + 10);
    seal();
  }
  EXPECT_EQ(files_on_disk(), 8U);
  const std::string before = ask("SELECT * FROM event ORDER BY journal_position");
  const auto merged = store_->compact();
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_TRUE(*merged);
  EXPECT_EQ(files_on_disk(), 1U);
  EXPECT_EQ(ask("SELECT * FROM event ORDER BY journal_position"), before);
  EXPECT_EQ(ask("SELECT count(*) AS n FROM (SELECT event_name AS now, lag(event_name) OVER () AS "
                "before FROM event) WHERE before > now"),
            "[{\"n\":0}]");
  const auto again = store_->compact();
  ASSERT_TRUE(again);
  EXPECT_FALSE(*again);
  open_store();
  EXPECT_EQ(ask("SELECT * FROM event ORDER BY journal_position"), before);
}

TEST_F(DuckdbStore, FileThatTheManifestDoesNotListIsRemoved) {
  open_store();
  append_range(1, 10);
  seal();
  store_.reset();
  // What a crash between the last rename and the manifest leaves behind.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(options_.folder)) {
    if (entry.path().extension() == ".parquet") {
      std::filesystem::copy_file(entry.path(), entry.path().parent_path() / "11-20-2.parquet");
      std::filesystem::copy_file(entry.path(), entry.path().parent_path() / "1-2-3.parquet.tmp");
      break;
    }
  }
  open_store();
  EXPECT_EQ(files_on_disk(), 1U);
  EXPECT_EQ(count(), "[{\"n\":10}]");
}

TEST_F(DuckdbStore, SealThatFailsAnywhereLosesAndDoublesNothing) {
  bool sealed = false;
  for (int step = 1; !sealed; ++step) {
    SCOPED_TRACE(step);
    ASSERT_LT(step, 100);
    std::filesystem::remove_all(options_.folder);
    open_store();
    append_range(1, 10);
    seal();
    append_range(11, 20);
    append_range(21, 30, kDay + 1);
    files_.calls = 0;
    files_.fail_at = step;
    sealed = store_->seal().has_value();
    files_.fail_at = 0;
    EXPECT_EQ(count(), "[{\"n\":30}]");
    // After a crash the loader derives again what lies behind the sealed position.
    open_store();
    const Position position = store_->sealed_position();
    EXPECT_TRUE(position == 10 || position == 30) << position;
    EXPECT_EQ(count(), "[{\"n\":" + std::to_string(position) + "}]");
  }
}

TEST_F(DuckdbStore, FilesOfASealThatFailedAreGoneWithTheNext) {
  bool sealed = false;
  for (int step = 1; !sealed; ++step) {
    SCOPED_TRACE(step);
    std::filesystem::remove_all(options_.folder);
    open_store();
    append_range(1, 10);
    append_range(11, 20, kDay + 1);
    files_.fail_at = files_.calls + step;
    sealed = store_->seal().has_value();
    files_.fail_at = 0;
    seal();
    EXPECT_EQ(count(), "[{\"n\":20}]");
    EXPECT_EQ(files_on_disk(), 2U);
  }
}

TEST_F(DuckdbStore, SealThatMayNotCommitKeepsRowsHotAndNoFile) {
  bool may = false;
  options_.before_commit = [&] {
    return may ? base::ok() : base::Status(base::fail(base::Code::kIo, "not synced"));
  };
  open_store();
  append_range(1, 10);
  EXPECT_FALSE(store_->seal());
  EXPECT_EQ(files_on_disk(), 0U);
  EXPECT_EQ(store_->sealed_position(), 0U);
  may = true;
  seal();
  EXPECT_EQ(store_->sealed_position(), 10U);
  EXPECT_EQ(count(), "[{\"n\":10}]");
}

TEST_F(DuckdbStore, NewEngineSeesWhatTheOldOneSaw) {
  options_.engine_commits_max = 2;
  open_store();
  for (std::int64_t i = 1; i <= 6; ++i) {
    append_range(i, i);
    seal();
    EXPECT_EQ(count(), "[{\"n\":" + std::to_string(i) + "}]");
    EXPECT_EQ(count("event_parameter"), "[{\"n\":" + std::to_string(i) + "}]");
  }
}

TEST_F(DuckdbStore, SealCanBeTriedAgainAfterAFailure) {
  open_store();
  append_range(1, 10);
  files_.fail_at = files_.calls + 3;
  EXPECT_FALSE(store_->seal());
  append_range(11, 20);
  seal();
  EXPECT_EQ(count(), "[{\"n\":20}]");
  EXPECT_EQ(files_on_disk(), 1U);
  open_store();
  EXPECT_EQ(count(), "[{\"n\":20}]");
}

TEST_F(DuckdbStore, CompactThatFailsAnywhereLosesAndDoublesNothing) {
  open_store();
  for (std::int64_t i = 0; i < 8; ++i) {
    append_range(i * 10 + 1, i * 10 + 10);
    seal();
  }
  bool merged = false;
  for (int step = 1; !merged; ++step) {
    SCOPED_TRACE(step);
    ASSERT_LT(step, 100);
    files_.calls = 0;
    files_.fail_at = step;
    merged = store_->compact().has_value();
    files_.fail_at = 0;
    EXPECT_EQ(count(), "[{\"n\":80}]");
    open_store();
    EXPECT_EQ(count(), "[{\"n\":80}]");
  }
  EXPECT_EQ(files_on_disk(), 1U);
}

TEST_F(DuckdbStore, DamageIsToldAndTheFolderCanBeMovedAside) {
  open_store();
  append_range(1, 10);
  seal();
  store_.reset();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(options_.folder)) {
    if (entry.path().extension() == ".parquet") {
      std::filesystem::resize_file(entry.path(), 100);
    }
  }
  const auto opened = reopen();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::Code::kCorrupt);
  EXPECT_THAT(opened.error().message, HasSubstr("date=2023-11-14"));
  const base::ManualClock clock(base::from_us(1'700'000'000'000'000));
  const auto moved = move_aside(options_.folder, files_, clock);
  ASSERT_TRUE(moved);
  EXPECT_EQ(*moved, options_.folder + ".damaged-1700000000");
  open_store();
  EXPECT_EQ(store_->sealed_position(), 0U);
  EXPECT_EQ(count(), "[{\"n\":0}]");
  store_.reset();
  const auto again = move_aside(options_.folder, files_, clock);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *moved + "-2") << "within the same second";
  std::filesystem::remove_all(*again);
}

TEST_F(DuckdbStore, BitThatFlipsInAFileIsFoundWhenItIsReadAgain) {
  open_store();
  append_range(1, 10);
  seal();
  store_.reset();
  open_store();
  const auto first = store_->check();
  EXPECT_TRUE(first && *first);
  const auto second = store_->check();
  EXPECT_TRUE(second && !*second) << "there is one file";
  store_.reset();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(options_.folder)) {
    if (entry.path().extension() == ".parquet") {
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(200);
      const auto byte = static_cast<char>(file.get() ^ 4);
      file.seekp(200);
      file.put(byte);
    }
  }
  open_store();
  const auto found = store_->check();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, base::Code::kCorrupt);
  EXPECT_THAT(found.error().message, HasSubstr("the checksum does not fit the content"));
  ASSERT_TRUE(store_->clear());
  append_range(1, 10);
  EXPECT_EQ(count(), "[{\"n\":10}]");
}

TEST_F(DuckdbStore, MissingOrChangedManifestIsDamage) {
  open_store();
  append_range(1, 10);
  seal();
  store_.reset();
  const std::string path = options_.folder + "/manifest.json";
  std::string text;
  {
    std::ifstream in(path);
    text.assign(std::istreambuf_iterator<char>(in), {});
  }
  const std::size_t digit = text.find("\"sealed_position\":10") + 18;
  text[digit] = '2';
  std::ofstream(path) << text;
  EXPECT_EQ(reopen().error().code, base::Code::kCorrupt);
  std::filesystem::remove(path);
  EXPECT_EQ(reopen().error().code, base::Code::kCorrupt);
}

TEST_F(DuckdbStore, FilesOfAnEarlierReleaseLackColumns) {
  open_store();
  append_range(1, 3);
  seal();
  store_.reset();
  // As a release without these columns would have written it.
  const std::string path = options_.folder + "/manifest.json";
  auto text = io::read_file(files_, path, 1U << 20U);
  ASSERT_TRUE(text);
  for (const std::string column : {"page_title", "traffic_source_channel_group",
                                   "traffic_source_category", "user_first_touch"}) {
    const std::string name = "\"" + column + "\",";
    ASSERT_NE(text->find(name), std::string::npos);
    text->erase(text->find(name), name.size());
  }
  const std::size_t body = text->find("{", text->find("\"manifest\""));
  const std::string inner = text->substr(body, text->size() - 2 - body);
  std::ofstream(path) << "{\"crc32c\":" << codec::crc32c(inner) << ",\n\"manifest\":" << inner
                      << "}\n";
  open_store();
  append_range(4, 5);
  EXPECT_EQ(ask("SELECT count(*) AS n, count(event_id) AS ids FROM event WHERE page_title IS NULL "
                "AND traffic_source_channel_group IS NULL AND user_first_touch IS NULL"),
            "[{\"n\":5,\"ids\":5}]");
  seal();
  EXPECT_EQ(count(), "[{\"n\":5}]");
}

TEST_F(DuckdbStore, QueriesCountExactlyWhileRowsAreSealedAndMerged) {
  options_.threads = 2;
  open_store();
  constexpr std::int64_t kStep = 7;
  constexpr std::int64_t kSteps = 100;
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::atomic<int> asked = 0;
  const auto check = [&] {
    while (!done) {
      const Position before = store_->visible_position();
      const auto result = store_->query(
          "SELECT (SELECT count(*) FROM event) AS n, (SELECT coalesce(max(journal_position), 0) "
          "FROM event) AS m, (SELECT count(*) FROM item) AS i",
          ResultFormat::kCsv, {});
      const Position after = store_->visible_position();
      unsigned long long n = 0;
      unsigned long long m = 0;
      unsigned long long i = 0;
      const bool read =
          result && std::sscanf(result->text.c_str() + std::string_view("n,m,i\r\n").size(),
                                "%llu,%llu,%llu", &n, &m, &i) == 3;
      // One event and one item a position: whatever is seen must be seen whole.
      if (!read || n != m || n != i || n < before || n > after) {
        ++wrong;
        ADD_FAILURE() << before << ' ' << after << ' '
                      << (result ? result->text : result.error().message);
      }
      ++asked;
    }
  };
  std::thread first(check);
  std::thread second(check);
  std::thread keeper([&] {
    while (!done) {
      EXPECT_TRUE(store_->seal());
    }
  });
  std::thread merger([&] {
    while (!done) {
      EXPECT_TRUE(store_->compact());
    }
  });
  for (std::int64_t step = 0; step < kSteps && wrong == 0; ++step) {
    Batch batch;
    for (std::int64_t i = step * kStep + 1; i <= (step + 1) * kStep; ++i) {
      batch.events.add({make_event(i)});
      event::ItemRow item;
      item.event_date = kDay;
      item.journal_position = i;
      batch.items.push_back(item);
    }
    batch.through = static_cast<Position>((step + 1) * kStep);
    ASSERT_TRUE(store_->append(std::move(batch)));
    while (asked < step / 4) {
      std::this_thread::yield();
    }
  }
  done = true;
  first.join();
  second.join();
  keeper.join();
  merger.join();
  EXPECT_GT(asked, 2);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(count(), "[{\"n\":700}]");
  EXPECT_EQ(files_on_disk(), store_->stats().files);
}

TEST_F(DuckdbStore, ClearingForgetsRowsAndFilesForGood) {
  open_store();
  append_range(1, 3);
  seal();
  append_range(4, 5);
  ASSERT_TRUE(store_->clear());
  EXPECT_EQ(store_->visible_position(), 0U);
  EXPECT_EQ(store_->sealed_position(), 0U);
  EXPECT_EQ(count(), "[{\"n\":0}]");
  append_range(1, 2);
  EXPECT_EQ(count(), "[{\"n\":2}]");
  ASSERT_TRUE(reopen());
  EXPECT_EQ(count(), "[{\"n\":0}]");
  EXPECT_EQ(files_on_disk(), 0U);
}

}  // namespace
}  // namespace store::duckdb
