#include "store/duckdb/chunk.h"

#include "store/duckdb/tables.h"
#include "store/event_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>
#include <utility>
#include <vector>

namespace store::duckdb {
namespace {

void append_events(std::vector<event::Event> events, std::size_t frozen, ChunkList& chunks) {
  EventList list;
  list.add(std::move(events));
  append_rows(list.rows(), frozen, chunks);
}

std::vector<event::Event> random_events(std::mt19937& random, std::size_t count) {
  std::vector<event::Event> out(count);
  for (event::Event& event : out) {
    // Few columns have values in one batch, so that merging meets columns with and without any.
    const auto mask = random();
    event.app_id = (mask & 1U) != 0 ? "app" + std::to_string(random() % 3) : "";
    event.page_title = (mask & 6U) == 6 ? std::string(random() % 40, 'x') : "";
    if ((mask & 24U) == 24) {
      event.session_number = static_cast<std::int64_t>(random()) - 2'000'000'000;
    }
    if ((mask & 224U) == 224) {
      event.event_value = static_cast<double>(random()) / 7;
    }
    event.journal_position = static_cast<std::int64_t>(random());
  }
  return out;
}

TEST(Chunks, HoldTheRowsAppendedHoweverTheyAreSplit) {
  std::mt19937 random(7);
  const auto columns = table_columns(Table::kEvent);
  const std::size_t app = column_index(columns, "app_id");
  const std::size_t title = column_index(columns, "page_title");
  const std::size_t number = column_index(columns, "session_number");
  const std::size_t value = column_index(columns, "event_value");
  ChunkList chunks;
  std::vector<event::Event> expected;
  for (int round = 0; round < 60; ++round) {
    const auto events = random_events(random, 1 + random() % (round % 20 == 0 ? 5'000 : 30));
    append_events(events, 0, chunks);
    expected.insert(expected.end(), events.begin(), events.end());
  }
  std::size_t at = 0;
  for (const auto& chunk : chunks) {
    const auto text = [&chunk](std::size_t column, std::size_t row) {
      return chunk->column(column).all_null() ? std::string_view()
                                              : chunk->column(column).text(row);
    };
    for (std::size_t row = 0; row < chunk->rows(); ++row, ++at) {
      ASSERT_EQ(text(app, row), expected[at].app_id);
      ASSERT_EQ(text(title, row), expected[at].page_title);
      ASSERT_EQ(chunk->column(number).number(row), expected[at].session_number);
      const auto bits = chunk->column(value).number(row);
      ASSERT_EQ(bits.has_value(), expected[at].event_value.has_value());
      ASSERT_TRUE(!bits || std::bit_cast<double>(*bits) == *expected[at].event_value);
    }
  }
  EXPECT_EQ(at, expected.size());
  EXPECT_LT(chunks.size(), expected.size() / 1'024 + 32);
}

TEST(Chunks, TextThatIsNoUtf8IsRepairedInItsOwnRow) {
  std::vector<event::Event> events(4);
  events[0].page_title = "caf\xC3";
  events[1].page_title = "\xA9 \xC3\xA9";
  events[3].page_title = "plain";
  ChunkList chunks;
  append_events(events, 0, chunks);
  const ChunkColumn& titles =
      chunks.at(0)->column(column_index(table_columns(Table::kEvent), "page_title"));
  EXPECT_EQ(titles.text(0), "caf\xEF\xBF\xBD");
  EXPECT_EQ(titles.text(1), "\xEF\xBF\xBD \xC3\xA9");
  EXPECT_EQ(titles.text(2), "");
  EXPECT_EQ(titles.text(3), "plain");
}

TEST(Chunks, FrozenOnesAreNotMerged) {
  ChunkList chunks;
  const std::vector<event::Event> one(1);
  append_events(one, 0, chunks);
  const auto first = chunks[0];
  for (int more = 0; more < 9; ++more) {
    append_events(one, 1, chunks);
  }
  ASSERT_EQ(chunks.size(), 3U);
  EXPECT_EQ(chunks[0], first);
  EXPECT_EQ(chunks[1]->rows(), 8U);
}

TEST(Chunks, SmallAppendsMakeFewChunks) {
  ChunkList chunks;
  for (int more = 0; more < 5'000; ++more) {
    append_events(std::vector<event::Event>(1), 0, chunks);
    ASSERT_LT(chunks.size(), 5'000U / 1'024 + 32);
  }
  const auto is_full = [](const auto& chunk) { return chunk->rows() > 1'500; };
  EXPECT_GE(std::ranges::count_if(chunks, is_full), 2);
}

TEST(Chunks, ColumnsWithoutValuesTakeNoMemory) {
  ChunkList chunks;
  append_events(std::vector<event::Event>(2'000), 0, chunks);
  ASSERT_EQ(chunks.size(), 1U);
  EXPECT_LT(chunks[0]->memory_bytes(), 2'000U * 30);
}

}  // namespace
}  // namespace store::duckdb
